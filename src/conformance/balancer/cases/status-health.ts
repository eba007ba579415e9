import { outcome, said } from '../../case.ts';
import { inHttpd, inHU } from '../../dialects.ts';
import { demand, demandEqual } from '../../verdict.ts';
import { accepted, answerWords } from '../answers.ts';
import type { BackendOptions } from '../backend.ts';
import { loadInInfo } from '../looks.ts';
import { balancerCase } from '../trial.ts';

const OK = accepted(/State=OK/);
const NOT_OK = accepted(/State=NOTOK/);

/** Bytes of AJP's ping and of the answer to it (reference §5.2). */
const CPING = '\x12\x34\x00\x01\x0a';
const CPONG = 'AB\x00\x01\x09';

/** What STATUS finds out about the node, and who is served then (reference §2.3, §5.3, checklist §11.4). */
export const STATUS_HEALTH_CASES = [
  balancerCase({
    id: 'status/unreachable',
    requirement: 'A STATUS of a node that the balancer cannot reach is answered with State=NOTOK.',
    level: 'should',
    lines: ['MCMP-STATUS-07'],
    spec: '2.3',
    expected: inHU(NOT_OK),
    async run(trial, expected) {
      const { host, port } = await trial.deadAddress();
      const { route } = await trial.node({ contexts: [], load: null, config: { Host: host, Port: port } });
      await trial.expect(expected, 'STATUS', { JVMRoute: route, Load: 100 });
    },
  }),
  balancerCase({
    id: 'status/load-zero-unreachable',
    requirement: 'Load=0 of a node that the balancer cannot reach: pinged all the same, or believed.',
    level: 'may',
    lines: ['MCMP-STATUS-10'],
    spec: '2.3',
    expected: { mcmp: NOT_OK, ...inHttpd(NOT_OK), undertow: OK },
    async run(trial, expected) {
      const { host, port } = await trial.deadAddress();
      const { route } = await trial.node({ contexts: [], load: null, config: { Host: host, Port: port } });
      await trial.expect(expected, 'STATUS', { JVMRoute: route, Load: 0 });
    },
  }),
  balancerCase({
    id: 'status/pings-the-node',
    requirement: 'STATUS with a load makes the balancer send OPTIONS * to an http node before it answers.',
    level: 'should',
    lines: ['MCMP-STATUS-21'],
    spec: '5.3',
    expected: inHU(said('an OPTIONS * at the node before the answer to STATUS')),
    async run(trial) {
      const { route, backend } = await trial.node({ contexts: [], load: null });
      const before = backend.pings.length;
      await trial.must('STATUS', { JVMRoute: route, Load: 100 });
      const pings = backend.pings.length - before;
      demand(pings > 0, 'an OPTIONS * at the node before the answer to STATUS', 'none came');
    },
  }),
  balancerCase({
    id: 'status/pings-an-ajp-node',
    requirement: 'STATUS with a load makes the balancer send CPING to an ajp node.',
    level: 'may',
    lines: ['MCMP-STATUS-22'],
    spec: '5.2',
    tags: ['ajp'],
    needs: ['ajp'],
    expected: {
      mcmp: said('12 34 00 01 0A at the node, State=OK'),
      ...inHttpd(said('12 34 00 01 0A at the node, State=OK')),
    },
    async run(trial) {
      let came = '';
      const raw: BackendOptions['raw'] = (socket) => {
        socket.on('data', (chunk: Buffer) => {
          came += chunk.toString('latin1');
          if (chunk.toString('latin1').endsWith(CPING)) socket.write(Buffer.from(CPONG, 'latin1'));
        });
      };
      const { route } = await trial.node({ contexts: [], load: null, config: { Type: 'ajp' }, backend: { raw } });
      const answer = await trial.must('STATUS', { JVMRoute: route, Load: 100 });
      const hex = Buffer.from(came, 'latin1').toString('hex');
      demand(came.startsWith(CPING), '12 34 00 01 0A at the node', `the bytes ${hex === '' ? '(none)' : hex}`);
      demand(/State=OK/.test(answer.body), 'State=OK', answerWords(answer));
    },
  }),
  balancerCase({
    id: 'status/ajp-node-without-pong',
    requirement:
      'STATUS of an ajp node that answers CPING with something else than CPONG is answered with State=NOTOK.',
    level: 'may',
    lines: [],
    spec: '5.2',
    tags: ['ajp'],
    needs: ['ajp'],
    expected: { mcmp: NOT_OK, ...inHttpd(NOT_OK) },
    async run(trial, expected) {
      const raw: BackendOptions['raw'] = (socket) => {
        socket.on('data', () => socket.write('AB\x00\x01\x08'));
      };
      const { route } = await trial.node({ contexts: [], load: null, config: { Type: 'ajp' }, backend: { raw } });
      await trial.expect(expected, 'STATUS', { JVMRoute: route, Load: 100 });
    },
  }),
  balancerCase({
    id: 'status/broken-node',
    requirement: 'A node that said Load=-1 is not given requests, and INFO shows -1.',
    level: 'should',
    lines: ['MCMP-STATUS-12'],
    spec: '2.3',
    needs: ['traffic'],
    expected: inHU(said('503 for its only context, and Load: -1 in INFO')),
    async run(trial) {
      const { route, context, backend } = await trial.node();
      await trial.must('STATUS', { JVMRoute: route, Load: -1 });
      const answer = await trial.web(`${context}/`);
      demandEqual('requests at the node', backend.requests.length, 0);
      demandEqual('status of the request', answer.status, 503);
      demandEqual('Load in INFO', await loadInInfo(trial, route), -1);
    },
  }),
  balancerCase({
    id: 'status/well-again',
    requirement: 'A node that said Load=-1 is served again as soon as a STATUS with a load is answered with OK.',
    level: 'should',
    lines: ['MCMP-STATUS-13'],
    spec: '2.3',
    needs: ['traffic'],
    expected: inHU(outcome('State=OK, then 200 from the node', OK)),
    async run(trial, { value }) {
      const { route, context } = await trial.node();
      await trial.must('STATUS', { JVMRoute: route, Load: -1 });
      await trial.expect(value, 'STATUS', { JVMRoute: route, Load: 100 });
      const answer = await trial.web(`${context}/`);
      demand(answer.servedBy === route, `an answer of ${route}`, answerWords(answer));
    },
  }),
  balancerCase({
    id: 'status/after-an-error',
    requirement: 'A node that failed a request is served again as soon as a STATUS with a load is answered with OK.',
    level: 'should',
    lines: ['MCMP-STATUS-20'],
    spec: '5.5',
    needs: ['traffic'],
    expected: inHU(outcome('State=OK, then 200 from the node', OK)),
    async run(trial, { value }) {
      const { route, context, backend } = await trial.node();
      await backend.kill();
      const failed = await trial.web(`${context}/`);
      demand(failed.status >= 500, 'a request to a dead node fails', answerWords(failed));
      await backend.revive();
      await trial.expect(value, 'STATUS', { JVMRoute: route, Load: 100 });
      const answer = await trial.web(`${context}/`);
      demand(answer.servedBy === route, `an answer of ${route}`, answerWords(answer));
    },
  }),
];
