import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';

const ROOT = new URL('../../', import.meta.url);
const PAGE = readFileSync(new URL('docs/node.md', ROOT), 'utf8');

describe.each([
  ['examples/plain-http.mjs', '/hello/world', 'hello from /hello/world\n'],
  ['examples/express.mjs', '/shop/7', '{"item":"7"}'],
  ['examples/fastify.mjs', '/shop/7', '{"item":"7"}'],
])('%s', (file, path, body) => {
  test('stands in docs/node.md as it is', () => {
    expect(PAGE).toContain(`\`\`\`js\n${readFileSync(new URL(file, ROOT), 'utf8')}\`\`\`\n`);
  });

  test('runs as written: serves through the balancer, and leaves it when it is told to end', async () => {
    const balancer = await startTestBalancer();
    const child = spawn(process.execPath, [file, `http://127.0.0.1:${balancer.mcmpPort}`], {
      cwd: fileURLToPath(ROOT),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    freeAfter(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    const written = once(child.stdout, 'data').then(([chunk]) => String(chunk));
    expect(await Promise.race([written, ended.then(([code]) => `ended with ${code}`)])).toContain('registered with');
    expect(await balancer.get(path)).toMatchObject({ status: 200, body });
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect((await balancer.mcmp('INFO')).body).not.toContain('Context: ');
  });
});
