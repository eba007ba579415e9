import process from 'node:process';
import { expect, it } from 'vitest';
import { createWire } from '../../../src/node/wire/wire.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { startScriptedBalancer } from '../../support/scripted-balancer.ts';

const NEVER = new AbortController().signal;
const INFO = { method: 'INFO', target: '/', pairs: [] } as const;

// In a file of its own: what other tests leave to close would be counted.
it('an exchange keeps the process alive, a connection that waits for the next one does not', async () => {
  const living = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  const during: number[] = [];
  const peer = await startScriptedBalancer(() => {
    during.push(living());
    return {};
  });
  freeAfter(() => peer.close());
  const wire = createWire(peer.url);
  freeAfter(() => wire.close());
  const after: number[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    await wire.exchange(INFO, NEVER);
    after.push(living());
  }
  // The peer's end of the connection is in this process too.
  expect({ during, after }).toEqual({ during: [2, 2], after: [1, 1] });
  expect(peer.requests.map(({ connection }) => connection)).toEqual([1, 1]);
});
