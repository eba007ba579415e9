import { methodOf } from '../../../core/mcmp/commands.ts';
import { HTTPD2_DIALECT } from '../../../core/mcmp/dialect.ts';
import { CommandError } from '../../../core/mcmp/errors.ts';
import { parseCommand } from '../../../core/mcmp/parse.ts';
import { isWildcardHost } from '../../../core/reach.ts';
import { outcome, said } from '../../case.ts';
import type { Need } from '../../needs.ts';
import { Deviation, demand, demandEqual } from '../../verdict.ts';
import { answersCping, connectorOf, httpUrlOf } from '../connector.ts';
import { forNodes, type PerKind } from '../kinds.ts';
import { fieldOf, type NodeRequest } from '../request.ts';
import { needField, ofMethod } from '../sayings.ts';
import { SETTINGS, type Setting } from '../settings.ts';
import { type NodeCase, type NodeStage, nodeCase } from '../stage.ts';

/** The longest message that httpd 2 reads whole with its default tables (reference §1.3). */
const MOST_BYTES_OF_HTTPD = 13_188;

/** The CONFIG with which a node registered. */
async function configOf(stage: NodeStage, settings: readonly Setting[] = []): Promise<NodeRequest> {
  const { balancer } = await stage.begin(undefined, { settings });
  const { requests } = await stage.registered(balancer);
  const [config] = ofMethod(requests, 'CONFIG');
  demand(config !== undefined, 'a CONFIG', 'none');
  return config;
}

/** A parameter that the node was configured with. */
function settingCase(
  what: Pick<NodeCase, 'id' | 'requirement' | 'lines'> & {
    readonly setting: Extract<Setting, Need>;
    readonly field: string;
    readonly wanted: PerKind<RegExp>;
  },
): NodeCase {
  const { id, requirement, lines, setting, field, wanted } = what;
  const expected = Object.entries(wanted).map(([kind, pattern]) => [
    kind,
    outcome(`${field}=${SETTINGS[setting]} in CONFIG`, pattern),
  ]);
  const perKind: PerKind<ReturnType<typeof outcome<RegExp>>> = Object.fromEntries(expected);
  return nodeCase({
    ...{ id, requirement, lines, level: 'should', spec: '9.6', needs: ['fresh-node', setting], expected: perKind },
    async run(stage, { value, words }) {
      const config = await configOf(stage, [setting]);
      const pair = config.fields.find(([name]) => name.toLowerCase() === field.toLowerCase())?.join('=');
      demand(value.test(pair ?? ''), words, () => config.body);
    },
  });
}

/** CONFIG (reference §2.1, §9.6). */
export const CONFIG_CASES = [
  nodeCase({
    id: 'config/address',
    requirement: 'CONFIG says where the node is reached: Host, Port and Type.',
    level: 'must',
    lines: ['NODE-09'],
    spec: '9.6',
    expected: forNodes(said('Host, Port and Type')),
    async run(stage) {
      const config = await configOf(stage);
      for (const name of ['JVMRoute', 'Host', 'Port', 'Type']) needField(config, name);
      const port = needField(config, 'Port');
      demand(/^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536, 'a port', port);
      const type = needField(config, 'Type');
      demand(/^(?:https?|ajp|wss?)$/i.test(type), 'http, https, ajp, ws or wss as Type', type);
    },
  }),
  nodeCase({
    id: 'config/connector',
    requirement: 'Whoever connects to the address in CONFIG reaches the application.',
    level: 'must',
    lines: ['NODE-12'],
    spec: '9.6',
    expected: forNodes(
      said('an open port; with Type=http answers of HTTP, with https a TLS handshake, with ajp CPONG to CPING'),
    ),
    async run(stage, { words }) {
      const config = await configOf(stage);
      const address = connectorOf(new Map(['Host', 'Port', 'Type'].map((name) => [name, needField(config, name)])));
      const { place } = address;
      const unreachable = (error: unknown): never => {
        if (error instanceof Deviation) throw error;
        const problem = error instanceof Error ? error.message : String(error);
        throw new Deviation('fail', words, `no connection to ${place}: ${problem}`);
      };
      if (address.type === 'ajp') {
        demand(await answersCping(stage, address).catch(unreachable), words, 'something else than CPONG');
        return;
      }
      const url = httpUrlOf(address);
      const connection = await stage.open(url).catch((error: unknown) => {
        // An alert is a word of TLS: it wants a certificate of its balancer, which nobody has here.
        if (url.protocol === 'https:' && String(error).includes('SSL alert')) return undefined;
        return unreachable(error);
      });
      if (connection === undefined) return;
      if (url.protocol === 'https:') {
        connection.close();
        return;
      }
      connection.write(`OPTIONS * HTTP/1.1\r\nHost: ${place}\r\nConnection: close\r\n\r\n`);
      const { status } = await connection.answer('OPTIONS');
      connection.close();
      demand(status >= 200 && status < 600, words, `status ${status}`);
    },
  }),
  nodeCase({
    id: 'config/acceptable',
    requirement: 'httpd 2 takes every message of the registration: its fields are known, in bounds and readable.',
    level: 'must',
    lines: ['NODE-09'],
    spec: '1.6, 2.1',
    expected: forNodes(said('nothing that httpd 2 would refuse')),
    async run(stage, { words }) {
      const { balancer } = await stage.begin();
      const { requests } = await stage.registered(balancer);
      const options = { defaultBalancer: 'mycluster', maxMessageBytes: MOST_BYTES_OF_HTTPD };
      for (const { method, target, body } of requests) {
        const known = methodOf(method);
        if (known === undefined || method === 'STATUS') continue;
        demand(
          body.length <= MOST_BYTES_OF_HTTPD,
          `at most ${MOST_BYTES_OF_HTTPD} bytes`,
          `${body.length} in ${method}`,
        );
        const command = parseCommand(known, target, body, '', HTTPD2_DIALECT, options);
        if (!(command instanceof CommandError)) continue;
        const { refusal } = command;
        demand(refusal.ok, words, () => `${method} ${body} would be refused: ${refusal.ok ? '' : refusal.mess}`);
      }
    },
  }),
  nodeCase({
    id: 'config/force-default',
    requirement: 'A node whose sessions may move says so, because balancers take the opposite for granted.',
    level: 'may',
    lines: ['NODE-09'],
    spec: '9.6',
    needs: ['node-defaults'],
    expected: { java: said('StickySessionForce=No') },
    async run(stage) {
      demandEqual('StickySessionForce', fieldOf(await configOf(stage), 'StickySessionForce') ?? 'none', 'No');
    },
  }),
  nodeCase({
    id: 'config/defaults-left-out',
    requirement: 'A parameter that nobody set is left to the balancer.',
    level: 'may',
    lines: ['NODE-10'],
    spec: '9.6',
    needs: ['node-defaults'],
    expected: {
      mcmp: outcome('JVMRoute, Host, Port and Type only', ['JVMRoute', 'Host', 'Port', 'Type']),
      java: outcome('JVMRoute, Host, Port, StickySessionForce and Type only', [
        'JVMRoute',
        'Host',
        'Port',
        'StickySessionForce',
        'Type',
      ]),
    },
    async run(stage, { value }) {
      const config = await configOf(stage);
      demandEqual('names in CONFIG', config.fields.map(([name]) => name).join(' '), value.join(' '));
    },
  }),
  nodeCase({
    id: 'config/wildcard-host',
    requirement: 'A connector on all addresses is told by one that the balancer can reach.',
    level: 'must',
    lines: ['NODE-13'],
    spec: '9.3',
    needs: ['fresh-node', 'node-wildcard'],
    expected: {
      ...forNodes(outcome('no wildcard', { loopback: false })),
      mcmp: outcome('the local address of the connection to the balancer', { loopback: true }),
      java: outcome('the local address of the connection to the balancer', { loopback: true }),
    },
    async run(stage, { value, words }) {
      const host = needField(await configOf(stage, ['node-wildcard']), 'Host');
      demand(!isWildcardHost(host.replace(/^\[|\]$/g, '')), words, host);
      // The balancer of the case listens on the loopback interface, so that is where the node connects from.
      demand(!value.loopback || /^(?:127\.|::1$|\[)/.test(host), words, host);
    },
  }),
  settingCase({
    id: 'config/domain',
    requirement: 'The group of a node is told as Domain.',
    lines: ['NODE-11'],
    setting: 'node-domain',
    field: 'Domain',
    wanted: { ...forNodes(/^Domain=cfdomain$/i), java: /^Domain=cfdomain$/ },
  }),
  settingCase({
    id: 'config/balancer-name',
    requirement: 'The balancer that a node names is told as Balancer.',
    lines: ['NODE-54'],
    setting: 'node-balancer-name',
    field: 'Balancer',
    wanted: { ...forNodes(/^Balancer=cfbalancer$/i), java: /^Balancer=cfbalancer$/ },
  }),
  settingCase({
    id: 'config/flush',
    requirement: 'A node that wants each packet flushed says flushpackets.',
    lines: ['NODE-63'],
    setting: 'node-flush',
    field: 'flushpackets',
    wanted: { ...forNodes(/^flushpackets=on$/i), mcmp: /^flushpackets=On$/, java: /^flushpackets=On$/ },
  }),
  settingCase({
    id: 'config/cookie',
    requirement: 'A session cookie of another name is told as StickySessionCookie.',
    lines: ['NODE-64'],
    setting: 'node-cookie',
    field: 'StickySessionCookie',
    wanted: { ...forNodes(/^StickySessionCookie=CFSESSION$/i), java: /^StickySessionCookie=CFSESSION$/ },
  }),
  nodeCase({
    id: 'config/engines',
    requirement: 'Each engine of a server is a node of its own.',
    level: 'should',
    lines: ['NODE-62'],
    spec: '9.4',
    needs: ['fresh-node', 'node-engines'],
    expected: forNodes(said('CONFIG and STATUS for two routes')),
    async run(stage, { words }) {
      const { balancer } = await stage.begin(undefined, { settings: ['node-engines'] });
      await stage.registered(balancer);
      const routes = (method: string): ReadonlySet<string> =>
        new Set(ofMethod(balancer.requests, method).map((request) => fieldOf(request, 'JVMRoute') ?? ''));
      await stage.until(words, () => routes('CONFIG').size >= 2 && routes('STATUS').size >= 2);
    },
  }),
];
