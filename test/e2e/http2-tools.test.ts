import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { startTestBalancer, type TestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { H2, H2C } from '../support/fronts.ts';
import { programOf } from '../support/needs-program.ts';
import { startNode } from '../support/node-server.ts';

const run = promisify(execFile);
const curl = programOf(['curl'], 'curl', 'HTTP/2 with curl');
const nghttp = programOf(['nghttp'], 'nghttp2-client', 'HTTP/2 with nghttp');
const h2load = programOf(['h2load'], 'nghttp2-client', 'HTTP/2 under the load of h2load');

/** A balancer that speaks HTTP/2 over TLS or without, and a node that repeats what it is sent. */
async function scene(front: typeof H2 | typeof H2C): Promise<{ lb: TestBalancer; url: string }> {
  const lb = await startTestBalancer(front.options);
  const node = await startNode('n1', (request, response, body) => {
    response.end(
      body === '' ? `${request.method} ${request.url} via ${request.headers.via}` : Buffer.from(body, 'latin1'),
    );
  });
  await lb.register('n1', node.port);
  return { lb, url: `${front.scheme}://127.0.0.1:${lb.port}/app` };
}

for (const front of [H2, H2C]) {
  const how = front === H2 ? '--http2' : '--http2-prior-knowledge';

  it.skipIf(curl === undefined)(`curl ${how} is answered over HTTP/2 (${front.name})`, async () => {
    const { url } = await scene(front);
    const format = '\n%{http_version} %{response_code}';
    const { stdout } = await run(curl ?? '', ['-sk', how, '-w', format, `${url}/x?y=1`]);
    expect(stdout).toBe('GET /app/x?y=1 via 2.0 mcmp\n2 200');
  });

  it.skipIf(curl === undefined)(`curl ${how} sends 10 MB there and back (${front.name})`, async () => {
    const { url } = await scene(front);
    const folder = mkdtempSync(join(tmpdir(), 'mcmp-h2-'));
    freeAfter(() => rmSync(folder, { recursive: true }));
    const bytes = randomBytes(10 * 1024 * 1024);
    const file = join(folder, 'body');
    writeFileSync(file, bytes);
    const { stdout } = await run(curl ?? '', ['-sk', how, '--data-binary', `@${file}`, url], {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    });
    const sha256 = (of: Buffer): string => createHash('sha256').update(of).digest('hex');
    expect(sha256(stdout)).toBe(sha256(bytes));
  });

  it.skipIf(nghttp === undefined)(`nghttp sees HEADERS, DATA and no fault (${front.name})`, async () => {
    const { url } = await scene(front);
    const { stdout } = await run(nghttp ?? '', ['-v', '-n', url]);
    expect(stdout).toContain(':status: 200');
    expect(stdout).toContain('END_STREAM');
    expect(stdout).toContain('SETTINGS_MAX_CONCURRENT_STREAMS(0x03):100');
    expect(stdout).not.toMatch(/RST_STREAM|error_code=(?!NO_ERROR)/);
  });

  it.skipIf(h2load === undefined)(`h2load gets an answer to each of 3,000 requests (${front.name})`, async () => {
    const { url, lb } = await scene(front);
    const { stdout } = await run(h2load ?? '', ['-n3000', '-c8', '-m64', '-t1', url]);
    expect(stdout).toContain('3000 succeeded, 0 failed, 0 errored, 0 timeout');
    expect(lb.log.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([]);
  });
}

it.skipIf(curl === undefined)('curl --http1.1 at the same port is answered over HTTP/1.1', async () => {
  const { url } = await scene(H2);
  const { stdout } = await run(curl ?? '', ['-sk', '--http1.1', '-w', '\n%{http_version}', url]);
  expect(stdout).toBe('GET /app via 1.1 mcmp\n1.1');
});
