import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startNode as startWebServer } from '../support/node-server.ts';
import { INTEROP_WANTED, WHY_SKIPPED } from './java-program.ts';
import { buildUndertowBalancer, startUndertow } from './undertow-balancer.ts';
import { UNDERTOW_SAYS, undertowTable } from './undertow-says.ts';

if (!INTEROP_WANTED) console.info(`The words of a real Undertow are not asked for: ${WHY_SKIPPED}`);

it('docs/interop.md has the words of Undertow', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/interop.md'), 'utf8');
  expect(page).toContain(undertowTable());
});

describe.runIf(INTEROP_WANTED)('a real Undertow', { timeout: 60_000 }, () => {
  beforeAll(buildUndertowBalancer, 300_000);

  it('says what a node must be ready for', async () => {
    const undertow = await startUndertow();
    const { port } = await startWebServer('a');
    const gone = await startWebServer('b');
    gone.kill();
    const answered = [];
    for (const { message } of UNDERTOW_SAYS) {
      const [command = '', target = '', body = ''] = message
        .replace('PORT', String(port))
        .replace('CLOSED', String(gone.port))
        .split(' ');
      const answer = await undertow.mcmp(command, body, target);
      const refusal = ['type', 'mess'].map((name) => answer.headers.get(name) ?? '');
      answered.push({ message, status: answer.status, refusal, body: answer.body });
    }
    expect(answered).toEqual(
      UNDERTOW_SAYS.map(({ message, status, refusal = ['', ''], body = /^$/ }) => ({
        message,
        status,
        refusal,
        body: expect.stringMatching(body),
      })),
    );
  });
});
