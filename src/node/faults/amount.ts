import { formatDuration, formatSize, parseDuration, parseSize } from '../../core/units.ts';
import type { FaultAmount } from './table.ts';

interface AmountKind {
  /** What it is, and how it is written. */
  readonly words: string;
  /** @returns the amount, or a sentence that says what is wrong */
  readonly read: (text: string) => number | string;
  readonly print: (amount: number) => string;
  readonly least: number;
  readonly most: number;
  /** Whether it may vary: `200ms±50ms`. */
  readonly spreads: boolean;
}

const COUNT: Pick<AmountKind, 'read' | 'print'> = {
  read: (text) => (/^[0-9]{1,9}$/.test(text) ? Number(text) : 'expected a whole number'),
  print: (amount) => `${amount}`,
};

/** The kinds of numbers that a fault takes. */
export const AMOUNT_KINDS: Readonly<Record<Exclude<FaultAmount, 'none'>, AmountKind>> = {
  duration: {
    words: 'a time such as 200ms or 2s, a bare number is ms',
    read: (text) => parseDuration(text, 'ms'),
    print: formatDuration,
    least: 1,
    most: 86_400_000,
    spreads: true,
  },
  bytes: {
    words: 'a number of bytes such as 100 or 10KiB',
    read: parseSize,
    print: formatSize,
    least: 0,
    // Faults build what they say in memory, and a text of Node ends soon after.
    most: 256 * 1024 ** 2,
    spreads: true,
  },
  rate: {
    words: 'bytes a second, such as 64KiB',
    read: (text) => parseSize(text.replace(/\/s$/, '')),
    print: formatSize,
    least: 1,
    most: 1024 ** 4,
    spreads: true,
  },
  count: { words: 'a number such as 100', ...COUNT, least: 1, most: 1_000_000, spreads: true },
  status: { words: 'a status from 400 to 599', ...COUNT, least: 400, most: 599, spreads: false },
};

export interface Amount {
  readonly amount: number;
  /** 0: none. */
  readonly spread: number;
}

/** What stands between an amount and its spread; the others are for keyboards and terminals without `±`. */
const SPREAD_SIGN = /±|\+\/-|\+-/;

/**
 * Reads `200ms`, `200ms±50ms`, `200ms+-50ms` or `200ms+/-50ms`.
 * @returns the amount, or a sentence that says what is wrong
 */
export function readAmount(kind: Exclude<FaultAmount, 'none'>, text: string): Amount | string {
  const { read, print, least, most, spreads, words } = AMOUNT_KINDS[kind];
  const [amountText = '', spreadText, ...rest] = text.split(SPREAD_SIGN);
  if (rest.length > 0) return `${text} has more than one spread`;
  const amount = read(amountText);
  if (typeof amount === 'string') return `${amountText} is not ${words}`;
  if (amount < least || amount > most) return `${amountText} is not between ${print(least)} and ${print(most)}`;
  if (spreadText === undefined) return { amount, spread: 0 };
  if (!spreads) return `${amountText} cannot have a spread`;
  const spread = read(spreadText);
  if (typeof spread === 'string') return `the spread ${spreadText} is not ${words}`;
  if (amount - spread < least) return `the spread ${spreadText} leads below ${print(least)}`;
  if (amount + spread > most) return `the spread ${spreadText} leads above ${print(most)}`;
  return { amount, spread };
}

/** Writes an amount as `readAmount` reads it. */
export function printAmount(kind: Exclude<FaultAmount, 'none'>, { amount, spread }: Amount): string {
  const { print } = AMOUNT_KINDS[kind];
  return spread === 0 ? print(amount) : `${print(amount)}±${print(spread)}`;
}
