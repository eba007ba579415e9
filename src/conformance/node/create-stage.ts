import { findInterface } from '../../advertise/interfaces.ts';
import { openSender } from '../../advertise/sender.ts';
import type { Address } from '../../core/address.ts';
import type { CaseRun } from '../engine/types.ts';
import type { Features } from '../needs.ts';
import { Deviation, NotHere } from '../verdict.ts';
import { openWire } from '../wire/connection.ts';
import { type BalancerWatch, type StagedBalancer, startStagedBalancer } from './balancer.ts';
import type { NodeUnderTest, StartNode } from './node-under-test.ts';
import { fieldOf, type NodeRequest, outline } from './request.ts';
import { SETTINGS } from './settings.ts';
import type { NodeStage, Registration, StagedNode } from './stage.ts';

/** The node that is judged, and how it is had. */
export interface StageTarget {
  /** Starts one for a case; undefined: one stands, which somebody else started. */
  readonly start: StartNode | undefined;
  /** The node that stands, and the balancer with which it registers. */
  readonly standing: { readonly balancer: StagedBalancer; readonly node: NodeUnderTest } | undefined;
  /** Where the first balancer of a case listens; undefined: on a free port of the loopback interface. */
  readonly listen: Address | undefined;
  readonly features: Features;
  readonly statusIntervalMs: number;
  /** From its start to its first word, beyond one interval. */
  readonly startTimeoutMs: number;
}

/** Beyond the intervals that something takes by its nature: a busy machine, a virtual machine that warms up. */
const SLACK_MS = 3_000;
const LOOK_EVERY_MS = 50;
/** A time in which this process did nothing, because the machine was busy, does not count against the node. */
const LONGEST_TICK_MS = 4 * LOOK_EVERY_MS;
/** Left of a case's time when it stops waiting for a state, so that it can still say what it saw. */
const MARGIN_MS = 500;
/** Messages that a report quotes in short. */
const MOST_QUOTED = 12;

/** What one case gets. */
export function createNodeStage(target: StageTarget, run: CaseRun): NodeStage {
  const { statusIntervalMs, features } = target;
  const balancers: StagedBalancer[] = [];
  const wakes = new Set<() => void>();
  const watch: BalancerWatch = {
    nowMs: run.nowMs,
    record: run.record,
    onChange: () => {
      for (const wake of wakes) wake();
    },
  };
  const soonMs = 3 * statusIntervalMs + SLACK_MS;
  let nut: NodeUnderTest | undefined;

  const happened = (): string => {
    const said = balancers.map(({ address, requests }) => {
      const last = requests.slice(-MOST_QUOTED);
      return `${address} heard ${requests.length > last.length ? '..., ' : ''}${outline(last)}`;
    });
    const nothing = balancers.every(({ requests }) => requests.length === 0);
    const output = nothing ? (nut?.output() ?? '').trim().slice(-300) : '';
    return [...said, ...(output === '' ? [] : [`the node printed ${JSON.stringify(output)}`])].join('; ');
  };

  const wait = <T>(
    look: () => T | undefined | false,
    timeoutMs: number,
    longestTickMs = LONGEST_TICK_MS,
  ): Promise<T | undefined> =>
    new Promise((resolve, reject) => {
      let lastMs = run.nowMs();
      let waitedMs = 0;
      const settle = (finish: () => void): void => {
        clearInterval(ticks);
        wakes.delete(check);
        run.signal.removeEventListener('abort', giveUp);
        finish();
      };
      const check = (): void => {
        try {
          const seen = look();
          if (seen !== undefined && seen !== false) settle(() => resolve(seen));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      const giveUp = (): void => settle(() => resolve(undefined));
      const tick = (): void => {
        const nowMs = run.nowMs();
        waitedMs += Math.min(nowMs - lastMs, longestTickMs);
        lastMs = nowMs;
        if (waitedMs >= timeoutMs) giveUp();
        else check();
      };
      const ticks = setInterval(tick, Math.min(LOOK_EVERY_MS, timeoutMs));
      wakes.add(check);
      run.signal.addEventListener('abort', giveUp, { once: true });
      if (run.signal.aborted) giveUp();
      else check();
    });

  const stage: NodeStage = {
    features,
    statusIntervalMs,
    soonMs,
    nowMs: run.nowMs,
    random: run.random,
    async balancer(options = {}) {
      const { standing, listen } = target;
      if (standing !== undefined) {
        if (balancers.length > 0) throw new NotHere('the node knows one balancer only: it was started by hand');
        standing.balancer.begin(watch);
        balancers.push(standing.balancer);
        run.after(() => standing.balancer.behave());
        return standing.balancer;
      }
      const place = balancers.length === 0 && listen !== undefined ? listen : {};
      const balancer = await startStagedBalancer({ ...place, ...options }, watch);
      balancers.push(balancer);
      run.after(balancer.close);
      return balancer;
    },
    async start({ balancers: chosen = balancers.slice(0, 1), settings = [], values, discovers } = {}) {
      if (target.standing !== undefined) {
        await registerAgain(target.standing.balancer);
        nut = target.standing.node;
      } else if (target.start !== undefined) {
        nut = await target.start({
          balancers: discovers === undefined ? chosen.map(({ url }) => url) : [],
          settings: new Map(settings.map((name) => [name, values?.get(name) ?? SETTINGS[name]])),
          discovers,
        });
        run.after(nut.end);
      }
      const started = nut;
      if (started === undefined) throw new NotHere('nobody can start the node (--start)');
      return stagedNode(started);
    },
    async begin(prepare, options) {
      const balancer = await stage.balancer();
      prepare?.(balancer);
      return { balancer, node: await stage.start(options) };
    },
    async registered(balancer, after) {
      const from = after === undefined ? 0 : balancer.requests.indexOf(after) + 1;
      const timeoutMs = target.startTimeoutMs + soonMs;
      return await stage.until(
        'the node is registered: its CONFIG was accepted, and a STATUS after it answered well',
        () => registrationIn(balancer, from),
        timeoutMs,
      );
    },
    async settled(balancer) {
      const { route } = await stage.registered(balancer);
      return await stage.until('the node has told all, and only reports', () => {
        const [before, last] = balancer.requests.slice(-2);
        const isQuiet = before?.method === 'STATUS' && last?.method === 'STATUS' && last.answeredAtMs !== undefined;
        const told = balancer.nodes().find((node) => node.route === route);
        if (!isQuiet || told === undefined) return undefined;
        return { ...told, contexts: new Map(told.contexts), requests: [...balancer.requests] };
      });
    },
    async until(what, look, timeoutMs = soonMs) {
      const startedMs = run.nowMs();
      const seen = await wait(look, Math.min(timeoutMs, run.leftMs() - MARGIN_MS));
      const tookMs = run.nowMs() - startedMs;
      if (seen === undefined)
        throw new Deviation('fail', what, `not so within ${Math.round(tookMs)} ms: ${happened()}`);
      run.waited(what, tookMs);
      return seen;
    },
    async pass(what, ms) {
      // In a time in which this process did nothing, nobody was heard.
      await wait(() => false, Math.min(ms, run.leftMs() - MARGIN_MS), LOOK_EVERY_MS);
      run.waited(what, ms);
    },
    open(url) {
      // Whether a balancer trusts its certificate is no matter of the node.
      const tls = { insecure: true };
      return openWire(url, { with: 'traffic', tls, nowMs: run.nowMs, signal: run.signal, record: run.record });
    },
    async advertise(group, bytes) {
      const sender = await openSender({ group, interface: findInterface('127.0.0.1', 'IPv4'), ttl: 0 });
      await sender.send(bytes);
      await sender.close();
    },
    after: run.after,
  };

  const stagedNode = (started: NodeUnderTest): StagedNode => ({
    output: started.output,
    act: (action, values = {}) => started.act(action, { route: routeIn(balancers), context: '', value: '', ...values }),
  });

  /** A node that stands is told by its next STATUS that it is not known; what it said before it registers belongs to no case. */
  const registerAgain = async (balancer: StagedBalancer): Promise<void> => {
    const beginning = await stage.until(
      `a node registers at ${balancer.address}`,
      () => balancer.requests.find(({ method }) => method === 'INFO' || method === 'CONFIG'),
      target.startTimeoutMs + soonMs,
    );
    balancer.dropBefore(beginning);
  };
  return stage;
}

function routeIn(balancers: readonly StagedBalancer[]): string {
  for (const { requests } of balancers) {
    for (const request of requests) {
      const route = fieldOf(request, 'JVMRoute');
      if (route !== undefined) return route;
    }
  }
  return '';
}

/** What was said from a message on until the first STATUS that was answered well and comes after a CONFIG. */
function registrationIn(balancer: StagedBalancer, from: number): Registration | undefined {
  const requests = balancer.requests.slice(from);
  const isGood = ({ answeredAtMs, status }: NodeRequest): boolean => answeredAtMs !== undefined && status === 200;
  const config = requests.findIndex((request) => request.method === 'CONFIG' && isGood(request));
  const end = requests.findIndex((request, at) => at > config && request.method === 'STATUS' && isGood(request));
  const route = fieldOf(requests[end] ?? { fields: [] }, 'JVMRoute');
  const told = balancer.nodes().find((node) => node.route === route);
  if (config === -1 || end === -1 || told === undefined) return undefined;
  return { ...told, contexts: new Map(told.contexts), requests: requests.slice(0, end + 1) };
}
