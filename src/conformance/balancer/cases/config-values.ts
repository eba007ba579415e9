import type { FlushPackets } from '../../../core/cluster/records.ts';
import { type Outcome, outcome, said } from '../../case.ts';
import { inAll, inHttpd, inHU, type PerDialect } from '../../dialects.ts';
import { demandEqual } from '../../verdict.ts';
import { GENERIC_FAILURE, refused } from '../answers.ts';
import { demandNode, demandNoNode, nodeInDump, ownNode } from '../own-node.ts';
import { type BalancerCase, balancerCase } from '../trial.ts';
import { isRefusal, oneField, refusedAs } from './config-effects.ts';

/** Flushpackets as INFO and DUMP show it. */
type Flush = Outcome<{ readonly info: FlushPackets; readonly dump: FlushPackets }>;

function flush(info: FlushPackets, dump: FlushPackets = info): Flush {
  const numbers = { off: 0, on: 1, auto: 2 };
  return outcome(`${info} in INFO, ${numbers[dump]} in DUMP`, { info, dump });
}

function flushCase(
  facts: Pick<BalancerCase, 'id' | 'requirement' | 'level' | 'lines'>,
  sent: string,
  expected: PerDialect<Flush>,
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

/** Values of CONFIG (reference §2.1, checklist §11.2). */
export const CONFIG_VALUE_CASES = [
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
