import { said } from '../../case.ts';
import { inHU } from '../../dialects.ts';
import { Deviation, demand, demandEqual } from '../../verdict.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';

/** Kept connections, pipelining, HEAD and clients of HTTP/1.0 (reference §6.1, RFC 9112; checklist §11.12). */

const get = (trial: BalancerTrial, path: string, lines = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${trial.webHost}\r\n${lines}\r\n`;

export const PROXIED_CONNECTION_CASES = [
  balancerCase({
    id: 'proxy/kept-connections',
    requirement: 'Requests of a client that keeps its connection do not each open one to the node.',
    level: 'should',
    lines: ['MCMP-PROXY-15'],
    spec: '6.1',
    needs: ['traffic'],
    expected: inHU(said('fewer connections to the node than requests')),
    async run(trial) {
      const node = await trial.node();
      const connection = await trial.openTraffic();
      const requests = 5;
      for (let sent = 0; sent < requests; sent++) {
        connection.write(get(trial, node.context));
        const answer = await connection.answer('GET');
        demandEqual('status', answer.status, 200);
        demand(answer.keepAlive, 'the connection of the client is kept', `closed behind answer ${sent + 1}`);
      }
      connection.close();
      const opened = new Set(node.backend.requests.map((request) => request.connection)).size;
      demand(opened < requests, `fewer than ${requests} connections to the node`, String(opened));
    },
  }),
  balancerCase({
    id: 'proxy/pipelined',
    requirement: 'Requests that come in one write are answered in their order, also when the first node is slower.',
    level: 'must',
    lines: [],
    spec: 'RFC 9112 §9.3.2',
    needs: ['traffic'],
    expected: inHU(said('the answer of the slow node, then that of the quick one')),
    async run(trial) {
      const slow = await trial.node({
        backend: {
          answer(_, response) {
            setTimeout(() => response.end('slow'), 100);
          },
        },
      });
      const quick = await trial.node({ backend: { answer: (_, response) => response.end('quick') } });
      const connection = await trial.openTraffic();
      connection.write(get(trial, slow.context) + get(trial, quick.context));
      const first = await connection.answer('GET');
      demandEqual('first answer', first.body, 'slow');
      if (/\bclose\b/i.test(first.headers.get('connection') ?? '')) {
        // A server may close instead (RFC 9112 §9.3.2); the client has to send the rest again.
        throw new Deviation('non-strict', 'both answers', 'one answer, and the connection is closed');
      }
      demandEqual('second answer', (await connection.answer('GET')).body, 'quick');
      connection.close();
    },
  }),
  balancerCase({
    id: 'proxy/head',
    requirement: 'The answer to HEAD has no body, and the next request on the connection is answered.',
    level: 'must',
    lines: [],
    spec: 'RFC 9110 §9.3.2',
    needs: ['traffic'],
    expected: inHU(said('200 without a body, then 200 with one')),
    async run(trial) {
      const node = await trial.node();
      const connection = await trial.openTraffic();
      connection.write(get(trial, node.context).replace('GET', 'HEAD'));
      const head = await connection.answer('HEAD');
      demandEqual('status of HEAD', head.status, 200);
      demandEqual('method at the node', node.backend.requests[0]?.method ?? 'none', 'HEAD');
      demand(head.keepAlive, 'the connection of the client is kept', 'closed behind the answer to HEAD');
      connection.write(get(trial, node.context));
      const answer = await connection.answer('GET');
      demandEqual('status of GET', answer.status, 200);
      demandEqual('body of GET', answer.body, `served by ${node.route}\n`);
      connection.close();
    },
  }),
  balancerCase({
    id: 'proxy/http-10-chunks',
    requirement: 'A client of HTTP/1.0 is sent no chunks: a response of unknown length ends with its connection.',
    level: 'must',
    lines: [],
    spec: 'RFC 9112 §6.1',
    needs: ['traffic'],
    expected: inHU(said('the body without Transfer-Encoding, then a closed connection')),
    async run(trial) {
      const node = await trial.node({
        backend: {
          answer(_, response) {
            response.write('one ');
            response.end('two');
          },
        },
      });
      const connection = await trial.openTraffic();
      connection.write(`GET ${node.context} HTTP/1.0\r\nHost: ${trial.webHost}\r\n\r\n`);
      demandEqual('end of the connection', await connection.ended(), 'closed');
      const { status, headers, body } = await connection.answer('GET');
      demandEqual('status', status, 200);
      demandEqual('Transfer-Encoding', headers.get('transfer-encoding') ?? 'none', 'none');
      demandEqual('body', body, 'one two');
    },
  }),
  balancerCase({
    id: 'proxy/http-10-closes',
    requirement: 'The connection of a client of HTTP/1.0 that does not ask to keep it is closed behind the answer.',
    level: 'must',
    lines: [],
    spec: 'RFC 9112 §9.3',
    needs: ['traffic'],
    expected: inHU(said('200 with the whole body, then a closed connection')),
    async run(trial) {
      const node = await trial.node();
      const connection = await trial.openTraffic();
      connection.write(`GET ${node.context} HTTP/1.0\r\nHost: ${trial.webHost}\r\n\r\n`);
      const answer = await connection.answer('GET');
      demandEqual('status', answer.status, 200);
      demandEqual('body', answer.body, `served by ${node.route}\n`);
      demandEqual('end of the connection', await connection.ended(), 'closed');
    },
  }),
];
