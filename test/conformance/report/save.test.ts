import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSavingReporter } from '../../../src/conformance/report/save.ts';
import type { RunReport } from '../../../src/conformance/result.ts';
import { kept, MOST_KEPT_BYTES } from '../../../src/conformance/wire/recorded.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { exchange, result, runReport, targetReport, tell, temporaryFolder, variedRun } from './sample.ts';

async function saved(report: RunReport): Promise<{ readonly folder: string; readonly files: readonly string[] }> {
  const folder = join(temporaryFolder(), 'kept', 'here');
  await tell(await createSavingReporter(folder, report.targets.length > 1), report);
  return { folder, files: filesOf(folder) };
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.split(sep).join('/'))
    .sort();
}

function documentOf(folder: string, path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, path), 'utf8')) as Record<string, unknown>;
}

describe('saved exchanges', () => {
  it('are those of cases that deviate, and a page says how to send them again', async () => {
    const { folder, files } = await saved(variedRun());
    expect(files).toEqual([
      'README.md',
      'manager/none.1.sent',
      'manager/none.json',
      'status/dirty.1.sent',
      'status/dirty.json',
      'status/load-out-of-range.1.sent',
      'status/load-out-of-range.2.sent',
      'status/load-out-of-range.json',
      'status/wrong.1.sent',
      'status/wrong.json',
      'wire/three.1.sent',
      'wire/three.json',
    ]);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain('nc 127.0.0.1 8090 < TOPIC/CASE.N.sent');
  });

  it('hold every byte, and what people and replays read of it', async () => {
    const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    const sent = `CONFIG / HTTP/1.1\r\nHost: a\r\nX: 1\r\nx: 2\r\n__proto__: 3\r\n\r\n${bytes}`;
    const received = 'HTTP/1.1 500 ERROR\r\nType: MEM\r\n\r\nno';
    const bad = result('a/b', 'fail', {
      exchanges: [exchange({ sent, received }), exchange({ sent: bytes, received: bytes })],
    });
    const { folder } = await saved(runReport([targetReport([bad])]));
    expect(readFileSync(join(folder, 'a/b.1.sent'), 'latin1')).toBe(sent);
    expect(readFileSync(join(folder, 'a/b.2.sent'), 'latin1')).toBe(bytes);
    const document = documentOf(folder, 'a/b.json');
    expect(document).toMatchObject({ case: 'a/b', verdict: 'fail', expected: '500 of type MEM', dialect: 'httpd-2' });
    const [first, second] = document['exchanges'] as { request?: { headers: object } }[];
    expect(first).toMatchObject({
      sent,
      received,
      request: { method: 'CONFIG', uri: '/', headers: { host: 'a', x: '1, 2' }, body: bytes },
      response: { status: 500, headers: { type: 'MEM' }, body: 'no' },
    });
    expect(Object.keys(first?.request?.headers ?? {})).toContain('__proto__');
    expect(second).toMatchObject({ sent: bytes, received: bytes });
    expect(second).not.toHaveProperty('request');
  });

  it('can be sent again as they are', async () => {
    const { folder } = await saved(variedRun());
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    freeAfter(() => void server.close());
    const heard = new Promise<string>((resolve) => {
      server.once('connection', (socket) => {
        let text = '';
        socket.on('data', (chunk) => {
          text += chunk.toString('latin1');
        });
        socket.on('end', () => {
          socket.end();
          resolve(text);
        });
      });
    });
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.end(readFileSync(join(folder, 'status/wrong.1.sent')));
    expect(await heard).toBe(exchange().sent);
  });

  it.each([
    ['../../escape', 'escape.json'],
    ['/etc/passwd', 'etc/passwd.json'],
    ['..', 'unnamed.json'],
    ['a/../../b', 'a/b.json'],
    ['a\\..\\b', 'a-..-b.json'],
    ['a/\u0000\n:*?', 'a.json'],
    ['', 'unnamed.json'],
    [`a/${'x'.repeat(300)}`, `a/${'x'.repeat(100)}.json`],
  ])('of a case called %j stay in their folder', async (id, file) => {
    const { files } = await saved(runReport([targetReport([result(id, 'fail')])]));
    expect(files).toContain(file);
    expect(files).toHaveLength(3);
  });

  it('have names of their own, also where letters of one case only differ', async () => {
    const { files } = await saved(
      runReport([targetReport([result('a/b', 'fail'), result('a/B', 'fail'), result('a//b', 'fail')])]),
    );
    expect(files.filter((file) => file.endsWith('.json'))).toEqual(['a/B-2.json', 'a/b-3.json', 'a/b.json']);
  });

  it('of several targets stand in folders of their own', async () => {
    const bad = [result('a/b', 'fail')];
    const { files } = await saved(runReport([targetReport(bad), targetReport(bad, { name: 'http://127.0.0.1:8091' })]));
    const folders = new Set(files.map((file) => file.split('/').slice(0, -2).join('/')));
    expect(folders.size).toBe(3);
  });

  it('can be read by their owner alone', async () => {
    const { folder, files } = await saved(variedRun());
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(files.filter((file) => (statSync(join(folder, file)).mode & 0o777) !== 0o600)).toEqual([]);
    expect(statSync(join(folder, 'status')).mode & 0o777).toBe(0o700);
  });

  it('that were cut are no bytes to send, and what a node was answered is none either', async () => {
    const long = exchange({ sent: kept('x'.repeat(MOST_KEPT_BYTES + 1)) });
    const { files } = await saved(
      runReport([targetReport([result('a/b', 'fail', { exchanges: [long, exchange({ with: 'node' }), exchange()] })])]),
    );
    expect(files).toEqual(['README.md', 'a/b.3.sent', 'a/b.json']);
  });

  it('of a good run are none, and a folder that is there keeps its mode', async () => {
    const folder = join(temporaryFolder(), 'mine');
    mkdirSync(folder, { mode: 0o755 });
    await tell(await createSavingReporter(folder, false), runReport([targetReport([result('a/b')])]));
    expect(filesOf(folder)).toEqual([]);
    expect(statSync(folder).mode & 0o777).toBe(0o755);
  });

  it('need a folder', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    const wanted = { code: 'MCMP_SAVE_FOLDER', kind: 'usage', hint: expect.any(String) };
    await expect(createSavingReporter(path, false)).rejects.toMatchObject(wanted);
  });
});
