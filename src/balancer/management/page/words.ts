import type { ContextStatus, NodeRecord } from '../../../core/cluster/records.ts';

/** How the page says things: states, ages, sizes, settings. */

export type NodeCondition = 'active' | 'standby' | 'error' | 'removing';

export interface ConditionWords {
  /** For who does not see the colour, at a glance. */
  readonly letter: string;
  readonly word: string;
  readonly describe: string;
}

export const NODE_CONDITIONS = {
  error: { letter: 'E', word: 'In error', describe: 'takes no requests' },
  active: { letter: 'A', word: 'Active', describe: 'takes requests' },
  standby: { letter: 'S', word: 'Standby', describe: 'takes requests when no active node can' },
  removing: { letter: 'R', word: 'Being removed', describe: 'said goodbye; its row waits in case it comes back' },
} as const satisfies Record<NodeCondition, ConditionWords>;

export const CONTEXT_STATUSES = {
  ENABLED: 'Enabled',
  DISABLED: 'Disabled',
  STOPPED: 'Stopped',
} as const satisfies Record<ContextStatus, string>;

export function conditionOf(node: NodeRecord): NodeCondition {
  if (node.removedAtMs !== 0) return 'removing';
  if (node.inError || node.load < 0) return 'error';
  return node.load === 0 ? 'standby' : 'active';
}

/** Why a node takes no requests; a byte string. */
export function troubleOf(node: NodeRecord): string {
  if (!node.inError) return 'it reports load -1 itself';
  return node.errorReason === '' ? 'the balancer cannot reach it' : node.errorReason;
}

/** `12,345`. */
export function count(value: number): string {
  if (value < 1000) return String(value);
  return String(value).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
}

/** `1 node`, `12 nodes`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Three digits are enough for eyes: `1.21 MiB`. */
export function bytes(value: number): string {
  let [amount, unit] = [value, 0];
  while (amount >= 999.5 && unit < BYTE_UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  const digits = unit === 0 || amount >= 100 ? 0 : amount >= 10 ? 1 : 2;
  return `${amount.toFixed(digits)} ${BYTE_UNITS[unit] ?? ''}`;
}

const AGE_UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;

/** The two largest units: `3 h 12 min`, `2 d 0 h`, `45 s`. */
export function age(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  for (const [index, [name, size]] of AGE_UNITS.entries()) {
    if (seconds < size) continue;
    const rest = seconds % size;
    const [restName, restSize] = AGE_UNITS[index + 1] ?? (['s', 1] as const);
    return `${Math.floor(seconds / size)} ${name} ${Math.floor(rest / restSize)} ${restName}`;
  }
  return `${seconds} s`;
}

/** A setting with its unit: `10 s`, `1.5 s`, `250 ms`. */
export function duration(durationMs: number): string {
  return durationMs < 1000 && durationMs !== 0 ? `${durationMs} ms` : `${durationMs / 1000} s`;
}

/** Settings of CONFIG that few look at, in one line. */
export function settingsOf(node: NodeRecord): string {
  const flush = node.flushPackets === 'auto' ? `auto, wait ${duration(node.flushWaitMs)}` : node.flushPackets;
  const words = [
    `ping ${duration(node.pingMs)}`,
    `smax ${node.smax < 0 ? 'automatic' : node.smax}`,
    `ttl ${duration(node.ttlMs)}`,
    `timeout ${node.timeoutMs === 0 ? "the balancer's own" : duration(node.timeoutMs)}`,
    `flush packets ${flush}`,
  ];
  return words.join(' · ');
}

/** A few names of many. @param names text */
export function someOf(names: readonly string[], most = 5): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${count(more)} more` : names.join(', ');
}
