import type { Socket } from 'node:net';
import { said } from '../../case.ts';
import { inAll, inHU } from '../../dialects.ts';
import { Deviation, demand, demandEqual } from '../../verdict.ts';
import type { WireConnection } from '../../wire/connection.ts';
import type { BackendOptions, BackendRequest } from '../backend.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';

const SECURITY = { level: 'must', lines: [], tags: ['security'], needs: ['traffic'] } as const;

/** So long an answer is waited for that may never come. */
const ANSWER_TIMEOUT_MS = 2000;

/** What no reader may take for the name of a host (RFC 9110 7.2, RFC 3986 3.2.2). */
const BAD_HOSTS = ['a b', 'a/b', 'a@b', 'a"b', '<a>', 'a\\b', '[::1', 'a:b', 'a#b', 'a?b', 'a%zz'] as const;

/** Sends a request and gives the status of the answer; 0: closed without one. */
async function statusOf(connection: WireConnection, bytes: string): Promise<number> {
  connection.write(bytes);
  await connection
    .until('an answer', (text) => text.includes('\r\n\r\n'), ANSWER_TIMEOUT_MS)
    .catch((error: unknown) => {
      if (!(error instanceof Deviation)) throw error;
    });
  connection.close();
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(connection.received())?.[1];
  if (status === undefined && connection.end() === 'open') throw new Deviation('fail', 'an answer', 'none came');
  return Number(status ?? 0);
}

/** @throws Deviation unless it is refused with 400, or the connection is closed */
async function demandBadRequest(trial: BalancerTrial, what: string, bytes: string): Promise<void> {
  const status = await statusOf(await trial.openTraffic(), bytes);
  if (status === 0 || status === 400) return;
  throw new Deviation(status > 400 && status < 500 ? 'wrong-code' : 'fail', `400 to ${what}`, `status ${status}`);
}

/** Requests that lie about whom they are for, by whom they are, or which way they go. */
export const SECURITY_REQUEST_CASES = [
  balancerCase({
    id: 'security/host-missing-or-twice',
    requirement: 'A request of HTTP/1.1 without Host, or with two, is refused.',
    spec: 'RFC 9112 3.2; CVE-2025-12543',
    ...SECURITY,
    expected: inAll(said('400')),
    async run(trial) {
      const { context } = await trial.node();
      const line = `GET ${context} HTTP/1.1\r\n`;
      const end = 'Connection: close\r\n\r\n';
      const host = `Host: ${trial.webHost}\r\n`;
      await demandBadRequest(trial, 'a request without Host', `${line}${end}`);
      await demandBadRequest(trial, 'a request with two Host lines', `${line}${host}Host: other.test\r\n${end}`);
      await demandBadRequest(trial, 'a request with two equal Host lines', `${line}${host}${host}${end}`);
    },
  }),
  balancerCase({
    id: 'security/host-invalid',
    requirement: 'A request whose Host is no host is refused.',
    spec: 'RFC 9112 3.2; CVE-2025-12543',
    ...SECURITY,
    expected: inAll(said('400')),
    async run(trial) {
      const { context } = await trial.node();
      for (const host of BAD_HOSTS) {
        const bytes = `GET ${context} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
        await demandBadRequest(trial, `Host: ${host}`, bytes);
      }
    },
  }),
  balancerCase({
    id: 'security/dot-segments',
    requirement: 'A path that leaves its context by dots, as they are or encoded, is not forwarded for that context.',
    spec: 'RFC 3986 5.2.4; GHSA-2q7r-29rg-6m5h',
    ...SECURITY,
    expected: inAll(said('refused, or forwarded with a path inside the context by any reading')),
    async run(trial) {
      await demandInside(trial, [
        '/../',
        '/x/../../',
        '/./../',
        '//../',
        '/%2e%2e/',
        '/%2E./',
        '/.%2e/',
        '/..%2f',
        '/%2e%2e%2f',
      ]);
    },
  }),
  balancerCase({
    id: 'security/dot-dot-semicolon',
    requirement:
      'A path that leaves its context for who cuts parameters off, or reads a backslash, is not forwarded for it.',
    spec: 'CVE-2024-1459',
    ...SECURITY,
    expected: inAll(said('refused, or forwarded with a path inside the context by any reading')),
    async run(trial) {
      await demandInside(trial, ['/..;/', '/..;x=y/', ';x/..;/..;/', '/%2e%2e;/', '/..%3b/', '/..%5c', '/x/..;/..;a/']);
    },
  }),
  balancerCase({
    id: 'security/connection-names-forwarded',
    requirement: 'Connection takes no header away that the balancer itself adds about the client.',
    spec: 'CVE-2022-31813',
    ...SECURITY,
    expected: inHU(said('X-Forwarded-For with the address of the client')),
    async run(trial) {
      const node = await trial.node();
      await trial.web(node.context);
      const address = node.backend.requests[0]?.header('x-forwarded-for') ?? '';
      demand(address !== '', 'X-Forwarded-For at the node', 'there is none, with or without Connection');
      for (const name of ['X-Forwarded-For', 'x-forwarded-for']) {
        const request = await seenWith(trial, node, `Connection: close, ${name}\r\n`);
        demandEqual(
          `X-Forwarded-For with Connection: ${name}`,
          request.header('x-forwarded-for') ?? 'missing',
          address,
        );
      }
    },
  }),
  balancerCase({
    id: 'security/connection-names-stay-here',
    requirement: 'Connection and what it names go no further than the balancer.',
    spec: 'RFC 9110 7.6.1; CVE-2022-31813',
    ...SECURITY,
    expected: inAll(said('neither the header that Connection names, nor its name in Connection')),
    async run(trial) {
      const node = await trial.node();
      const request = await seenWith(
        trial,
        node,
        'Connection: close, X-Secret-Hop, X-Forwarded-For\r\nX-Secret-Hop: 1\r\n',
      );
      demandEqual('X-Secret-Hop at the node', request.header('x-secret-hop') ?? 'missing', 'missing');
      const connection = request.header('connection') ?? '';
      demand(!/x-secret-hop|x-forwarded-for/i.test(connection), 'Connection without these names', connection);
    },
  }),
  balancerCase({
    id: 'security/client-fault-is-not-node-fault',
    requirement: 'What a client does wrong does not put a node into error.',
    spec: 'CVE-2022-2053',
    ...SECURITY,
    deadlineMs: 20_000,
    expected: inAll(said('the next request is served by the node, whose load in INFO stays')),
    async run(trial) {
      const node = await trial.node({ backend: RUDE });
      const load = (await trial.nodeLine(node.route))?.load ?? 0;
      const start = `POST ${node.context} HTTP/1.1\r\nHost: ${trial.webHost}\r\n`;
      const faults: readonly (readonly [string, string])[] = [
        ['sends chunks that break off', `${start}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n`],
        ['leaves in the middle of its body', `${start}Content-Length: 1000\r\n\r\nhello`],
        [
          'sends more than the node takes',
          `${start}Connection: close\r\nContent-Length: ${TOO_MUCH}\r\n\r\n${'x'.repeat(TOO_MUCH)}`,
        ],
        [
          'names a method that the node does not know',
          `BREW ${node.context} HTTP/1.1\r\nHost: ${trial.webHost}\r\nConnection: close\r\n\r\n`,
        ],
        [
          'sends a header that the node finds too long',
          `GET ${node.context} HTTP/1.1\r\nHost: ${trial.webHost}\r\nConnection: close\r\nX-Long: ${'x'.repeat(6000)}\r\n\r\n`,
        ],
      ];
      for (const [what, bytes] of faults) {
        const connection = await trial.openTraffic();
        connection.write(bytes);
        await connection
          .until('an answer', (text) => text !== '', 300)
          .catch((error: unknown) => {
            if (!(error instanceof Deviation)) throw error;
          });
        connection.close();
        const answer = await trial.web(node.context);
        demand(answer.status === 200, `200 from the node after a client that ${what}`, `status ${answer.status}`);
        const line = await trial.nodeLine(node.route);
        demandEqual(`load in INFO after a client that ${what}`, line?.load ?? 'no line', load);
      }
    },
  }),
];

const TOO_MUCH = 300_000;

/** A server that resets the connection without a word when it is told too much, or something that it does not know. */
const RUDE: BackendOptions = {
  raw(socket: Socket) {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const headEnd = text.indexOf('\r\n\r\n');
      const head = headEnd === -1 ? text : text.slice(0, headEnd);
      if (head.length > 4096 || text.startsWith('BREW ') || /Content-Length: \d{6}/i.test(head))
        socket.resetAndDestroy();
      else if (headEnd === -1) return;
      else if (text.startsWith('GET ') || text.startsWith('OPTIONS ')) {
        text = '';
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      }
    });
  },
};

async function seenWith(
  trial: BalancerTrial,
  node: { readonly context: string; readonly backend: { readonly requests: readonly BackendRequest[] } },
  lines: string,
): Promise<BackendRequest> {
  const before = node.backend.requests.length;
  const connection = await trial.openTraffic();
  connection.write(`GET ${node.context} HTTP/1.1\r\nHost: ${trial.webHost}\r\n${lines}\r\n`);
  await connection.answer('GET');
  connection.close();
  const request = node.backend.requests[before];
  demand(request !== undefined, 'the request at the node', 'it did not come');
  return request;
}

/** What servers make of a path on the way to choosing an application. */
const READINGS: readonly ((path: string) => string)[] = [
  resolveDots,
  (path) => resolveDots(decode(path)),
  (path) => resolveDots(decode(withoutParameters(path))),
  (path) => resolveDots(withoutParameters(decode(path))),
  (path) => resolveDots(decode(path).replaceAll('\\', '/')),
];

/** @throws Deviation when a path comes to a node that some server reads as one of another context */
async function demandInside(trial: BalancerTrial, ways: readonly string[]): Promise<void> {
  const node = await trial.node();
  const other = await trial.node();
  const found: string[] = [];
  for (const way of ways) {
    const target = `${node.context}${way}${other.context.slice(1)}`;
    const before = node.backend.requests.length;
    const bytes = `GET ${target} HTTP/1.1\r\nHost: ${trial.webHost}\r\nConnection: close\r\n\r\n`;
    const status = await statusOf(await trial.openTraffic(), bytes);
    const path = node.backend.requests[before]?.target.replace(/\?.*$/s, '');
    if (path === undefined) continue;
    const inside = (text: string): boolean => text === node.context || text.startsWith(`${node.context}/`);
    if (!READINGS.every((read) => inside(read(path)))) found.push(`${target} came to the node as ${path} (${status})`);
  }
  demand(found.length === 0, `paths inside ${node.context} at the node that serves it`, found.join('; '));
}

function withoutParameters(path: string): string {
  return path.replace(/;[^/]*/g, '');
}

function decode(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function resolveDots(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}
