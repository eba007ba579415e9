import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../../src/balancer/management/events/record.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { programOf } from '../../support/needs-program.ts';
import { startNode } from '../../support/node-server.ts';

const PAGE = readFileSync(new URL('../../../docs/api/README.md', import.meta.url), 'utf8');
const LINES = [...PAGE.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'));
const CURL = programOf(['curl'], 'curl', 'the examples of docs/api/README.md are pasted');
const run = promisify(execFile);

describe('docs/api/README.md', () => {
  it.skipIf(CURL === undefined)('has examples that work as they are pasted, one after the other', async () => {
    const lb = await startTestBalancer();
    for (const route of ['node1', 'node2', 'node3']) {
      const node = await startNode(route);
      await lb.register(route, node.port, { contexts: '/shop,/api' });
    }
    expect(LINES.length).toBeGreaterThan(10);
    for (const line of LINES) {
      const { stdout } = await run('sh', ['-c', line.replace('127.0.0.1:8090', `127.0.0.1:${lb.mcmpPort}`)]);
      expect([line, stdout]).toEqual([line, expect.not.stringContaining('MCMP_')]);
      expect([line, stdout]).toEqual([line, expect.stringMatching(/schemaVersion":1|^ok\n$|ready|nothing new/)]);
      if (line.includes('commands')) expect([line, stdout]).toEqual([line, expect.stringContaining('"ok":true')]);
    }
  });

  it('names every type of event', () => {
    for (const type of Object.keys(EVENT_TYPES)) expect(PAGE).toContain(`\`${type}\``);
  });

  it('links to files that are there', () => {
    for (const [, link = ''] of PAGE.matchAll(/\]\(([^)]+)\)/g)) {
      expect(() => readFileSync(new URL(`../../../docs/api/${link}`, import.meta.url))).not.toThrow();
    }
  });
});
