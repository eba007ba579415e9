import { type Expectation, outcome, said } from '../../case.ts';
import { inHttpd, inHU } from '../../dialects.ts';
import { demand, demandEqual } from '../../verdict.ts';
import type { BackendRequest } from '../backend.ts';
import { breakNode, twoNodes } from '../situations.ts';
import { type BalancerTrial, balancerCase, type TrialNode } from '../trial.ts';
import { demandOnly, tally } from '../web-demands.ts';

/** How the balancer finds out whether nodes are alive (reference §5, checklist §11.11). */

/** What a ping has to look like. */
interface PingExpectation extends Expectation {
  readonly httpVersion: string;
  readonly host: 'none' | 'name' | 'address';
  readonly userAgent?: RegExp;
}

const HTTPD_PING: PingExpectation = {
  words: 'HTTP/1.0, no Host, a User-Agent that ends with `(internal mod_cluster connection)`',
  httpVersion: '1.0',
  host: 'none',
  userAgent: /\(internal mod_cluster connection\)$/,
};

function pingWords({ httpVersion, headers }: BackendRequest): string {
  return `HTTP/${httpVersion} with ${headers.map((line) => JSON.stringify(line.join(': '))).join(', ')}`;
}

/** Sends a STATUS and returns the pings that the balancer sent for it. */
async function pingsOfStatus(trial: BalancerTrial, { route, backend }: TrialNode): Promise<readonly BackendRequest[]> {
  const before = backend.pings.length;
  await trial.must('STATUS', { JVMRoute: route, Load: 100 });
  return backend.pings.slice(before);
}

/** How long a state may take that comes with health checks. @param quickMs when they come every second or so */
const withinMs = (trial: BalancerTrial, quickMs: number, otherwiseMs: number): number =>
  trial.features.has('quick-health') ? quickMs : otherwiseMs;

const isGone = async (trial: BalancerTrial, route: string): Promise<boolean> =>
  (await trial.nodeLine(route)) === undefined;

export const HEALTH_CASES = [
  balancerCase({
    id: 'health/idle-node-pinged',
    requirement: 'An idle node is sent an `OPTIONS *` at least every 30 seconds.',
    level: 'should',
    lines: ['MCMP-HEALTH-01'],
    spec: '5.4',
    needs: ['patience'],
    deadlineMs: 40_000,
    expected: inHU(said('an `OPTIONS *` within 30 s')),
    async run(trial) {
      const { backend } = await trial.node();
      const before = backend.pings.length;
      await trial.until(
        'the idle node is pinged',
        async () => backend.pings.length > before,
        withinMs(trial, 5_000, 30_000),
      );
    },
  }),
  balancerCase({
    id: 'health/silent-node-removed',
    requirement: 'A node that stops answering is removed within 90 seconds.',
    level: 'may',
    lines: ['MCMP-HEALTH-02'],
    spec: '5.4',
    needs: ['patience'],
    deadlineMs: 100_000,
    expected: { mcmp: said('no line in INFO within 90 s'), undertow: said('no line in INFO within 90 s') },
    async run(trial) {
      let answers = true;
      const { route } = await trial.node({
        contexts: [],
        config: { ping: 1 },
        backend: {
          ping(_, response) {
            if (answers) response.end();
          },
        },
      });
      answers = false;
      await trial.until(
        'the silent node is gone from INFO',
        () => isGone(trial, route),
        withinMs(trial, 20_000, 90_000),
      );
    },
  }),
  balancerCase({
    id: 'health/dead-node-kept',
    requirement:
      'A node that cannot be reached stays in INFO until about sixty checks have failed, and is removed then.',
    level: 'may',
    lines: ['MCMP-HEALTH-03'],
    spec: '5.4',
    needs: ['patience'],
    deadlineMs: 480_000,
    expected: inHttpd(said('in INFO behind the first failed check, gone within 8 min')),
    async run(trial) {
      const node = await trial.node({ contexts: [] });
      await breakNode(trial, node);
      demand(!(await isGone(trial, node.route)), 'a line in INFO behind the first failed check', 'no line in INFO');
      await trial.until(
        'the dead node is gone from INFO',
        () => isGone(trial, node.route),
        withinMs(trial, 120_000, 470_000),
      );
    },
  }),
  balancerCase({
    id: 'health/error-outlives-good-pings',
    requirement: 'Whether a node in error whose pings succeed again is given requests without a session.',
    level: 'should',
    lines: ['MCMP-HEALTH-04'],
    spec: '5.4',
    needs: ['traffic', 'patience'],
    deadlineMs: 60_000,
    expected: { ...inHU(outcome('never without a STATUS', false)), mcmp: outcome('as soon as it answers', true) },
    async run(trial, { value: comesBack }) {
      const [failed, other] = await twoNodes(trial);
      await breakNode(trial, failed);
      await failed.backend.revive();
      const before = failed.backend.pings.length;
      if (comesBack) {
        const serves = async (): Promise<boolean> => (await tally(trial, other.context, 4)).has(failed.route);
        await trial.until('the node that is up again serves', serves, withinMs(trial, 10_000, 55_000));
        demand(failed.backend.pings.length > before, 'a good ping before its first request', 'none');
        return;
      }
      const pinged = async (): Promise<boolean> => failed.backend.pings.length > before + 1;
      await trial.until('the node in error is pinged twice', pinged, withinMs(trial, 10_000, 55_000));
      demandOnly(await tally(trial, other.context, 10), other);
    },
  }),
  balancerCase<PingExpectation>({
    id: 'health/ping-request',
    requirement: 'What the ping of an http node looks like.',
    level: 'may',
    lines: ['MCMP-HEALTH-05', 'MCMP-HEALTH-06'],
    spec: '5.2',
    expected: {
      mcmp: { words: 'HTTP/1.1 with Host', httpVersion: '1.1', host: 'address' },
      ...inHttpd(HTTPD_PING),
      undertow: {
        words: 'HTTP/1.1, a Host without port, `User-Agent: mod_cluster ping`',
        httpVersion: '1.1',
        host: 'name',
        userAgent: /^mod_cluster ping$/,
      },
    },
    async run(trial, { httpVersion, host, userAgent, words }) {
      const node = await trial.node({ contexts: [], load: null });
      const [ping] = await pingsOfStatus(trial, node);
      demand(ping !== undefined, 'an `OPTIONS *` for a STATUS', 'none');
      const { backend } = node;
      const hosts = { none: undefined, name: backend.host, address: `${backend.host}:${backend.port}` };
      const fits =
        ping.httpVersion === httpVersion &&
        ping.header('host') === hosts[host] &&
        (userAgent === undefined || userAgent.test(ping.header('user-agent') ?? ''));
      demand(fits, words, () => pingWords(ping));
    },
  }),
  balancerCase({
    id: 'health/options-off',
    requirement: 'With EnableOptions Off an http node is taken for alive without being asked.',
    level: 'may',
    lines: ['MCMP-HEALTH-07'],
    spec: '5.2',
    needs: ['options-off'],
    expected: inHttpd(said('State=OK for a dead server')),
    async run(trial) {
      const node = await trial.node({ contexts: [], load: null });
      await node.backend.kill();
      const { body } = await trial.must('STATUS', { JVMRoute: node.route, Load: 100 });
      demand(/(^|&)State=OK(&|\s|$)/.test(body), 'State=OK', JSON.stringify(body));
    },
  }),
  balancerCase({
    id: 'health/any-answer-counts',
    requirement: 'A node that answers `OPTIONS *` with 404 is alive.',
    level: 'should',
    lines: ['MCMP-HEALTH-08'],
    spec: '5.2',
    needs: ['traffic'],
    expected: inHU(said('State=OK, and requests are served')),
    async run(trial) {
      const node = await trial.node({
        load: null,
        backend: {
          ping(_, response) {
            response.writeHead(404, { 'Content-Length': '0' }).end();
          },
        },
      });
      const { body } = await trial.must('STATUS', { JVMRoute: node.route, Load: 100 });
      demand(/(^|&)State=OK(&|\s|$)/.test(body), 'State=OK', JSON.stringify(body));
      demandEqual('pings', node.backend.pings.length > 0, true);
      demandOnly(await tally(trial, node.context, 2), node);
    },
  }),
];
