import { expect, it } from 'vitest';
import { readOnce, snapshotLines } from '../../src/tui/index.ts';
import { startTestBalancer } from '../support/balancer.ts';

it('says of a balancer that does not answer what to do about it', async () => {
  const { mcmpPort } = await startTestBalancer();
  const url = `https://127.0.0.1:${mcmpPort}`;
  const reading = await readOnce([new URL(url)], undefined, {}, new AbortController().signal);
  expect(snapshotLines(reading).slice(0, 2)).toEqual([
    `1 ${url}  does not answer: ${url} does not speak TLS`,
    `      It may speak plain HTTP: try http://127.0.0.1:${mcmpPort}`,
  ]);
});
