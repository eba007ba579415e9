import { formatDuration, formatSize, parseDuration, parseSize } from '../../core/units.ts';

interface WishRow {
  /** What stands behind the `=`. */
  readonly form: string;
  /** In lower case and without a full stop. */
  readonly describe: string;
  readonly example: string;
}

const MAX_SLEEP_MS = 10 * 60_000;
const MAX_BYTES = 1024 ** 3;
const MAX_PARTS = 10_000;
const DEFAULT_PART_BYTES = 1024;
const DEFAULT_PART_PAUSE_MS = 100;

/** What testers can ask the application for in the query of a request. Help, documentation and complaints read it. */
export const WISHES = {
  sleep: {
    form: 'TIME',
    describe: `answers so much later, at most ${formatDuration(MAX_SLEEP_MS)}; a bare number means ms`,
    example: 'sleep=2s',
  },
  status: { form: 'CODE', describe: 'answers with this status, 200 to 599', example: 'status=503' },
  size: {
    form: 'SIZE',
    describe: `answers with so many bytes in place of JSON, at most ${formatSize(MAX_BYTES)}`,
    example: 'size=10MiB',
  },
  stream: {
    form: 'PARTS[,SIZE[,TIME]]',
    describe: `answers in parts of ${formatSize(DEFAULT_PART_BYTES)} each ${formatDuration(DEFAULT_PART_PAUSE_MS)}, of unknown length in all; with size, that much in so many parts`,
    example: 'stream=10,64KiB,500ms',
  },
  session: { form: 'none|end', describe: 'goes without a session, or ends it', example: 'session=end' },
} as const satisfies Readonly<Record<string, WishRow>>;

type WishName = keyof typeof WISHES;

/** What a request asked for. */
export interface Wishes {
  readonly sleepMs: number;
  readonly status: number;
  readonly session: 'keep' | 'none' | 'end';
  /** Bytes in place of JSON, in how many parts with which pause between them; undefined: JSON. */
  readonly bytes:
    | { readonly sizeBytes: number; readonly parts: number; readonly pauseMs: number; readonly lengthKnown: boolean }
    | undefined;
}

/**
 * Reads the query of a request. Parameters that are none of ours are the business of nobody here.
 * @returns the wishes, or a sentence that says what cannot be
 */
export function readWishes(query: URLSearchParams): Wishes | string {
  const sleepMs = read(query, 'sleep', 0, readSleep);
  if (typeof sleepMs === 'string') return sleepMs;
  const status = read(query, 'status', 200, (text) => readWhole(text, 200, 599));
  if (typeof status === 'string') return status;
  const sizeBytes = read(query, 'size', -1, (text) => atMost(parseSize(text), MAX_BYTES, formatSize));
  if (typeof sizeBytes === 'string') return sizeBytes;
  const session = query.get('session') ?? 'keep';
  if (session !== 'keep' && session !== 'none' && session !== 'end') return complaint('session', 'no such wish');
  const stream = query.get('stream');
  const bytes = stream === null ? whole(sizeBytes) : readStream(stream, sizeBytes);
  return typeof bytes === 'string' ? complaint('stream', bytes) : { sleepMs, status, session, bytes };
}

function whole(sizeBytes: number): Wishes['bytes'] {
  return sizeBytes < 0 ? undefined : { sizeBytes, parts: 1, pauseMs: 0, lengthKnown: true };
}

function readStream(text: string, sizeBytes: number): NonNullable<Wishes['bytes']> | string {
  const [partsText = '', bytesText, pauseText, ...rest] = text.split(',');
  const parts = readWhole(partsText, 1, MAX_PARTS);
  if (typeof parts === 'string') return parts;
  if (rest.length > 0) return 'too many values';
  if (sizeBytes >= 0 && bytesText !== undefined && bytesText !== '') return 'size says the bytes already';
  const partBytes = bytesText === undefined || bytesText === '' ? DEFAULT_PART_BYTES : parseSize(bytesText);
  if (typeof partBytes === 'string') return partBytes;
  const pauseMs = pauseText === undefined ? DEFAULT_PART_PAUSE_MS : readSleep(pauseText);
  if (typeof pauseMs === 'string') return pauseMs;
  const totalBytes = sizeBytes >= 0 ? sizeBytes : parts * partBytes;
  if (totalBytes > MAX_BYTES) return `at most ${formatSize(MAX_BYTES)} in all`;
  if (parts * pauseMs > MAX_SLEEP_MS) return `at most ${formatDuration(MAX_SLEEP_MS)} in all`;
  return { sizeBytes: totalBytes, parts, pauseMs, lengthKnown: false };
}

function read(
  query: URLSearchParams,
  name: WishName,
  absent: number,
  parse: (text: string) => number | string,
): number | string {
  const text = query.get(name);
  if (text === null) return absent;
  const value = parse(text);
  return typeof value === 'string' ? complaint(name, value) : value;
}

function complaint(name: WishName, what: string): string {
  const { form, example } = WISHES[name];
  return `${name}: ${what}; the form is ${name}=${form}, for example ?${example}`;
}

function readSleep(text: string): number | string {
  return atMost(parseDuration(text, 'ms'), MAX_SLEEP_MS, formatDuration);
}

function readWhole(text: string, min: number, max: number): number | string {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  return value >= min && value <= max ? value : `expected a whole number from ${min} to ${max}`;
}

function atMost(value: number | string, max: number, format: (value: number) => string): number | string {
  if (typeof value === 'string') return value;
  return value > max ? `at most ${format(max)}` : value;
}
