import type { FlushPackets } from '../../../core/cluster/records.ts';
import { type Outcome, outcome, said } from '../../case.ts';
import { inAll, inHttpd, inHU } from '../../dialects.ts';
import { Deviation, demandEqual, NotHere } from '../../verdict.ts';
import { type AnswerExpectation, accepted, GENERIC_FAILURE, refused, UNREADABLE } from '../answers.ts';
import { demandNode, demandNoNode, type NodeFacts, nodeInDump, ownNode } from '../own-node.ts';
import { type BalancerCase, balancerCase } from '../trial.ts';

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

/** What a value does to a CONFIG: it is refused, or INFO shows it so. */
type Effect = Outcome<AnswerExpectation | NodeFacts>;

function isRefusal(value: AnswerExpectation | NodeFacts): value is AnswerExpectation {
  return 'status' in value;
}

const refusedAs = (answer: AnswerExpectation): Effect => outcome(answer.words, answer);

/** One field with one value. */
function oneField(
  facts: Pick<BalancerCase, 'id' | 'requirement' | 'level' | 'lines'>,
  field: readonly [name: string, value: string | number],
  expected: Readonly<Partial<Record<'mcmp' | 'httpd-2' | 'httpd-1.3' | 'undertow' | 'nginx', Effect>>>,
): BalancerCase {
  return balancerCase({
    ...facts,
    spec: '2.1',
    expected,
    async run(trial, { value }) {
      const { fields, route } = await ownNode(trial, { [field[0]]: field[1] });
      if (isRefusal(value)) {
        await trial.expect(value, 'CONFIG', fields);
        await demandNoNode(trial, route);
        return;
      }
      await trial.must('CONFIG', fields);
      await demandNode(trial, route, value);
    },
  });
}

/** Flushpackets as INFO and DUMP show it. */
type Flush = Outcome<{ readonly info: FlushPackets; readonly dump: FlushPackets }>;

function flush(info: FlushPackets, dump: FlushPackets = info): Flush {
  const numbers = { off: 0, on: 1, auto: 2 };
  return outcome(`${info} in INFO, ${numbers[dump]} in DUMP`, { info, dump });
}

function flushCase(
  facts: Pick<BalancerCase, 'id' | 'requirement' | 'level' | 'lines'>,
  sent: string,
  expected: Readonly<Partial<Record<'mcmp' | 'httpd-2' | 'httpd-1.3' | 'undertow' | 'nginx', Flush>>>,
): BalancerCase {
  return balancerCase({
    ...facts,
    spec: '2.1',
    expected,
    async run(trial, { value }) {
      const { fields, route } = await ownNode(trial, { flushpackets: sent });
      await trial.must('CONFIG', fields);
      await demandNode(trial, route, { flushPackets: value.info });
      demandEqual('flushpackets in DUMP', (await nodeInDump(trial, route)).flushPackets, value.dump);
    },
  });
}

const DURATIONS = [
  ['ping', 'Ping'],
  ['ttl', 'TTL'],
  ['Timeout', 'Timeout'],
  ['flushwait', 'Flushwait'],
] as const;

const UNKNOWN_IGNORED = refusedAs(accepted());

/** Fields of CONFIG and their values (reference §2.1, checklist §11.2). */
export const CONFIG_VALUE_CASES = [
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
  balancerCase({
    id: 'config/negative-durations',
    requirement: 'A duration below zero is no duration.',
    level: 'may',
    lines: ['MCMP-CONFIG-22'],
    spec: '2.1',
    expected: {
      mcmp: said('500 SYNTAX: ... field has bad value'),
      ...inHttpd(said('500 SYNTAX: ... field has bad value')),
    },
    async run(trial) {
      for (const [field, name] of DURATIONS) {
        const { fields, route } = await ownNode(trial, { [field]: '-1' });
        await trial.expect(refused('SYNTAX', `SYNTAX: ${name} field has bad value`), 'CONFIG', fields);
        await demandNoNode(trial, route);
      }
    },
  }),
  balancerCase({
    id: 'config/duration-units',
    requirement: 'Durations may have units.',
    level: 'may',
    lines: ['MCMP-CONFIG-23'],
    spec: '2.1',
    expected: { mcmp: said('Ping: 2, Ttl: 60'), ...inHttpd(said('Ping: 2, Ttl: 60')) },
    async run(trial) {
      const { fields, route } = await ownNode(trial, { ping: '2000ms', ttl: '1mi' });
      await trial.must('CONFIG', fields);
      await demandNode(trial, route, { pingSeconds: 2, ttlSeconds: 60 });
    },
  }),
  oneField(
    {
      id: 'config/flushwait',
      requirement: 'A bare number of flushwait is in milliseconds.',
      level: 'may',
      lines: ['MCMP-CONFIG-24'],
    },
    ['flushwait', 25],
    inAll(outcome('Flushwait: 25', { flushWaitMs: 25 })),
  ),
  oneField(
    {
      id: 'config/duration-without-number',
      requirement: 'A duration has to begin with a number.',
      level: 'may',
      lines: ['MCMP-CONFIG-25'],
    },
    ['ping', 'abc'],
    {
      mcmp: refusedAs(refused('SYNTAX', 'SYNTAX: Ping field has bad value')),
      ...inHttpd(refusedAs(refused('SYNTAX', 'SYNTAX: Ping field has bad value'))),
      undertow: refusedAs(GENERIC_FAILURE),
    },
  ),
  oneField(
    {
      id: 'config/number-without-digits',
      requirement: 'httpd takes for 0 what is no number; others refuse it.',
      level: 'may',
      lines: [],
    },
    ['smax', 'abc'],
    {
      mcmp: refusedAs(refused('SYNTAX', 'SYNTAX: Smax field has bad value')),
      ...inHttpd(outcome('Smax: 0', { smax: 0 })),
      undertow: refusedAs(GENERIC_FAILURE),
    },
  ),
  balancerCase({
    id: 'config/port-without-digits',
    requirement: 'httpd and nginx keep any text as a port; others refuse what is no number.',
    level: 'may',
    lines: [],
    spec: '2.1',
    expected: {
      mcmp: refusedAs(refused('SYNTAX', 'SYNTAX: Port field has bad value')),
      'httpd-2': outcome('the text is the port', {}),
      nginx: outcome('the text is the port', {}),
      undertow: refusedAs(GENERIC_FAILURE),
    },
    async run(trial, { value }) {
      const { fields, route, backend } = await ownNode(trial);
      const port = `p${backend.port}`;
      if (isRefusal(value)) {
        await trial.expect(value, 'CONFIG', { ...fields, Port: port });
        await demandNoNode(trial, route);
        return;
      }
      await trial.must('CONFIG', { ...fields, Port: port });
      await demandNode(trial, route, { port });
    },
  }),
  balancerCase({
    id: 'config/settings-shown',
    requirement: 'INFO and DUMP show the settings of a node.',
    level: 'must',
    lines: [],
    spec: '2.1',
    expected: inAll(said('Ping: 11, Smax: 5, Ttl: 61, and in DUMP timeout: 7')),
    async run(trial) {
      const { fields, route } = await ownNode(trial, { ping: 11, smax: 5, ttl: 61, Timeout: 7 });
      await trial.must('CONFIG', fields);
      await demandNode(trial, route, { pingSeconds: 11, smax: 5, ttlSeconds: 61 });
      const { pingSeconds, smax, ttlSeconds, timeoutSeconds } = await nodeInDump(trial, route);
      demandEqual(
        'ping, smax, ttl, timeout in DUMP',
        [pingSeconds, smax, ttlSeconds, timeoutSeconds].join(),
        '11,5,61,7',
      );
    },
  }),
  flushCase(
    {
      id: 'config/flush-on',
      requirement: 'flushpackets=On is shown.',
      level: 'should',
      lines: ['MCMP-CONFIG-34'],
    },
    'On',
    { ...inHU(flush('on')), nginx: flush('off', 'on') },
  ),
  flushCase(
    {
      id: 'config/flush-auto',
      requirement: 'flushpackets=auto is shown; Undertow takes it for On.',
      level: 'may',
      lines: ['MCMP-CONFIG-35'],
    },
    'auto',
    { mcmp: flush('auto'), ...inHttpd(flush('auto')), undertow: flush('on') },
  ),
  oneField(
    {
      id: 'config/host-zone',
      requirement: 'The zone of an IPv6 address means nothing to others and is left out.',
      level: 'may',
      lines: ['MCMP-CONFIG-36'],
    },
    ['Host', '[::1%eth0]'],
    {
      mcmp: outcome('Host: [::1]', { host: '[::1]' }),
      ...inHttpd(outcome('Host: [::1]', { host: '[::1]' })),
    },
  ),
  balancerCase({
    id: 'config/type-behind-ws-tunnel',
    requirement: 'Where httpd tunnels WebSockets (EnableWsTunnel), http nodes are shown as ws and https nodes as wss.',
    level: 'may',
    lines: ['MCMP-CONFIG-55'],
    spec: '2.1.2',
    needs: ['ws-tunnel'],
    expected: inHttpd(said('Type: ws for http, wss for https')),
    async run(trial) {
      for (const [sent, type] of [
        ['http', 'ws'],
        ['https', 'wss'],
      ] as const) {
        const { fields, route } = await ownNode(trial, { Type: sent });
        await trial.must('CONFIG', fields);
        await demandNode(trial, route, { type });
      }
    },
  }),
  balancerCase({
    id: 'config/domain',
    requirement: 'The domain of a node is shown as LBGroup.',
    level: 'must',
    lines: ['MCMP-CONFIG-56'],
    spec: '2.1',
    expected: inAll(said('LBGroup in INFO and in DUMP')),
    async run(trial) {
      const domain = trial.domain();
      const { fields, route } = await ownNode(trial, { Domain: domain });
      await trial.must('CONFIG', fields);
      await demandNode(trial, route, { domain });
      demandEqual('LBGroup in DUMP', (await nodeInDump(trial, route)).domain, domain);
    },
  }),
  balancerCase({
    id: 'config/domain-changed',
    requirement: 'Another CONFIG of a node changes its domain; Undertow keeps what it knows.',
    level: 'may',
    lines: ['MCMP-CONFIG-57'],
    spec: '2.1.2',
    expected: {
      mcmp: outcome('the new one', 'new'),
      ...inHttpd(outcome('the new one', 'new')),
      nginx: outcome('the new one', 'new'),
      undertow: outcome('the old one', 'old'),
    },
    async run(trial, { value }) {
      const [before, after] = [trial.domain(), trial.domain()];
      const { fields, route } = await ownNode(trial, { Domain: before });
      await trial.must('CONFIG', fields);
      await trial.must('CONFIG', { ...fields, Domain: after });
      await demandNode(trial, route, { domain: value === 'new' ? after : before });
    },
  }),
];
