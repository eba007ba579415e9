import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { defineCase, said } from '../../../src/conformance/case.ts';
import { inAll } from '../../../src/conformance/dialects.ts';
import { runCase } from '../../../src/conformance/engine/run-case.ts';
import { openWire, type WireConnection } from '../../../src/conformance/wire/connection.ts';
import { freeAfter } from '../../support/cleanup.ts';

it('an exchange that failed for want of an answer is in the result, although nobody closed its connection', async () => {
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  freeAfter(() => void silent.close());
  const url = new URL(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  const one = defineCase({
    id: 'ping/answered',
    requirement: 'A PING is answered.',
    level: 'must',
    lines: [],
    spec: '2.4',
    expected: inAll(said('an answer')),
    async run(open: () => Promise<WireConnection>) {
      const connection = await open();
      connection.write('PING / HTTP/1.1\r\n\r\n');
      await connection.answer('PING', 30);
    },
  });
  const { verdict, exchanges } = await runCase(
    one,
    (run) => () => openWire(url, { with: 'mcmp', nowMs: run.nowMs, signal: run.signal, record: run.record }),
    { dialect: 'mcmp', number: 0, seed: 1, deadlineMs: 10_000, signal: new AbortController().signal },
  );
  expect(verdict).toBe('fail');
  expect(exchanges).toMatchObject([{ with: 'mcmp', sent: 'PING / HTTP/1.1\r\n\r\n', received: '', end: 'open' }]);
});
