import { type Outcome, outcome } from '../../case.ts';
import { inHttpd } from '../../dialects.ts';
import { Deviation, demandEqual, NotHere } from '../../verdict.ts';
import { accepted, refused, UNREADABLE } from '../answers.ts';
import { demandNode, demandNoNode, type NodeFacts, nodeInDump, ownNode } from '../own-node.ts';
import { balancerCase } from '../trial.ts';
import { isRefusal, oneField, refusedAs } from './config-effects.ts';

const NO_ROUTE = refused('SYNTAX', "SYNTAX: JVMRoute can't be empty");

interface Defaults {
  /** Fields of the address that are sent. */
  readonly sends: readonly ('Host' | 'Port')[];
  readonly node: NodeFacts;
}

const HTTPD_DEFAULTS: Outcome<Defaults> = outcome(
  'Host localhost, Type ajp, Flushpackets Off, Flushwait 10, Ping 10, Smax -1, Ttl 60',
  {
    sends: ['Port'],
    node: {
      domain: '',
      host: 'localhost',
      type: 'ajp',
      flushPackets: 'off',
      flushWaitMs: 10,
      pingSeconds: 10,
      smax: -1,
      ttlSeconds: 60,
    },
  },
);

const UNDERTOW_DEFAULTS: Outcome<Defaults> = outcome('Type http, Flushpackets Off, Flushwait 10, Ping 10000, Ttl 60', {
  sends: ['Host', 'Port'],
  node: { domain: '', type: 'http', flushPackets: 'off', flushWaitMs: 10, pingSeconds: 10_000, ttlSeconds: 60 },
});

const NGINX_DEFAULTS: Outcome<Defaults> = outcome(
  'Host localhost, Type ajp, Flushpackets Off, Flushwait 0, Ping 10, Smax 1, Ttl 60',
  { sends: ['Port'], node: { ...HTTPD_DEFAULTS.value.node, flushWaitMs: 0, smax: 1 } },
);

const UNKNOWN_IGNORED = refusedAs(accepted());

/** Fields of CONFIG that are there, and those that are not (reference §2.1, checklist §11.2). */
export const CONFIG_FIELD_CASES = [
  balancerCase({
    id: 'config/without-route',
    requirement: 'A CONFIG has to name the node.',
    level: 'may',
    lines: ['MCMP-CONFIG-01'],
    spec: '2.1',
    expected: { mcmp: NO_ROUTE, ...inHttpd(NO_ROUTE), nginx: NO_ROUTE },
    async run(trial, expected) {
      const { address } = await ownNode(trial);
      await trial.expect(expected, 'CONFIG', address);
    },
  }),
  balancerCase({
    id: 'config/without-route-mem',
    requirement: 'Undertow refuses a CONFIG without JVMRoute as MEM (and yet keeps a node that is called null).',
    level: 'may',
    lines: ['MCMP-CONFIG-02'],
    spec: '2.1.3',
    disturbs: true,
    expected: { undertow: refused('MEM', "MEM: Can't update or insert node") },
    async run(trial, expected) {
      // The second such CONFIG is accepted, and nobody can remove the node but the health check.
      if ((await trial.nodeLine('null')) !== undefined) throw new NotHere('there is a node called null already');
      const { address } = await ownNode(trial);
      await trial.expect(expected, 'CONFIG', address);
    },
  }),
  balancerCase({
    id: 'config/empty-body',
    requirement: 'A CONFIG without a body is refused.',
    level: 'may',
    lines: ['MCMP-CONFIG-03'],
    spec: '2.1',
    expected: { mcmp: UNREADABLE, ...inHttpd(UNREADABLE), nginx: NO_ROUTE },
    async run(trial, expected) {
      await trial.expect(expected, 'CONFIG', '');
    },
  }),
  oneField(
    {
      id: 'config/empty-value',
      requirement:
        'A field without a value is refused by httpd and Undertow; ours takes it for a field that was not sent.',
      level: 'may',
      lines: ['MCMP-CONFIG-04', 'MCMP-CONFIG-05'],
    },
    ['Domain', ''],
    {
      mcmp: outcome('200, and no LBGroup', { domain: '' }),
      ...inHttpd(refusedAs(UNREADABLE)),
      undertow: refusedAs(refused('SYNTAX', 'SYNTAX: Invalid field Domain in message')),
    },
  ),
  balancerCase({
    id: 'config/unknown-field',
    requirement: 'A field that nobody knows is passed over; Undertow refuses the message.',
    level: 'may',
    lines: ['MCMP-CONFIG-06', 'MCMP-CONFIG-07'],
    spec: '2.1',
    expected: {
      mcmp: UNKNOWN_IGNORED,
      ...inHttpd(UNKNOWN_IGNORED),
      nginx: UNKNOWN_IGNORED,
      undertow: refusedAs(refused('SYNTAX', 'SYNTAX: Invalid field Foo in message')),
    },
    async run(trial, { value }) {
      const { fields, route } = await ownNode(trial, { Foo: 1 });
      if (isRefusal(value) && value.status !== 200) {
        await trial.expect(value, 'CONFIG', fields);
        await demandNoNode(trial, route);
        return;
      }
      await trial.must('CONFIG', fields);
      await demandNode(trial, route);
    },
  }),
  balancerCase({
    id: 'config/defaults',
    requirement: 'What a CONFIG does not say has a value all the same.',
    level: 'may',
    lines: ['MCMP-CONFIG-08', 'MCMP-CONFIG-09'],
    spec: '2.1',
    expected: {
      mcmp: HTTPD_DEFAULTS,
      ...inHttpd(HTTPD_DEFAULTS),
      undertow: UNDERTOW_DEFAULTS,
      nginx: NGINX_DEFAULTS,
    },
    async run(trial, { value: { sends, node } }) {
      const { route, backend } = await ownNode(trial);
      const address = { Host: backend.host, Port: backend.port };
      const sent = sends.map((field) => [field, address[field]] as const);
      await trial.must('CONFIG', [['JVMRoute', route], ['Balancer', trial.balancer], ...sent]);
      await demandNode(trial, route, { ...node, port: String(backend.port) });
    },
  }),
  balancerCase({
    id: 'config/default-address',
    requirement: 'A CONFIG that names only the route gets an address and a balancer too.',
    level: 'may',
    lines: ['MCMP-CONFIG-08', 'MCMP-CONFIG-09'],
    spec: '2.1',
    needs: ['empty'],
    isolated: false,
    disturbs: true,
    expected: {
      mcmp: outcome('localhost:8009 in mycluster', { host: 'localhost', port: '8009' }),
      ...inHttpd(outcome('localhost:8009 in mycluster', { host: 'localhost', port: '8009' })),
      undertow: outcome('Host null, Port -1, in mycluster', { host: 'null', port: '-1' }),
    },
    async run(trial, { value }) {
      const route = trial.route();
      await trial.must('CONFIG', { JVMRoute: route });
      await demandNode(trial, route, value);
      const balancer = (await trial.nodeLine(route))?.balancer ?? '';
      if (balancer === 'mycluster') return;
      // httpd can be told another (ManagerBalancerName).
      throw new Deviation(balancer === '' ? 'fail' : 'non-strict', 'Balancer: mycluster', `Balancer: ${balancer}`);
    },
  }),
  balancerCase({
    id: 'config/balancer-letter-case',
    requirement: 'The name of a balancer is brought to lower case, but for Undertow.',
    level: 'may',
    lines: ['MCMP-CONFIG-10', 'MCMP-CONFIG-11'],
    spec: '2.1',
    expected: {
      mcmp: outcome('in lower case', true),
      ...inHttpd(outcome('in lower case', true)),
      undertow: outcome('as it was sent', false),
    },
    async run(trial, { value: lower }) {
      const sent = trial.balancer.toUpperCase();
      const shown = lower ? trial.balancer : sent;
      const { fields, route } = await ownNode(trial, { Balancer: sent });
      await trial.must('CONFIG', fields);
      await demandNode(trial, route, { balancer: shown });
      demandEqual('Balancer in DUMP', (await nodeInDump(trial, route)).balancer, shown);
    },
  }),
];
