import { readFileSync, statSync } from 'node:fs';
import { UsageError } from '../../core/errors.ts';
import { closestName } from '../../core/suggest.ts';
import { formatDuration, parseDuration } from '../../core/units.ts';
import { parseLoadNumber, parseReplay } from './replay.ts';
import {
  DEFAULT_BUSY_CAPACITY,
  DEFAULT_REQUESTS_CAPACITY,
  LOADS,
  type LoadKind,
  SMOOTHING,
  type SmoothingName,
  type SmoothingRow,
} from './table.ts';
import type { LoadSpec, Smoothing } from './types.ts';

export interface ParseLoadOptions {
  /** Whether files may be read and commands run; default yes. Not for words that came over a network. */
  readonly hostAccess?: boolean;
}

const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a load of the forms in `LOADS`. The file of a replay is read here, once for all nodes.
 * @throws UsageError with what was expected, and as the hint the form that was meant, or all of them
 */
export function parseLoad(text: string, { hostAccess = true }: ParseLoadOptions = {}): LoadSpec {
  const written = text.trim();
  const load = parseLoadNumber(written);
  if (load !== undefined) return { text: written, kind: 'fixed', load };
  const [, word = '', mark = '', rest = ''] = /^([A-Za-z]*)([:,]?)(.*)$/s.exec(written) ?? [];
  if (!isKind(word)) throw wrong(written, unknownKind(word), allForms());
  if (LOADS[word].reachesIntoHost && !hostAccess) {
    throw new UsageError(`the load ${JSON.stringify(written)} is not taken from here`, {
      hint: 'It reads files or runs commands of this machine: give it with --load when the program is started.',
    });
  }
  const spec = parseKind(word, mark, rest);
  if (typeof spec === 'string') throw wrong(written, spec, formOf(word));
  return { text: written, ...spec };
}

type Untitled<T> = T extends unknown ? Omit<T, 'text'> : never;

function parseKind(kind: LoadKind, mark: string, rest: string): Untitled<LoadSpec> | string {
  switch (kind) {
    case 'fixed':
      return unknownKind(kind);
    case 'cpu': {
      if (mark === ':') return `cpu takes options behind a comma: ${LOADS.cpu.form}`;
      const smoothing = parseSmoothing(mark === '' ? [] : rest.split(','));
      return typeof smoothing === 'string' ? smoothing : { kind, smoothing };
    }
    case 'busy':
    case 'requests':
      return parseMeasured(kind, mark, rest);
    case 'sine':
      return parseSine(rest);
    case 'replay': {
      if (rest === '') return 'expected the name of a file';
      const steps = readSteps(rest);
      return typeof steps === 'string' ? steps : { kind, steps };
    }
    case 'cmd':
      return mark !== ':' || rest.trim() === '' ? 'expected a command behind cmd:' : { kind, command: rest };
  }
}

function parseMeasured(kind: 'busy' | 'requests', mark: string, rest: string): Untitled<LoadSpec> | string {
  const parts = mark === '' ? [] : rest.split(',');
  const usual = kind === 'busy' ? DEFAULT_BUSY_CAPACITY : DEFAULT_REQUESTS_CAPACITY;
  const capacity = mark === ':' ? readNumber(parts[0] ?? '') : usual;
  if (capacity === undefined || capacity <= 0) return 'expected a capacity above 0';
  const smoothing = parseSmoothing(mark === ':' ? parts.slice(1) : parts);
  return typeof smoothing === 'string' ? smoothing : { kind, capacity, smoothing };
}

function parseSine(rest: string): Untitled<LoadSpec> | string {
  const [minText = '', maxText = '', periodText = '', ...more] = rest.split(',').map((part) => part.trim());
  const min = parseLoadNumber(minText);
  const max = parseLoadNumber(maxText);
  if (min === undefined || max === undefined || min < 0 || min > max || more.length > 0) {
    return 'expected two loads from 0 to 100, the smaller one first, and a period';
  }
  const periodMs = parseDuration(periodText, 's');
  if (typeof periodMs === 'string') return periodMs;
  return periodMs === 0 ? `expected a period of at least ${formatDuration(1)}` : { kind: 'sine', min, max, periodMs };
}

function parseSmoothing(options: readonly string[]): Smoothing | string {
  const values = new Map<SmoothingName, number | undefined>();
  for (const option of options) {
    const [name = '', value = '', ...more] = option.trim().split('=');
    if (!isSmoothingName(name))
      return `expected an option such as ${SMOOTHING.initial.form}, not ${JSON.stringify(option)}`;
    const row: SmoothingRow = SMOOTHING[name];
    const number = readNumber(value);
    const off = row.off && value === 'off';
    const fits =
      number !== undefined && number >= row.min && number <= row.max && (!row.integer || Number.isInteger(number));
    if (more.length > 0 || values.has(name) || !(off || fits)) {
      return `expected ${row.form} once, with a ${row.integer ? 'whole ' : ''}number from ${row.min} to ${row.max}`;
    }
    values.set(name, off ? undefined : number);
  }
  return {
    history: values.get('history') ?? SMOOTHING.history.default,
    decay: values.get('decay') ?? SMOOTHING.decay.default,
    initial: values.has('initial') ? values.get('initial') : SMOOTHING.initial.default,
  };
}

function readNumber(text: string): number | undefined {
  return /^\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Number(text) : undefined;
}

function readSteps(file: string): ReturnType<typeof parseReplay> {
  let content: string;
  try {
    const facts = statSync(file);
    // A pipe or a device may never end.
    if (!facts.isFile()) return `${file} is no file`;
    if (facts.size > MAX_FILE_BYTES) return `${file} is larger than ${MAX_FILE_BYTES} bytes`;
    content = readFileSync(file, 'utf8');
  } catch (error) {
    return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
  const steps = parseReplay(content);
  return typeof steps === 'string' ? `${file}, ${steps}` : steps;
}

function unknownKind(word: string): string {
  const meant = closestName(word, Object.keys(LOADS));
  return `expected a number from -1 to 100, or one of ${Object.keys(LOADS).slice(1).join(', ')}${meant === undefined || meant === 'fixed' ? '' : ` (did you mean ${meant}?)`}`;
}

function wrong(text: string, what: string, hint: string): UsageError {
  return new UsageError(`the load ${JSON.stringify(text)} cannot be: ${what}`, { hint });
}

function allForms(): string {
  const forms = Object.values(LOADS).map(({ form }) => form);
  return `The forms are ${forms.join(', ')}; mcmp node-sim --help explains them.`;
}

function formOf(kind: LoadKind): string {
  const { form, example } = LOADS[kind];
  const options = Object.values(SMOOTHING).map((row) => `${row.form} (${row.default})`);
  const smoothed = form.includes('OPTION') ? ` OPTION is ${options.join(', ')}.` : '';
  return `The form is ${form}, such as ${example}.${smoothed}`;
}

function isKind(word: string): word is Exclude<LoadKind, 'fixed'> {
  return word !== 'fixed' && Object.hasOwn(LOADS, word);
}

function isSmoothingName(word: string): word is SmoothingName {
  return Object.hasOwn(SMOOTHING, word);
}
