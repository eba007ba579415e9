import { isIP } from 'node:net';
import { type Expectation, outcome, said } from '../../case.ts';
import { inHttpd, inHU } from '../../dialects.ts';
import { Deviation, demand, demandEqual, NotHere } from '../../verdict.ts';
import type { BackendRequest } from '../backend.ts';
import { type BalancerTrial, balancerCase, type TrialNode } from '../trial.ts';
import { demandServed } from '../web-demands.ts';

/** Which headers and targets reach the node, and which headers the client (reference §6.2, checklist §11.12). */

/** What X-Forwarded-... has to say; a name that is left out may be there or not. */
interface Forwarded extends Expectation {
  /** Host as the client sent it, or without its port. */
  readonly host: 'whole' | 'name';
  readonly further: readonly ('proto' | 'port' | 'server')[];
}

const HTTPD_FORWARDED: Forwarded = {
  words: 'X-Forwarded-For, -Host and -Server',
  host: 'whole',
  further: ['server'],
};

/** Sends one request through a connection of its own with exactly these lines, and returns what the node saw. */
async function seenByNode(
  trial: BalancerTrial,
  node: TrialNode,
  lines: readonly (readonly [string, string])[],
): Promise<BackendRequest> {
  const connection = await trial.openTraffic();
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  connection.write(`GET ${node.context} HTTP/1.1\r\nHost: ${trial.webHost}\r\n${text}\r\n`);
  const answer = await connection.answer('GET');
  connection.close();
  demandEqual('status', answer.status, 200);
  const seen = node.backend.requests.at(-1);
  demand(seen !== undefined, 'the request at the node', 'none');
  return seen;
}

const addressesOf = (value: string | undefined): readonly string[] => (value ?? '').split(',').map((one) => one.trim());

const headerWords = (request: BackendRequest): string =>
  `the node saw ${request.headers.map((line) => JSON.stringify(line.join(': '))).join(', ')}`;

/** A Host header with a port, which is an alias of the node as well. */
async function nodeWithAlias(trial: BalancerTrial): Promise<{ node: TrialNode; host: string }> {
  const node = await trial.node({ alias: trial.alias() });
  return { node, host: `${node.alias}:8123` };
}

async function seenWithHost(trial: BalancerTrial, node: TrialNode, host: string): Promise<BackendRequest> {
  demandServed(await trial.web(node.context, { headers: [['Host', host]] }), node);
  const seen = node.backend.requests.at(-1);
  demand(seen !== undefined, 'the request at the node', 'none');
  return seen;
}

export const PROXIED_HEADER_CASES = [
  balancerCase({
    id: 'proxy/host',
    requirement: 'Which Host the node sees, as the balancer comes.',
    level: 'may',
    lines: ['MCMP-PROXY-01', 'MCMP-PROXY-02'],
    spec: '6.2',
    needs: ['traffic'],
    expected: {
      mcmp: outcome("the client's", 'client'),
      ...inHttpd(outcome("the node's own address", 'node')),
      undertow: outcome("the client's", 'client'),
      nginx: outcome("the client's", 'client'),
    },
    async run(trial, { value }) {
      if (value === 'node' && trial.features.has('preserve-host')) throw new NotHere('ProxyPreserveHost is On');
      const { node, host } = await nodeWithAlias(trial);
      const { backend } = node;
      const seen = await seenWithHost(trial, node, host);
      demandEqual('Host', seen.header('host') ?? 'none', value === 'client' ? host : `${backend.host}:${backend.port}`);
    },
  }),
  balancerCase({
    id: 'proxy/host-preserved',
    requirement: "With ProxyPreserveHost On the node sees the client's Host.",
    level: 'may',
    lines: ['MCMP-PROXY-01'],
    spec: '6.2',
    needs: ['traffic', 'preserve-host'],
    expected: inHttpd(said("the client's")),
    async run(trial) {
      const { node, host } = await nodeWithAlias(trial);
      demandEqual('Host', (await seenWithHost(trial, node, host)).header('host') ?? 'none', host);
    },
  }),
  balancerCase<Forwarded>({
    id: 'proxy/x-forwarded',
    requirement: 'The node is told in X-Forwarded-... who the client is and what it asked.',
    level: 'may',
    lines: ['MCMP-PROXY-03', 'MCMP-PROXY-04'],
    spec: '6.2',
    needs: ['traffic'],
    expected: {
      mcmp: { words: 'X-Forwarded-For, -Proto and -Host', host: 'whole', further: ['proto'] },
      ...inHttpd(HTTPD_FORWARDED),
      undertow: {
        words: 'X-Forwarded-For, -Proto, -Port, -Server, and -Host without the port',
        host: 'name',
        further: ['proto', 'port', 'server'],
      },
    },
    async run(trial, expected) {
      const { node, host } = await nodeWithAlias(trial);
      const seen = await seenWithHost(trial, node, host);
      const value = (name: string): string => seen.header(`x-forwarded-${name}`) ?? '';
      const scheme = trial.trafficUrl.protocol.slice(0, -1);
      const checks = {
        for: isIP(value('for')) !== 0,
        host: value('host') === (expected.host === 'whole' ? host : node.alias),
        proto: value('proto') === scheme,
        port: value('port') === '8123',
        server: value('server') !== '',
      };
      const wrong = (['for', 'host', ...expected.further] as const).filter((name) => !checks[name]);
      demand(
        wrong.length === 0,
        expected.words,
        () => `X-Forwarded-${wrong.join(', -')} is wrong: ${headerWords(seen)}`,
      );
    },
  }),
  balancerCase({
    id: 'proxy/x-forwarded-for-of-client',
    requirement: "What becomes of a client's own X-Forwarded-For.",
    level: 'may',
    lines: ['MCMP-PROXY-04', 'MCMP-PROXY-05'],
    spec: '6.2',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('replaced by its address', 'replaced'),
      ...inHttpd(outcome('its address is added', 'appended')),
      undertow: outcome('replaced by its address', 'replaced'),
    },
    async run(trial, { value, words }) {
      const node = await trial.node();
      const seen = await seenByNode(trial, node, [['X-Forwarded-For', '192.0.2.7']]);
      const [first, ...further] = addressesOf(seen.header('x-forwarded-for'));
      const appended = first === '192.0.2.7' && further.length === 1 && isIP(further[0] ?? '') !== 0;
      const replaced = first !== '192.0.2.7' && isIP(first ?? '') !== 0 && further.length === 0;
      if (value === 'appended' ? appended : replaced) return;
      // Both are known manners; which of them is right depends on whether the client is a proxy that can be believed.
      throw new Deviation(appended || replaced ? 'non-strict' : 'fail', words, headerWords(seen));
    },
  }),
  balancerCase({
    id: 'proxy/response-headers',
    requirement: 'Headers of the node reach the client, each Set-Cookie by itself.',
    level: 'should',
    lines: ['MCMP-PROXY-06'],
    spec: '6.2',
    needs: ['traffic'],
    expected: inHU(said('two Set-Cookie and a header of its own')),
    async run(trial) {
      const node = await trial.node({
        backend: {
          answer(_, response) {
            response.setHeader('Set-Cookie', ['a=1; Path=/', 'b=2']);
            response.setHeader('X-Own', 'yes, its own');
            response.end('whole');
          },
        },
      });
      const answer = await trial.web(node.context);
      demandServed(answer, node);
      const lines = answer.raw.slice(0, answer.raw.indexOf('\r\n\r\n')).split('\r\n');
      const cookies = lines.filter((line) => /^set-cookie:/i.test(line)).map((line) => line.slice(11).trim());
      demandEqual('Set-Cookie lines', cookies.join(' and '), 'a=1; Path=/ and b=2');
      demandEqual('X-Own', answer.headers.get('x-own') ?? 'none', 'yes, its own');
    },
  }),
  balancerCase({
    id: 'proxy/expect-added',
    requirement: 'Whether the node is asked with `Expect: 100-continue` before a body that the client simply sends.',
    level: 'may',
    lines: ['MCMP-PROXY-08'],
    spec: '6.2',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('no Expect', false),
      ...inHttpd(outcome('Expect: 100-Continue', true)),
      undertow: outcome('no Expect', false),
      nginx: outcome('no Expect', false),
    },
    async run(trial, { value, words }) {
      const node = await trial.node();
      demandServed(await trial.web(node.context, { method: 'POST', body: 'a=1' }), node);
      const expect = node.backend.requests.at(-1)?.header('expect');
      if ((expect?.toLowerCase() === '100-continue') === value) return;
      // It changes nothing that a client or an application can see.
      throw new Deviation('non-strict', words, expect === undefined ? 'no Expect' : `Expect: ${expect}`);
    },
  }),
  balancerCase({
    id: 'proxy/target-untouched',
    requirement: 'The node sees the request target as the client wrote it, encoded characters included.',
    level: 'may',
    lines: ['MCMP-PROXY-14'],
    spec: '6.2',
    needs: ['traffic'],
    expected: { mcmp: said('the same target'), undertow: said('the same target') },
    run: demandSameTarget,
  }),
  balancerCase({
    id: 'proxy/nocanon',
    requirement: 'With UseNocanon On the node sees the request target as the client wrote it.',
    level: 'may',
    lines: ['MCMP-PROXY-14'],
    spec: '6.2',
    needs: ['traffic', 'nocanon'],
    expected: inHttpd(said('the same target')),
    run: demandSameTarget,
  }),
  balancerCase({
    id: 'proxy/named-by-connection',
    requirement: 'A header that Connection names is for the balancer alone: it does not reach the node.',
    level: 'must',
    lines: [],
    spec: 'RFC 9110 §7.6.1',
    tags: ['hop-by-hop'],
    needs: ['traffic'],
    expected: inHU(said('the node sees other headers only')),
    async run(trial) {
      const node = await trial.node();
      const seen = await seenByNode(trial, node, [
        ['Connection', 'X-Hop'],
        ['X-Hop', 'for the balancer'],
        ['X-Other', 'for the node'],
      ]);
      demandEqual('X-Other', seen.header('x-other') ?? 'none', 'for the node');
      demandEqual('X-Hop', seen.header('x-hop') ?? 'none', 'none');
    },
  }),
  balancerCase({
    id: 'proxy/hop-by-hop-headers',
    requirement: 'Keep-Alive and Proxy-Connection are for the balancer alone, also when Connection does not name them.',
    level: 'should',
    lines: [],
    spec: 'RFC 9110 §7.6.1',
    tags: ['hop-by-hop'],
    needs: ['traffic'],
    expected: inHU(said('the node sees neither')),
    async run(trial) {
      const node = await trial.node();
      const seen = await seenByNode(trial, node, [
        ['Keep-Alive', 'timeout=5'],
        ['Proxy-Connection', 'keep-alive'],
      ]);
      demandEqual('Keep-Alive', seen.header('keep-alive') ?? 'none', 'none');
      demandEqual('Proxy-Connection', seen.header('proxy-connection') ?? 'none', 'none');
    },
  }),
  balancerCase({
    id: 'proxy/named-by-connection-of-node',
    requirement: 'A header of the node that its Connection names does not reach the client.',
    level: 'must',
    lines: [],
    spec: 'RFC 9110 §7.6.1',
    tags: ['hop-by-hop'],
    needs: ['traffic'],
    expected: inHU(said('the client sees other headers only')),
    async run(trial) {
      const node = await trial.node({
        backend: {
          answer(_, response) {
            response.setHeader('Connection', 'X-Hop');
            response.setHeader('X-Hop', 'for the balancer');
            response.setHeader('X-Other', 'for the client');
            response.end('whole');
          },
        },
      });
      const answer = await trial.web(node.context);
      demandServed(answer, node);
      demandEqual('X-Other', answer.headers.get('x-other') ?? 'none', 'for the client');
      demandEqual('X-Hop', answer.headers.get('x-hop') ?? 'none', 'none');
    },
  }),
];

async function demandSameTarget(trial: BalancerTrial): Promise<void> {
  const node = await trial.node();
  const target = `${node.context}/%7Ea%20b/x%3By/%E2%82%AC?q=%2F&r=a+b`;
  demandServed(await trial.web(target), node);
  demandEqual('target at the node', node.backend.requests.at(-1)?.target ?? 'none', target);
}
