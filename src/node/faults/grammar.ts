import { UsageError } from '../../core/errors.ts';
import { closestName } from '../../core/suggest.ts';
import { formatDuration, parseDuration } from '../../core/units.ts';
import { AMOUNT_KINDS, type Amount, printAmount, readAmount } from './amount.ts';
import { FAULTS, type FaultName, faultRow } from './table.ts';
import type { FaultSpec } from './types.ts';

/** How a fault is written, for `--help` and docs/faults.md. */
export const FAULT_GRAMMAR = {
  shape: 'NAME[:PART[,PART]][@WHEN][@NODE]…',
  parts: [
    ['NAME', 'a fault of the table'],
    ['PART', 'the amount, such as 200ms, 10KiB or 503, and with ± (or +-) how much it varies: 200ms±50ms'],
    ['PART', 'the chance that it strikes, each time it could: 0.05 or 5%; without it always'],
    [
      'WHEN',
      'FROM..UNTIL, counted from when it is switched on: 30s..45s, 30s.., ..1m; without it at once and for good',
    ],
    ['NODE', 'route of a node it is for, * stands for anything; several times for several; without it all nodes'],
  ],
  examples: ['hang@30s..45s', 'reset:0.05', 'error:503,10%', 'latency:200ms±50ms@node2', 'refuse@..1m@node*'],
} as const;

const MAX_TEXT_LENGTH = 1000;
/** Written out, a smaller one would have an exponent; nobody means it. */
const LEAST_CHANCE = 0.000_001;

const FAULT_NAMES: ReadonlyMap<string, FaultName> = new Map(
  (Object.keys(FAULTS) as FaultName[]).map((name) => [name, name]),
);

/**
 * Reads a fault: `NAME[:PART[,PART]][@WHEN|@NODE]…`, the parts being an amount and a chance, in either order.
 * @throws UsageError `MCMP_FAULT` that names the mistake, and shows how it is written
 */
export function parseFault(text: string): FaultSpec {
  const trimmed = text.trim();
  if (trimmed.length > MAX_TEXT_LENGTH)
    throw wrong(trimmed.slice(0, 40), `it is longer than ${MAX_TEXT_LENGTH} letters`);
  const [head = '', ...conditions] = trimmed.split('@');
  const colon = head.indexOf(':');
  const name = colon === -1 ? head : head.slice(0, colon);
  const fault = FAULT_NAMES.get(name.toLowerCase());
  if (fault === undefined) throw unknownFault(trimmed, name);
  const parts = colon === -1 ? {} : readParts(trimmed, fault, head.slice(colon + 1));
  const { amount, spread } = parts.amount ?? defaultAmount(fault);
  const { window, nodes } = readConditions(trimmed, fault, conditions);
  return {
    fault,
    text: trimmed,
    chance: parts.chance ?? 1,
    ...(amount === undefined ? {} : { amount }),
    ...(spread === 0 ? {} : { spread }),
    ...(window === undefined ? {} : { window }),
    nodes,
  };
}

function readParts(text: string, fault: FaultName, words: string): { amount?: Amount; chance?: number } {
  const { amount: kind, lasts } = faultRow(fault);
  let amount: Amount | undefined;
  let chance: number | undefined;
  for (const part of words.split(',').map((one) => one.trim())) {
    if (part === '') throw wrong(text, 'a part is empty', fault);
    // A fraction without a unit is a chance whatever the fault; of whole numbers only those that no amount could be.
    if (part.endsWith('%') || /^[01]?\.[0-9]+$/.test(part) || kind === 'none') {
      if (lasts === true) throw wrong(text, `${fault} is on or off, it takes no ${part}`, fault);
      if (chance !== undefined) throw wrong(text, 'it has two chances', fault);
      chance = readChance(text, fault, part);
      continue;
    }
    if (amount !== undefined) throw wrong(text, 'it has two amounts', fault);
    const read = readAmount(kind, part);
    if (typeof read === 'string') throw wrong(text, read, fault);
    amount = read;
  }
  return { ...(amount === undefined ? {} : { amount }), ...(chance === undefined ? {} : { chance }) };
}

function readChance(text: string, fault: FaultName, part: string): number {
  const match = /^([0-9]{0,3}(?:\.[0-9]{1,20})?)(%?)$/.exec(part);
  const [, digits = '', percent = ''] = match ?? [];
  if (digits === '') throw wrong(text, `${part} is not a chance such as 0.05 or 5%`, fault);
  const chance = percent === '' ? Number(digits) : Number(digits) / 100;
  if (chance >= LEAST_CHANCE && chance <= 1) return chance;
  const meant = percent === '' && chance > 1 && chance <= 100 ? `; ${digits}% is ${chance / 100}` : '';
  throw wrong(text, `the chance ${part} is not between ${LEAST_CHANCE.toFixed(6)} and 1${meant}`, fault);
}

function defaultAmount(fault: FaultName): { readonly amount: number | undefined; readonly spread: number } {
  const { amount: kind, default: text } = faultRow(fault);
  if (kind === 'none') return { amount: undefined, spread: 0 };
  const read = text === undefined ? `${fault} needs an amount` : readAmount(kind, text);
  if (typeof read === 'string') throw wrong(fault, read, fault);
  return read;
}

function readConditions(
  text: string,
  fault: FaultName,
  conditions: readonly string[],
): Pick<FaultSpec, 'window' | 'nodes'> {
  let window: FaultSpec['window'];
  const nodes: string[] = [];
  for (const condition of conditions) {
    if (condition.includes('..')) {
      if (window !== undefined) throw wrong(text, 'it has two windows; switch it on twice instead', fault);
      window = readWindow(text, fault, condition);
    } else if (/^[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d)$/.test(condition)) {
      throw wrong(text, `a window has two dots: @${condition}.. begins then, @..${condition} ends then`, fault);
    } else if (condition === '' || /[\s,:]/.test(condition)) {
      throw wrong(text, `${JSON.stringify(condition)} is not a route; several nodes are @node1@node2`, fault);
    } else {
      nodes.push(condition);
    }
  }
  return window === undefined ? { nodes } : { window, nodes };
}

function readWindow(text: string, fault: FaultName, condition: string): { fromMs: number; untilMs: number } {
  const at = condition.indexOf('..');
  const [from, until] = [condition.slice(0, at), condition.slice(at + 2)];
  if (from === '' && until === '') throw wrong(text, 'a window begins or ends somewhere', fault);
  const fromMs = from === '' ? 0 : parseDuration(from, 's');
  const untilMs = until === '' ? Number.POSITIVE_INFINITY : parseDuration(until, 's');
  if (typeof fromMs === 'string') throw wrong(text, `${from} is not a time such as 30s or 1m`, fault);
  if (typeof untilMs === 'string') throw wrong(text, `${until} is not a time such as 30s or 1m`, fault);
  if (untilMs <= fromMs) throw wrong(text, `the window ${condition} ends before it begins`, fault);
  return { fromMs, untilMs };
}

function unknownFault(text: string, name: string): UsageError {
  const meant = closestName(name, [...FAULT_NAMES.keys()]);
  const known = `The faults: ${[...FAULT_NAMES.keys()].join(', ')}.`;
  return new UsageError(
    name === ''
      ? 'a fault has a name'
      : `there is no fault ${JSON.stringify(name)}${text === name ? '' : ` (${text})`}`,
    {
      code: 'MCMP_FAULT',
      hint: meant === undefined ? known : `Did you mean ${meant}? For example: ${faultRow(meant as FaultName).example}`,
    },
  );
}

function wrong(text: string, mistake: string, fault?: FaultName): UsageError {
  const example = fault === undefined ? FAULT_GRAMMAR.examples[0] : faultRow(fault).example;
  const kind = fault === undefined ? 'none' : faultRow(fault).amount;
  const takes = kind === 'none' ? '' : ` Its amount is ${AMOUNT_KINDS[kind].words}.`;
  return new UsageError(`the fault ${text} cannot be read: ${mistake}`, {
    code: 'MCMP_FAULT',
    hint: `For example: ${example}.${takes} The form is ${FAULT_GRAMMAR.shape}`,
  });
}

/** Writes a fault as `parseFault` reads it, everything spelt out: the same fault whoever wrote it. */
export function printFault(spec: FaultSpec): string {
  const { amount: kind } = faultRow(spec.fault);
  const parts: string[] = [];
  if (kind !== 'none' && spec.amount !== undefined) {
    parts.push(printAmount(kind, { amount: spec.amount, spread: spec.spread ?? 0 }));
  }
  if (spec.chance < 1) parts.push(`${spec.chance}`);
  const conditions = spec.nodes.map((node) => `@${node}`);
  if (spec.window !== undefined) {
    const { fromMs, untilMs } = spec.window;
    const until = untilMs === Number.POSITIVE_INFINITY ? '' : formatDuration(untilMs);
    conditions.unshift(`@${fromMs === 0 && until !== '' ? '' : formatDuration(fromMs)}..${until}`);
  }
  return `${spec.fault}${parts.length === 0 ? '' : `:${parts.join(',')}`}${conditions.join('')}`;
}
