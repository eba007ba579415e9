import { ADVERTISE_LINTS, type AdvertiseLintId, type Severity } from '../../core/advertise/index.ts';
import { escapeForTerminal } from '../../core/text.ts';
import type { HeardBalancer } from '../tracker.ts';
import { type Danger, errorsOf, type Silence } from './events.ts';
import { type GroupFinding, isAlive } from './group-findings.ts';
import type { ProbeResult } from './probe.ts';
import { hearsItself, selfTestWords } from './self-test-words.ts';
import { type TtlFinding, ttlWords } from './ttl.ts';
import { balancerWords, spanWords, verdictOf } from './words.ts';

/** What the live table shows, at one moment. */
export interface Picture {
  /** Groups and interfaces. */
  readonly where: string;
  readonly elapsedMs: number;
  readonly received: number;
  readonly dropped: number;
  readonly hasKey: boolean;
  readonly probes: boolean;
  readonly balancers: readonly (HeardBalancer & { readonly probe: ProbeResult | undefined })[];
  readonly dangers: readonly Danger[];
  readonly groupFindings: readonly GroupFinding[];
  readonly ttl: readonly TtlFinding[];
  readonly silence: Silence | undefined;
  /** The last ones, the newest at the end. */
  readonly events: readonly string[];
  /** Wall-clock time, in ms since 1970. */
  readonly nowMs: number;
}

export type Shade = 'fine' | 'quiet' | Severity;

export interface Cell {
  readonly text: string;
  readonly shade?: Shade;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly right?: true;
  readonly cell: (balancer: Picture['balancers'][number], picture: Picture) => Cell;
}

const SEEN: Column = {
  title: 'SEEN',
  width: 7,
  right: true,
  cell: ({ lastHeardMs }, { nowMs }) => ({ text: ageWords(nowMs - lastHeardMs) }),
};
const EVERY: Column = {
  title: 'EVERY',
  width: 7,
  right: true,
  cell: ({ intervalMs }) => ({ text: intervalMs === undefined ? '-' : spanWords(intervalMs) }),
};
const JITTER: Column = {
  title: 'JITTER',
  width: 6,
  right: true,
  cell: ({ jitterMs }) => ({ text: jitterMs === undefined ? '-' : spanWords(jitterMs) }),
};
const LOST: Column = {
  title: 'LOST',
  width: 5,
  right: true,
  cell: ({ lost }) => ({ text: String(lost), ...(lost > 0 ? { shade: 'warning' as const } : {}) }),
};
const REACHED: Column = {
  title: 'REACHED',
  width: 7,
  right: true,
  cell: ({ probe }) =>
    probe === undefined
      ? { text: '-' }
      : probe.reachable
        ? { text: spanWords(probe.tookMs), shade: 'fine' }
        : { text: 'no', shade: 'error' },
};
const HEARD: Column = { title: 'HEARD', width: 7, right: true, cell: ({ heard }) => ({ text: String(heard) }) };
const SOURCE: Column = {
  title: 'FROM',
  width: 16,
  cell: ({ sources }) => ({ text: `${sources[0] ?? ''}${sources.length > 1 ? ` +${sources.length - 1}` : ''}` }),
};
const SERVER: Column = { title: 'SERVER ID', width: 36, cell: ({ server }) => ({ text: escapeForTerminal(server) }) };

const GAP = 2;
const LEAST_BALANCER = 24;
const MOST_BALANCER = 44;
const LEAST_VERDICT = 19;
const MOST_VERDICT = 36;

export interface Table {
  readonly header: string;
  readonly rows: readonly (readonly Cell[])[];
  /** Balancers that have no room. */
  readonly more: number;
}

/** Balancers as aligned rows of exactly `width` characters at most; what is heard now stands first, and stays where it is. */
export function tableOf(picture: Picture, width: number, maxRows: number): Table {
  const middle = columnsFor(picture, width);
  const taken = middle.reduce((sum, column) => sum + column.width + GAP, 0);
  const rest = Math.max(2, width - taken - GAP);
  const verdictWidth = Math.max(1, Math.min(MOST_VERDICT, Math.max(LEAST_VERDICT, rest - MOST_BALANCER), rest - 1));
  const balancerWidth = Math.max(1, Math.min(MOST_BALANCER, rest - verdictWidth));
  const columns: Column[] = [
    { title: 'BALANCER', width: balancerWidth, cell: balancerCell },
    ...middle,
    { title: 'VERDICT', width: verdictWidth, cell: verdictCell },
  ];
  const crowded = picture.balancers.length > maxRows;
  const ordered = [...picture.balancers].sort(
    (one, other) =>
      Number(isAlive(other, picture.nowMs)) - Number(isAlive(one, picture.nowMs)) ||
      // Where not all have room, those are seen with which something is wrong.
      (crowded ? Number(hasErrors(other)) - Number(hasErrors(one)) : 0) ||
      one.firstHeardMs - other.firstHeardMs ||
      (one.server < other.server ? -1 : 1),
  );
  const fits = crowded ? Math.max(0, maxRows - 1) : maxRows;
  return {
    header: columns
      .map(({ title, width: columnWidth, right }) => sized(title, columnWidth, right))
      .join('  ')
      .trimEnd(),
    rows: ordered.slice(0, fits).map((balancer) =>
      columns.map((column) => {
        const { text, shade } = column.cell(balancer, picture);
        return { text: sized(text, column.width, column.right), ...(shade === undefined ? {} : { shade }) };
      }),
    ),
    more: Math.max(0, ordered.length - fits),
  };
}

function hasErrors({ findings }: HeardBalancer): boolean {
  return errorsOf(findings).length > 0;
}

/** The columns between the name and the verdict, as many as there is room for, in the order of their worth. */
function columnsFor({ probes }: Picture, width: number): Column[] {
  const worth = [SEEN, EVERY, ...(probes ? [REACHED] : []), LOST, JITTER, SOURCE, HEARD, SERVER];
  const order = [SOURCE, EVERY, JITTER, LOST, HEARD, SEEN, REACHED, SERVER];
  let left = width - LEAST_BALANCER - GAP - LEAST_VERDICT;
  const chosen = worth.filter((column) => {
    if (column.width + GAP > left) return false;
    left -= column.width + GAP;
    return true;
  });
  return order.filter((column) => chosen.includes(column));
}

function balancerCell({ managerAddress, managerProtocol, server }: HeardBalancer): Cell {
  return { text: balancerWords(managerAddress, managerProtocol, server) };
}

function verdictCell(balancer: HeardBalancer, { nowMs }: Picture): Cell {
  const { status, findings } = balancer;
  const { words, severity } = verdictOf(findings);
  if (severity === 'danger' || severity === 'error') return { text: shortId(words), shade: severity };
  if (status !== undefined && status !== 200) return { text: `says goodbye (${status})`, shade: 'quiet' };
  if (!isAlive(balancer, nowMs)) return { text: 'silent now', shade: 'warning' };
  return { text: severity === 'fine' ? 'fine' : shortId(words), shade: severity };
}

function shortId(id: string): string {
  return id.replace(/^advert\//, '');
}

function ageWords(ms: number): string {
  return ms < 1000 ? 'now' : spanWords(ms).replace(/\.\d/, '');
}

/** Exactly so many characters. */
function sized(text: string, width: number, right?: true): string {
  const cut = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
  return right ? cut.padStart(width) : cut.padEnd(width);
}

/** What there is to say beside the table, the most important first; each line may be cut at the width. */
export function remarksOf(picture: Picture): Cell[] {
  const { silence, groupFindings, balancers, ttl } = picture;
  if (silence !== undefined) return silenceRemarks(silence);
  const said = new Map<AdvertiseLintId, number>();
  for (const { findings } of balancers) {
    for (const { id } of findings) said.set(id, (said.get(id) ?? 0) + 1);
  }
  const order: readonly Severity[] = ['danger', 'error', 'warning'];
  const about = (severity: Severity): Cell[] => [
    ...[...said]
      .filter(([id]) => ADVERTISE_LINTS[id].severity === severity)
      .map(([id, times]) => ({
        text: `${shortId(id)}${times > 1 ? ` (${times})` : ''}: ${ADVERTISE_LINTS[id].advice}`,
        shade: severity,
      })),
    ...groupFindings
      .filter((finding) => finding.severity === severity)
      .map(({ message, advice }) => ({ text: `${escapeForTerminal(message)}. ${advice}`, shade: severity })),
  ];
  return [
    ...order.flatMap(about),
    ...ttl.map((finding) => ({ text: ttlWords(finding) })),
    ...groupFindings
      .filter(({ severity }) => severity === 'info')
      .map(({ message, advice }): Cell => ({ text: `${escapeForTerminal(message)}. ${advice}`, shade: 'quiet' })),
  ];
}

function silenceRemarks({ facts, causes }: Silence): Cell[] {
  return [
    { text: selfTestWords(facts), shade: hearsItself(facts) ? 'warning' : 'error' },
    ...causes.flatMap(({ title, why, commands }, index): Cell[] => [
      { text: `${index + 1}. ${title}: ${why}` },
      ...commands.slice(0, 1).map((command): Cell => ({ text: `   ${command}`, shade: 'info' })),
    ]),
  ];
}
