import { request } from 'undici';
import { describe, expect, it } from 'vitest';
import { readWishes, WISHES } from '../../../src/node/application/wishes.ts';
import { type Clock, systemClock } from '../../../src/node/clock.ts';
import { openRaw, talk } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { serveApplication } from './serve-application.ts';

function get(target: string, method = 'GET'): string {
  return `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
}

describe('wishes in the query', () => {
  it.each(Object.entries(WISHES))('the example of %s is understood', (name, { example }) => {
    const wishes = readWishes(new URLSearchParams(example));
    const nothing = readWishes(new URLSearchParams());
    expect(example.startsWith(`${name}=`)).toBe(true);
    expect(wishes).not.toBeTypeOf('string');
    expect(wishes).not.toEqual(nothing);
  });

  it.each([
    ['sleep=soon', 'expected a duration'],
    ['sleep=11m', 'at most 10m'],
    ['status=99', 'from 200 to 599'],
    ['status=101', 'from 200 to 599'],
    ['status=2e2', 'from 200 to 599'],
    ['size=-1', 'expected a size'],
    ['size=2GiB', 'at most 1GiB'],
    ['stream=0', 'from 1 to 10000'],
    ['stream=10001', 'from 1 to 10000'],
    ['stream=2,1GiB', 'at most 1GiB in all'],
    ['stream=100,1,1m', 'at most 10m in all'],
    ['stream=1,1,1,1', 'too many values'],
    ['stream=1,5&size=10', 'size says the bytes already'],
    ['session=new', 'none|end'],
  ])('?%s is refused: %s', async (query, words) => {
    const { port } = await serveApplication();
    const answer = await talk(port, get(`/shop?${query}`));
    expect(answer.status).toBe(400);
    const { error } = JSON.parse(answer.body) as { error: string };
    expect(error).toContain(words);
    expect(error).toContain('for example ?');
  });

  it('size is sent exactly, with its length', async () => {
    const { port } = await serveApplication();
    const answer = await request(`http://127.0.0.1:${port}/shop?size=300001`);
    expect((await answer.body.arrayBuffer()).byteLength).toBe(300_001);
    expect(answer.headers).toMatchObject({ 'content-length': '300001', 'x-route': 'n1' });
  });

  it('a stream comes in parts of unknown length in all, under any status', async () => {
    const { port } = await serveApplication();
    const answer = await talk(port, get('/shop?stream=3,4,1ms&status=500&sleep=1'));
    expect(answer.status).toBe(500);
    expect(answer.headers.get('transfer-encoding')).toBe('chunked');
    expect(answer.body).toBe('4\r\nmcmp\r\n4\r\nmcmp\r\n4\r\nmcmp\r\n0\r\n\r\n');
  });

  it('a stream divides a size', async () => {
    const { port } = await serveApplication();
    const answer = await talk(port, get('/shop?stream=3,,1ms&size=10'));
    expect(answer.body).toBe('3\r\nmcm\r\n4\r\nmcmp\r\n3\r\nmcm\r\n0\r\n\r\n');
  });

  it('the head of a stream comes before its first pause', async () => {
    const { port } = await serveApplication();
    const client = await openRaw(port);
    client.write(get('/shop?stream=2,0,4m'));
    expect(await client.until((text) => text.includes('\r\n\r\n'))).toContain('200 OK');
  });

  it.each(['sleep=10m', 'stream=2,10,4m', 'size=1GiB'])('?%s is over when the client goes', async (query) => {
    const { port, connections } = await serveApplication();
    const client = await openRaw(port);
    client.socket.pause();
    client.write(get(`/shop?${query}`));
    await waitFor(async () => (await connections()) === 1);
    client.socket.resetAndDestroy();
    await waitFor(async () => (await connections()) === 0);
  });

  it('sleep and the pauses of a stream are as long as was asked for', async () => {
    const sleptMs: number[] = [];
    const clock: Clock = {
      ...systemClock,
      sleep: async (ms) => {
        sleptMs.push(ms);
      },
    };
    const { port } = await serveApplication({ clock });
    await talk(port, get('/shop?sleep=0.06s&stream=3,1,1.5s'));
    expect(sleptMs).toEqual([60, 1_500, 1_500]);
  });

  it.each([
    ['/shop', 'content-length'],
    ['/shop?size=1GiB', 'content-length'],
    ['/other', 'content-length'],
  ])('HEAD %s has the %s of GET and no content', async (target, header) => {
    const { port } = await serveApplication();
    const answer = await talk(port, get(target, 'HEAD'));
    expect(Number(answer.headers.get(header))).toBeGreaterThan(0);
    expect(answer.body).toBe('');
  });

  it('HEAD waits for no part of a stream', async () => {
    const { port } = await serveApplication();
    const answer = await talk(port, get('/shop?stream=2,10,4m', 'HEAD'));
    expect(answer.body).toBe('');
    expect(answer.status).toBe(200);
  });

  it.each([204, 205, 304])('status %d has no content', async (status) => {
    const { port } = await serveApplication();
    const answer = await talk(port, get(`/shop?status=${status}&size=10`));
    expect([answer.status, answer.body]).toEqual([status, '']);
  });
});
