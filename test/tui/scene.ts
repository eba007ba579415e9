import type { Brand, SurveyReading, TargetReading, ViewNode } from '../../src/client/index.ts';
import type { ContextStatus } from '../../src/core/cluster/records.ts';
import { McmpError } from '../../src/core/errors.ts';
import { bytesOf } from '../../src/core/mcmp/bytes.ts';
import { firstState, type TuiSettings, type TuiState } from '../../src/tui/state.ts';
import { type Message, update } from '../../src/tui/update.ts';

/** 2026-11-22, ten o'clock UTC: all scenes play then. */
export const START_MS = Date.UTC(2026, 10, 22, 10);

export interface NodeSpec {
  readonly route: string;
  readonly load?: number;
  readonly domain?: string;
  readonly elected?: number;
  readonly inFlight?: number;
  readonly error?: string;
  readonly aliases?: readonly string[];
  readonly contexts?: Readonly<Record<string, ContextStatus>>;
}

export interface BalancerSpec {
  readonly url: string;
  readonly brand?: Brand;
  readonly version?: string;
  readonly nodes?: readonly NodeSpec[];
  /** It does not answer, and has not done so since then. */
  readonly silentSinceMs?: number;
}

const ONE_APP: NonNullable<NodeSpec['contexts']> = { '/app': 'ENABLED' };

export function node(spec: NodeSpec, tells = true): ViewNode {
  const {
    route,
    load = 50,
    domain = '',
    elected = 0,
    inFlight = 0,
    error,
    aliases = ['localhost'],
    contexts = ONE_APP,
  } = spec;
  return {
    name: bytesOf(route),
    balancer: 'mycluster',
    domain: bytesOf(domain),
    host: '127.0.0.1',
    port: '8080',
    type: 'http',
    flushPackets: 'off',
    flushWaitMs: 10,
    pingSeconds: 10,
    smax: -1,
    ttlSeconds: 60,
    elected,
    readBytes: 0,
    transferredBytes: 0,
    connected: inFlight,
    load,
    ...(tells
      ? {
          told: {
            state: error === undefined ? 'serving' : 'error',
            errorReason: error ?? '',
            lastHeardMs: START_MS - 4_000,
            failingSinceMs: 0,
            inFlight: new Map(),
          },
        }
      : {}),
    vhosts: [
      {
        aliases,
        contexts: Object.entries(contexts).map(([path, status]) => ({
          path: bytesOf(path),
          status,
        })),
      },
    ],
  };
}

/** What a survey of these balancers knows. */
export function reading(balancers: readonly BalancerSpec[], atMs = START_MS): SurveyReading {
  return { atMs, targets: balancers.map((one) => targetReading(one, atMs)) };
}

function targetReading(spec: BalancerSpec, atMs: number): TargetReading {
  const { url, brand = 'mcmp', version = '0.1.0', nodes, silentSinceMs } = spec;
  const state =
    nodes === undefined
      ? undefined
      : {
          brand,
          version,
          view: { balancers: [], nodes: nodes.map((one) => node(one, brand === 'mcmp')) },
          info: { nodes: [], vhosts: [], contexts: [] },
          dump: { balancers: [], nodes: [], hosts: [], contexts: [] },
          facts: undefined,
          problems: [],
        };
  const good = state === undefined ? undefined : { state, atMs: silentSinceMs ?? atMs, tookMs: 3 };
  if (silentSinceMs !== undefined) {
    const error = new McmpError('unreachable', 'MCMP_CONNECT', 'connect ECONNREFUSED');
    return {
      target: url,
      outcome: 'failed',
      failure: { error, atMs, tookMs: 1, sinceMs: silentSinceMs, attempts: 3 },
      good,
    };
  }
  return good === undefined ? { target: url, outcome: 'pending' } : { target: url, outcome: 'read', good };
}

export const SETTINGS: TuiSettings = { readOnly: false, ascii: false, intervalMs: 2_000 };

/** Three nodes with three paths each; node2 is in error and node3 has something disabled. */
export const THREE_NODES: BalancerSpec = {
  url: 'http://lb1:8090',
  nodes: [
    {
      route: 'node1',
      load: 60,
      elected: 1234,
      inFlight: 2,
      contexts: { '/shop': 'ENABLED', '/api': 'ENABLED', '/admin': 'ENABLED' },
    },
    {
      route: 'node2',
      load: 40,
      elected: 800,
      error: 'connect ECONNREFUSED',
      contexts: { '/shop': 'ENABLED', '/api': 'ENABLED', '/admin': 'STOPPED' },
    },
    {
      route: 'node3',
      load: 20,
      elected: 400,
      domain: 'blue',
      contexts: { '/shop': 'ENABLED', '/api': 'DISABLED', '/admin': 'DISABLED' },
    },
  ],
};

/** A model that looks at these balancers. */
export function stateOf(
  balancers: readonly BalancerSpec[] = [THREE_NODES],
  settings: Partial<TuiSettings> = {},
  size = { columns: 80, rows: 24 },
): TuiState {
  const first = firstState({ atMs: START_MS, targets: [] }, size, { ...SETTINGS, ...settings });
  return told(first, { kind: 'reading', reading: reading(balancers) });
}

export function told(state: TuiState, ...messages: readonly Message[]): TuiState {
  return messages.reduce(update, state);
}

/** Keys as the keymap names them; a text of one letter each may be given at once after `text:`. */
export function press(state: TuiState, ...keys: readonly string[]): TuiState {
  const all = keys.flatMap((key) => (key.startsWith('text:') ? [...key.slice(5)] : [key]));
  return all.reduce((now, key) => update(now, { kind: 'key', key }), state);
}
