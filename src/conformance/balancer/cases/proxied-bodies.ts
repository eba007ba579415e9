import { said } from '../../case.ts';
import { inHttpd, inHU } from '../../dialects.ts';
import { demand, demandEqual } from '../../verdict.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';
import { demandServed } from '../web-demands.ts';

/** How bodies pass in both directions (reference §6.2, §6.4, checklist §11.12). */

const MEBIBYTE = 1024 * 1024;

const RECORD_BYTES = 4096;

/** Numbered records: none can be lost, doubled or exchanged without being seen. */
function patterned(bytes: number): string {
  const filler = 'abcdefghijklmno\n'.repeat(RECORD_BYTES / 16 - 1);
  const count = Math.ceil(bytes / RECORD_BYTES);
  return Array.from({ length: count }, (_, index) => `${String(index).padStart(15, '.')}\n${filler}`)
    .join('')
    .slice(0, bytes);
}

/** In chunks of 8 KiB. */
function chunked(body: string, trailer = ''): string {
  let out = '';
  for (let at = 0; at < body.length; at += 8192) {
    const part = body.slice(at, at + 8192);
    out += `${part.length.toString(16)}\r\n${part}\r\n`;
  }
  return `${out}0\r\n${trailer}\r\n`;
}

/** @throws Deviation `fail` unless both are equal; says where they differ, and not all of them */
function demandSameBytes(what: string, actual: string, expected: string): void {
  if (actual === expected) return;
  let at = 0;
  while (at < actual.length && actual[at] === expected[at]) at++;
  const found = `${actual.length} bytes, another one at ${at}: ${JSON.stringify(actual.slice(at, at + 40))}`;
  demand(false, `${what}: ${expected.length} bytes as they were sent`, found);
}

const postHead = (trial: BalancerTrial, path: string, lines: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: ${trial.webHost}\r\n${lines}\r\n`;

export const PROXIED_BODY_CASES = [
  balancerCase({
    id: 'proxy/chunked-post',
    // So many bytes keep this process busy: the nodes of other cases could be too late for a ping.
    isolated: false,
    requirement: 'A POST of 1 MB in chunks reaches the node whole.',
    level: 'should',
    lines: ['MCMP-PROXY-07'],
    spec: '6.2',
    needs: ['traffic'],
    expected: inHU(said('200, and the whole body at the node')),
    async run(trial) {
      const node = await trial.node();
      const body = patterned(MEBIBYTE);
      const connection = await trial.openTraffic();
      connection.write(postHead(trial, node.context, 'Transfer-Encoding: chunked\r\n') + chunked(body));
      demandEqual('status', (await connection.answer('POST')).status, 200);
      connection.close();
      demandSameBytes('body at the node', node.backend.requests[0]?.body ?? '', body);
    },
  }),
  balancerCase({
    id: 'proxy/long-post',
    // So many bytes keep this process busy: the nodes of other cases could be too late for a ping.
    isolated: false,
    requirement: 'A POST of 10 MB with its length reaches the node whole.',
    level: 'should',
    lines: [],
    spec: '6.2',
    needs: ['traffic'],
    // Undertow refuses entities above a limit of its own, 2 MiB as it comes (measured on 2.3.27).
    expected: {
      mcmp: said('200, and the whole body at the node'),
      ...inHttpd(said('200, and the whole body at the node')),
    },
    async run(trial) {
      const node = await trial.node();
      const body = patterned(10 * MEBIBYTE);
      demandServed(await trial.web(node.context, { method: 'POST', body, timeoutMs: 9_000 }), node);
      demandSameBytes('body at the node', node.backend.requests[0]?.body ?? '', body);
    },
  }),
  balancerCase({
    id: 'proxy/long-responses',
    // So many bytes keep this process busy: the nodes of other cases could be too late for a ping.
    isolated: false,
    requirement: 'A response of 1 MB reaches the client whole, with its length or in chunks.',
    level: 'should',
    lines: [],
    spec: '6.2',
    needs: ['traffic'],
    expected: inHU(said('200 with the whole body, both times')),
    async run(trial) {
      const body = patterned(MEBIBYTE);
      const node = await trial.node({
        backend: {
          answer(request, response) {
            if (request.url?.endsWith('/length')) response.setHeader('Content-Length', String(body.length));
            response.write(body.slice(0, 100_000));
            response.end(body.slice(100_000));
          },
        },
      });
      for (const kind of ['length', 'chunks']) {
        const answer = await trial.web(`${node.context}/${kind}`);
        demandEqual('status', answer.status, 200);
        demandSameBytes(`body with ${kind}`, answer.body, body);
      }
    },
  }),
  balancerCase({
    id: 'proxy/continue',
    requirement: 'A client that waits with `Expect: 100-continue` is told to go on before its body is needed.',
    level: 'should',
    lines: ['MCMP-PROXY-09'],
    spec: '6.4',
    needs: ['traffic'],
    expected: inHU(said('100, then 200, and the body at the node')),
    async run(trial) {
      const node = await trial.node();
      const connection = await trial.openTraffic();
      connection.write(postHead(trial, node.context, 'Expect: 100-continue\r\nContent-Length: 4\r\n'));
      await connection.until('a 100 before the body', (received) => /^HTTP\/1\.1 100 [\s\S]*?\r\n\r\n/.test(received));
      connection.write('body');
      demandEqual('status', (await connection.answer('POST')).status, 200);
      connection.close();
      demandSameBytes('body at the node', node.backend.requests[0]?.body ?? '', 'body');
    },
  }),
  balancerCase({
    id: 'proxy/streaming',
    requirement: 'What a node has sent of its response reaches the client while the node thinks about the rest.',
    level: 'should',
    lines: ['MCMP-PROXY-10'],
    spec: '6.1',
    needs: ['traffic'],
    expected: inHU(said('the first part before the node sends the second')),
    async run(trial) {
      let sendRest = (): void => undefined;
      const node = await trial.node({
        // httpd gathers small parts unless it is told to flush.
        config: { flushpackets: 'on' },
        backend: {
          answer(_, response) {
            response.write('the first part');
            sendRest = () => response.end(' and the rest');
          },
        },
      });
      const connection = await trial.openTraffic();
      connection.write(`GET ${node.context} HTTP/1.1\r\nHost: ${trial.webHost}\r\n\r\n`);
      await connection.until('the first part by itself', (received) => received.includes('the first part'));
      sendRest();
      demandEqual('body', (await connection.answer('GET')).body, 'the first part and the rest');
      connection.close();
    },
  }),
  balancerCase({
    id: 'proxy/trailers-of-request',
    requirement: 'A trailer field is passed on as a trailer or dropped: it never becomes a header of the request.',
    level: 'must',
    lines: [],
    spec: 'RFC 9110 §6.5.1',
    tags: ['trailers'],
    needs: ['traffic'],
    expected: inHU(said('the body whole, no such header, and the next request is read')),
    async run(trial) {
      const node = await trial.node();
      const connection = await trial.openTraffic();
      const lines = 'Transfer-Encoding: chunked\r\nTrailer: X-Checksum\r\n';
      connection.write(postHead(trial, node.context, lines) + chunked('body', 'X-Checksum: 12\r\n'));
      const answer = await connection.answer('POST');
      demandEqual('status', answer.status, 200);
      const [seen] = node.backend.requests;
      demandSameBytes('body at the node', seen?.body ?? '', 'body');
      demandEqual('X-Checksum among the headers', seen?.header('x-checksum') ?? 'none', 'none');
      if (answer.keepAlive) {
        connection.write(`GET ${node.context}/next HTTP/1.1\r\nHost: ${trial.webHost}\r\n\r\n`);
        demandEqual('status of the next request', (await connection.answer('GET')).status, 200);
      }
      connection.close();
    },
  }),
  balancerCase({
    id: 'proxy/forbidden-trailers',
    requirement: 'Credentials and addresses in a trailer are refused or dropped: they never become headers.',
    level: 'must',
    lines: [],
    spec: 'RFC 9110 §6.5.1',
    tags: ['trailers'],
    needs: ['traffic'],
    expected: inHU(said('400, or a request without these headers')),
    async run(trial) {
      const node = await trial.node();
      const connection = await trial.openTraffic();
      const trailer = 'Authorization: Basic eDp5\r\nX-Forwarded-For: 192.0.2.7\r\n';
      connection.write(postHead(trial, node.context, 'Transfer-Encoding: chunked\r\n') + chunked('body', trailer));
      const { status } = await connection.answer('POST');
      connection.close();
      demand(status === 200 || status === 400, '200 or 400', String(status));
      for (const seen of node.backend.requests) {
        demandEqual('Authorization among the headers', seen.header('authorization') ?? 'none', 'none');
        const forwarded = seen.header('x-forwarded-for') ?? '';
        demand(!forwarded.includes('192.0.2.7'), 'no X-Forwarded-For of the trailer', `X-Forwarded-For: ${forwarded}`);
      }
    },
  }),
  balancerCase({
    id: 'proxy/trailers-of-response',
    requirement: 'A trailer field of the node never becomes a header of the response.',
    level: 'must',
    lines: [],
    spec: 'RFC 9110 §6.5.1',
    tags: ['trailers'],
    needs: ['traffic'],
    expected: inHU(said('the body whole, no such header')),
    async run(trial) {
      const node = await trial.node({
        backend: {
          answer(_, response) {
            response.setHeader('Trailer', 'X-Checksum');
            response.write('body');
            response.addTrailers({ 'X-Checksum': '12' });
            response.end();
          },
        },
      });
      const answer = await trial.web(node.context);
      demandEqual('status', answer.status, 200);
      demandEqual('body', answer.body, 'body');
      demandEqual('X-Checksum among the headers', answer.headers.get('x-checksum') ?? 'none', 'none');
    },
  }),
];
