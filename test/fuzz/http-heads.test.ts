import { describe, expect, test } from 'vitest';
import {
  createRequestWriteOptions,
  createResponseWriteOptions,
  describeClient,
  writeRequestHead,
  writeResponseHead,
} from '../../src/core/http/index.ts';
import { driveRequest, driveResponse } from '../core/http/drive.ts';
import { SMUGGLING_ATTEMPTS } from '../core/http/smuggling-corpus.ts';

/** `MCMP_FUZZ=full` (npm run fuzz) tries a million heads, `npm test` fewer; always the same ones. */
const HEADS = process.env['MCMP_FUZZ'] === 'full' ? 1_000_000 : 20_000;
const SEED = 0x6d636d70;

/** Pieces that have made readers disagree, to be put where they do not belong. */
const SPLICES = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\n\n',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '"',
  '\0',
  '\x0b',
  '\x7f',
  '\x80',
  '\xa0',
  '0',
  '5',
  '+',
  '-',
  '0x',
  'chunked',
  'Host: b\r\n',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: Host\r\n',
  ' HTTP/1.1',
  'GET / HTTP/1.1\r\n',
];

const SEEDS: readonly string[] = [
  ...SMUGGLING_ATTEMPTS.map(({ bytes }) => bytes),
  'GET /a HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: x\r\nAccept: */*\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nCookie: a=b; SID=c\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n',
  'CONFIG / HTTP/1.1\r\nHost: a\r\nContent-Length: 14\r\n\r\nJVMRoute=node1',
  'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: keep-alive\r\nKeep-Alive: timeout=20\r\n\r\nhello',
  'HTTP/1.0 302\r\nLocation: /\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b\r\n\r\n0\r\n\r\n',
];

/** Marsaglia's xorshift: enough for choosing, and the same everywhere. */
function chooser(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutate(bytes: string, choose: (below: number) => number): string {
  let mutated = bytes;
  for (let changes = 1 + choose(3); changes > 0; changes--) {
    const at = choose(mutated.length + 1);
    const to = Math.min(mutated.length, at + choose(4));
    const kind = choose(4);
    if (kind === 0) mutated = mutated.slice(0, at) + String.fromCharCode(choose(256)) + mutated.slice(to);
    else if (kind === 1) mutated = mutated.slice(0, at) + mutated.slice(to);
    else if (kind === 2) mutated = mutated.slice(0, at) + SPLICES[choose(SPLICES.length)] + mutated.slice(at);
    else mutated = mutated.slice(0, at) + mutated.slice(choose(at + 1), to) + mutated.slice(at);
  }
  return mutated;
}

describe('mutated heads', () => {
  test(`of ${HEADS} each is refused, or means for the node what it means for us`, { timeout: 600_000 }, () => {
    const choose = chooser(SEED);
    const requestOptions = createRequestWriteOptions(describeClient('192.0.2.1', 'http'));
    const responseOptions = createResponseWriteOptions();
    let sound = 0;
    for (let i = 0; i < HEADS; i++) {
      const bytes = mutate(SEEDS[choose(SEEDS.length)] ?? '', choose);
      const request = driveRequest(bytes, 1 + choose(bytes.length + 1));
      if (request.code === 'ok') {
        sound++;
        const written = writeRequestHead(request.head, requestOptions);
        const node = driveRequest(written + bytes.slice(request.head.text.length));
        const same =
          node.code === 'ok' &&
          node.rest === request.rest &&
          node.body === request.body &&
          node.head.method === request.head.method &&
          request.head.target.endsWith(node.head.target.slice(1)) &&
          lenientRequests(written) === 1;
        if (!same) expect.fail(`not the same request: ${JSON.stringify(bytes)} became ${JSON.stringify(written)}`);
      }
      const response = driveResponse(bytes);
      if (response.code === 'ok') {
        sound++;
        const client = driveResponse(writeResponseHead(response.head, responseOptions));
        const same = client.code === 'ok' && client.head.status === response.head.status && client.rest === '';
        if (!same) expect.fail(`not the same response: ${JSON.stringify(bytes)}`);
      }
    }
    expect(sound).toBeGreaterThan(HEADS / 100);
  });
});

/** How many request lines a reader sees who ends lines at CR, LF or both. */
function lenientRequests(head: string): number {
  return head.split(/[\r\n]+/).filter((line) => /^[^\s:]+ \S+ HTTP\/1\.[01]$/.test(line)).length;
}
