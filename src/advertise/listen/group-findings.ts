import { type DigestVerdict, formatGroup, type Severity } from '../../core/advertise/index.ts';
import type { HeardBalancer } from '../tracker.ts';

/** What is remarkable about a group as a whole, by stable id (need A14). */
const GROUP_LINTS = {
  'group/several-balancers': {
    severity: 'info',
    advice:
      'Nodes register with all of them: right for one cluster, cross-talk for two. Two need groups or keys of their own.',
  },
  'group/different-keys': {
    severity: 'warning',
    advice: 'Two environments share the group: give each a group of its own (AdvertiseGroup, --advertise-group).',
  },
  'group/restarted': {
    severity: 'info',
    advice: 'A balancer has a new id after each start; often means that it does not stay up.',
  },
  'group/address-shared': {
    severity: 'warning',
    advice: 'Two senders advertise one address at the same time: one of them is a leftover, or a forgery.',
  },
} as const satisfies Record<string, { readonly severity: Severity; readonly advice: string }>;

export interface GroupFinding {
  readonly id: keyof typeof GROUP_LINTS;
  readonly severity: Severity;
  readonly group: string;
  readonly message: string;
  readonly advice: string;
}

/** A balancer that was silent for so many of its intervals has gone. */
const INTERVALS = 3;
const UNKNOWN_INTERVAL_MS = 10_000;
const MAX_NAMED = 4;

/** Whether a balancer is still advertising. */
export function isAlive({ status, lastHeardMs, intervalMs }: HeardBalancer, nowMs: number): boolean {
  return status === 200 && nowMs - lastHeardMs <= INTERVALS * (intervalMs ?? UNKNOWN_INTERVAL_MS);
}

/**
 * What several balancers in one group mean for the nodes in it.
 * @param nowMs wall-clock time, in ms since 1970
 */
export function groupFindings(balancers: readonly HeardBalancer[], nowMs: number): GroupFinding[] {
  const byGroup = new Map<string, HeardBalancer[]>();
  for (const balancer of balancers) push(byGroup, formatGroup(balancer.group), balancer);
  return [...byGroup].flatMap(([group, members]) => findingsOf(group, members, nowMs));
}

function findingsOf(group: string, members: readonly HeardBalancer[], nowMs: number): GroupFinding[] {
  const findings: GroupFinding[] = [];
  const find = (id: GroupFinding['id'], message: string): void => {
    findings.push({ id, group, message, ...GROUP_LINTS[id] });
  };
  // In whatever order they were heard last, what is said of them is the same, and said once.
  const alive = members
    .filter((member) => isAlive(member, nowMs))
    .sort((one, other) => compare(nameOf(one), nameOf(other)));
  const addresses = new Set(alive.map(({ managerAddress }) => managerAddress ?? 'no address'));
  if (addresses.size > 1) find('group/several-balancers', `${addresses.size} balancers: ${some([...addresses])}`);

  const keys = new Map<string, string>();
  const judged = alive.filter(({ findings }) => findings.every(({ severity }) => severity !== 'danger'));
  for (const { digest, managerAddress } of judged) keys.set(KEY_WORDS[digest], managerAddress ?? 'no address');
  keys.delete('');
  if (keys.size > 1) {
    find('group/different-keys', [...keys].map(([words, address]) => `${address} ${words}`).join(', '));
  }
  for (const [address, those] of byAddress(members)) {
    const ordered = [...those].sort((one, other) => one.firstHeardMs - other.firstHeardMs);
    const [last, ...before] = ordered.reverse();
    if (last === undefined) continue;
    const beside = before.filter((one) => one.lastHeardMs > last.firstHeardMs && isAlive(one, nowMs));
    if (beside.length > 0) find('group/address-shared', `${address} by ${beside.length + 1} ids at once`);
    const restarts = before.length - beside.length;
    if (restarts > 0) find('group/restarted', `${address} has had ${restarts + 1} ids since we listen`);
  }
  return findings;
}

const KEY_WORDS: Readonly<Record<DigestVerdict, string>> = {
  ok: 'signs as expected',
  'wrong-key': 'signs with another key',
  'sender-has-no-key': 'signs without a key',
  'sender-has-a-key': 'signs with a key that is not given here',
  missing: '',
  malformed: '',
};

function nameOf({ managerAddress = '', server }: HeardBalancer): string {
  return `${managerAddress} ${server}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function byAddress(members: readonly HeardBalancer[]): Map<string, HeardBalancer[]> {
  const map = new Map<string, HeardBalancer[]>();
  for (const member of members) {
    if (member.managerAddress !== undefined) push(map, member.managerAddress, member);
  }
  return map;
}

function push<Item>(map: Map<string, Item[]>, name: string, item: Item): void {
  const items = map.get(name);
  if (items === undefined) map.set(name, [item]);
  else items.push(item);
}

function some(items: readonly string[]): string {
  const rest = items.length - MAX_NAMED;
  return `${items.slice(0, MAX_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
