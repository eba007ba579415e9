import type { Brand } from '../../src/client/brand.ts';
import type { ClusterView, SurveyReading, TargetReading, ToldNode, ViewNode } from '../../src/client/index.ts';
import { joinViews } from '../../src/client/view.ts';
import type { ContextStatus } from '../../src/core/cluster/records.ts';
import { dumpView, infoView } from '../../src/core/cluster/views.ts';
import { McmpError } from '../../src/core/errors.ts';
import type { TestBalancer } from '../core/balancer.ts';

/** Readings as a survey would give them, made by hand. */

export const T1 = 'http://127.0.0.1:6666';
export const T2 = 'http://127.0.0.1:6667';

export function readingOf(...targets: readonly TargetReading[]): SurveyReading {
  return { atMs: 1_000, targets };
}

export function read(target: string, brand: Brand, view: ClusterView): TargetReading {
  const state = {
    brand,
    version: '',
    view,
    info: { nodes: [], vhosts: [], contexts: [] },
    dump: { balancers: [], nodes: [], hosts: [], contexts: [] },
    facts: undefined,
    problems: [],
  };
  return { target, outcome: 'read', good: { state, atMs: 1_000, tookMs: 5 } };
}

export function silent(target: string): TargetReading {
  const error = new McmpError('unreachable', 'MCMP_UNREACHABLE', 'cannot connect: nothing listens there');
  return {
    target,
    outcome: 'failed',
    failure: { error, atMs: 1_000, tookMs: 5, sinceMs: 1_000, attempts: 1 },
    good: undefined,
  };
}

/** What a balancer without sockets says of itself. */
export function viewOf({ state }: TestBalancer): ClusterView {
  return joinViews(infoView(state), dumpView(state));
}

export interface NodeSketch {
  readonly route: string;
  readonly balancer?: string;
  readonly domain?: string;
  readonly load?: number;
  readonly connected?: number;
  /** As `mcmp serve` tells it. */
  readonly state?: ToldNode['state'];
  /** Aliases, joined by commas, to paths and their statuses. */
  readonly vhosts?: Readonly<Record<string, Readonly<Record<string, ContextStatus>>>>;
  /** By path. */
  readonly inFlight?: Readonly<Record<string, number>>;
}

export function sketch(...nodes: readonly NodeSketch[]): ClusterView {
  return { balancers: [], nodes: nodes.map(nodeOf) };
}

function nodeOf({
  route,
  balancer = 'mycluster',
  domain = '',
  load = 100,
  connected = 0,
  ...more
}: NodeSketch): ViewNode {
  return {
    name: route,
    balancer,
    domain,
    host: '127.0.0.1',
    port: '8080',
    type: 'http',
    flushPackets: 'off',
    flushWaitMs: 10,
    pingSeconds: 10,
    smax: -1,
    ttlSeconds: 60,
    elected: 0,
    readBytes: 0,
    transferredBytes: 0,
    connected,
    load,
    ...(more.state === undefined
      ? {}
      : { told: { state: more.state, errorReason: '', lastHeardMs: 0, failingSinceMs: 0, inFlight: new Map() } }),
    vhosts: Object.entries(more.vhosts ?? {}).map(([aliases, contexts]) => ({
      aliases: aliases.split(','),
      contexts: Object.entries(contexts).map(([path, status]) => {
        const inFlight = new Map(Object.entries(more.inFlight ?? {})).get(path);
        return { path, status, ...(inFlight === undefined ? {} : { inFlight }) };
      }),
    })),
  };
}
