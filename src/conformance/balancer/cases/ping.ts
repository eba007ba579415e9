import { outcome, said } from '../../case.ts';
import { inAll, inHttpd, inHU } from '../../dialects.ts';
import { demandEqual } from '../../verdict.ts';
import { type AnswerExpectation, accepted, refused } from '../answers.ts';
import { loadInInfo } from '../looks.ts';
import { FIELDS_MISSING, invalidField, NODE_UNKNOWN, ROUTE_UNKNOWN } from '../refusals.ts';
import { balancerCase } from '../trial.ts';

const OK = accepted(/State=OK/);
const NOT_OK = accepted(/State=NOTOK/);

type OfRoute = (route: string) => AnswerExpectation;
const always = (answer: AnswerExpectation) => outcome<OfRoute>(answer.words, () => answer);

/** PING (reference §2.4, checklist §11.5). */
export const PING_CASES = [
  balancerCase({
    id: 'ping/balancer',
    requirement: 'A PING without a body asks whether the balancer is there.',
    level: 'should',
    lines: ['MCMP-PING-01'],
    spec: '2.4',
    expected: inHU({ ...accepted(/^Type=PING-RSP&State=OK&id=-?[0-9]+\n?$/), words: '`Type=PING-RSP&State=OK&id=N`' }),
    async run(trial, expected) {
      await trial.expect(expected, 'PING');
    },
  }),
  balancerCase({
    id: 'ping/node',
    requirement: 'A PING of a node that can be reached.',
    level: 'may',
    lines: ['MCMP-PING-02'],
    spec: '2.4',
    expected: {
      ...inHU(
        outcome<OfRoute>('`Type=PING-RSP&JVMRoute=R&State=OK&id=N` and LF', (route) =>
          accepted(new RegExp(`^Type=PING-RSP&JVMRoute=${route}&State=OK&id=-?[0-9]+\\n$`)),
        ),
      ),
      undertow: outcome<OfRoute>('`Type=PING-RSP&State=OK&id=N` without LF', () =>
        accepted(/^Type=PING-RSP&State=OK&id=[0-9]+$/),
      ),
    },
    async run(trial, { value }) {
      const { route } = await trial.node({ contexts: [] });
      await trial.expect(value(route), 'PING', { JVMRoute: route });
    },
  }),
  balancerCase({
    id: 'ping/unreachable-node',
    requirement: 'A PING of a node that the balancer cannot reach is answered with State=NOTOK.',
    level: 'should',
    lines: ['MCMP-PING-03'],
    spec: '2.4',
    expected: inHU(NOT_OK),
    async run(trial, expected) {
      const { host, port } = await trial.deadAddress();
      const { route } = await trial.node({ contexts: [], load: null, config: { Host: host, Port: port } });
      await trial.expect(expected, 'PING', { JVMRoute: route });
    },
  }),
  balancerCase({
    id: 'ping/unknown-route',
    requirement: 'A PING of a node that was never configured.',
    level: 'may',
    lines: ['MCMP-PING-04'],
    spec: '2.4',
    expected: {
      mcmp: always(NOT_OK),
      ...inHttpd(outcome<OfRoute>(ROUTE_UNKNOWN.words, ROUTE_UNKNOWN.of)),
      undertow: always(NOT_OK),
      nginx: always(NODE_UNKNOWN),
    },
    async run(trial, { value }) {
      const route = trial.route();
      await trial.expect(value(route), 'PING', { JVMRoute: route });
    },
  }),
  balancerCase({
    id: 'ping/host-without-port',
    requirement: 'A PING of an address that has a Host but no Port is refused.',
    level: 'should',
    lines: ['MCMP-PING-05'],
    spec: '2.4',
    expected: inAll(FIELDS_MISSING),
    async run(trial, expected) {
      await trial.expect(expected, 'PING', { Scheme: 'http', Host: '127.0.0.1' });
    },
  }),
  balancerCase({
    id: 'ping/without-scheme',
    requirement: 'A PING of an address that has no Scheme.',
    level: 'may',
    lines: ['MCMP-PING-06'],
    spec: '2.4',
    expected: { mcmp: FIELDS_MISSING, ...inHttpd(FIELDS_MISSING), undertow: OK },
    async run(trial, expected) {
      const { host, port } = await trial.backend();
      await trial.expect(expected, 'PING', { Host: host, Port: port });
    },
  }),
  balancerCase({
    id: 'ping/unsupported-scheme',
    requirement: 'A PING of an address with a scheme that no node speaks.',
    level: 'may',
    lines: ['MCMP-PING-07'],
    spec: '2.4',
    expected: {
      mcmp: refused('SYNTAX', 'PING Unsupported scheme: ftp'),
      'httpd-2': refused('SYNTAX', 'PING Unsupported scheme: ftp'),
      'httpd-1.3': OK,
      undertow: OK,
    },
    async run(trial, expected) {
      const { host, port } = await trial.backend();
      await trial.expect(expected, 'PING', { Scheme: 'ftp', Host: host, Port: port });
    },
  }),
  balancerCase({
    id: 'ping/address-of-no-node',
    requirement: 'A PING of a live web server that is no node.',
    level: 'may',
    lines: ['MCMP-PING-08', 'MCMP-PING-09'],
    spec: '2.4',
    expected: { mcmp: OK, 'httpd-2': NOT_OK, 'httpd-1.3': OK, undertow: OK },
    async run(trial, expected) {
      const { host, port } = await trial.backend();
      await trial.expect(expected, 'PING', { Scheme: 'http', Host: host, Port: port });
    },
  }),
  balancerCase({
    id: 'ping/address-of-a-node',
    requirement: 'A PING of the address of a node that can be reached is answered with State=OK.',
    level: 'should',
    lines: ['MCMP-PING-08'],
    spec: '2.4',
    expected: inHU(OK),
    async run(trial) {
      const { backend } = await trial.node({ contexts: [] });
      // httpd makes its worker for the address a moment after the CONFIG, in each process on its own.
      await trial.until('State=OK for the address of a node', async () => {
        const answer = await trial.must('PING', { Scheme: 'http', Host: backend.host, Port: backend.port });
        return /State=OK/.test(answer.body);
      });
    },
  }),
  balancerCase({
    id: 'ping/dead-ajp-address',
    requirement: 'A PING of an ajp address where nobody listens is answered with State=NOTOK.',
    level: 'should',
    lines: ['MCMP-PING-10'],
    spec: '2.4',
    expected: inHU(NOT_OK),
    async run(trial, expected) {
      const { host, port } = await trial.deadAddress();
      await trial.expect(expected, 'PING', { Scheme: 'ajp', Host: host, Port: port });
    },
  }),
  balancerCase({
    id: 'ping/route-and-address',
    requirement: 'Of a PING with a route and an address only the route counts.',
    level: 'should',
    lines: ['MCMP-PING-11'],
    spec: '2.4',
    expected: inHU(said('OK for a live route with a dead address, NOTOK for a dead route with a live address')),
    async run(trial) {
      const dead = await trial.deadAddress();
      const live = await trial.node({ contexts: [] });
      const lost = await trial.node({ contexts: [], load: null, config: { Host: dead.host, Port: dead.port } });
      const at = ({ host, port }: { host: string; port: number }) => ({ Scheme: 'http', Host: host, Port: port });
      await trial.expect(OK, 'PING', { JVMRoute: live.route, ...at(dead) });
      await trial.expect(NOT_OK, 'PING', { JVMRoute: lost.route, ...at(live.backend) });
    },
  }),
  balancerCase({
    id: 'ping/unknown-field',
    requirement: 'A field that PING does not know.',
    level: 'may',
    lines: ['MCMP-PING-12'],
    spec: '2.4',
    expected: { ...inAll(invalidField('Foo')), mcmp: OK, undertow: OK },
    async run(trial, expected) {
      await trial.expect(expected, 'PING', { Foo: 1 });
    },
  }),
  balancerCase({
    id: 'ping/finds-a-dead-node',
    requirement: 'Whether a PING that did not reach a node is seen in INFO.',
    level: 'may',
    lines: ['MCMP-PING-13'],
    spec: '2.4',
    expected: {
      ...inHttpd(outcome('State=NOTOK, and INFO keeps the load', 100)),
      undertow: outcome('State=NOTOK, and Load: -1 in INFO', -1),
    },
    async run(trial, { value: load }) {
      const { route, backend } = await trial.node({ contexts: [] });
      await backend.kill();
      await trial.expect(NOT_OK, 'PING', { JVMRoute: route });
      demandEqual('Load in INFO', await loadInInfo(trial, route), load);
    },
  }),
];
