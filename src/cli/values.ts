import { formatAddress, parseAddress } from '../core/address.ts';
import { UsageError } from '../core/errors.ts';
import { closestName } from '../core/suggest.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from '../core/units.ts';
import type { OptionSpec } from './command.ts';

export interface ParsedValue {
  readonly value: unknown;
  /** The value in the form in which a user would write it. */
  readonly text: string;
}

/**
 * Reads one value of an option.
 *
 * @throws UsageError with a message that lacks the place where the text stood; the caller knows it
 */
export function parseValue(spec: OptionSpec, text: string): ParsedValue {
  switch (spec.kind) {
    case 'string':
      if (spec.form?.pattern.test(text) === false) throw new UsageError(`expected ${spec.form.words}`);
      return { value: text, text };
    case 'number':
      return parseNumber(spec, text);
    case 'boolean':
      return parseBoolean(text);
    case 'duration':
      return parseDurationOption(spec, text);
    case 'size': {
      const bytes = orThrow(parseSize(text));
      const least = spec.minBytes ?? 1;
      if (bytes < least) throw new UsageError(`expected at least ${formatSize(least)}`);
      return { value: bytes, text: formatSize(bytes) };
    }
    case 'address': {
      const address = orThrow(parseAddress(text));
      return { value: address, text: formatAddress(address) };
    }
    case 'url':
      return parseSwitch(spec, text) ?? parseTargetUrl(text);
    case 'list': {
      const items = splitList(text);
      return { value: items, text: items.join(',') };
    }
    case 'choice':
      return parseChoice(spec.choices, text);
  }
}

/** `a, b,c` as its items. */
export function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function orThrow<T>(parsed: T | string): T {
  if (typeof parsed === 'string') throw new UsageError(parsed);
  return parsed;
}

function parseNumber(spec: OptionSpec & { kind: 'number' }, text: string): ParsedValue {
  const value = /^-?[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw new UsageError('expected a number');
  if (spec.integer === true && !Number.isSafeInteger(value)) throw new UsageError('expected a whole number');
  if (spec.min !== undefined && value < spec.min) throw new UsageError(`expected at least ${spec.min}`);
  if (spec.max !== undefined && value > spec.max) throw new UsageError(`expected at most ${spec.max}`);
  return { value, text: `${value}` };
}

const SWITCH_WORDS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', '0'].map((word) => [word, false] as const),
]);

function parseBoolean(text: string): ParsedValue {
  const value = SWITCH_WORDS.get(text.toLowerCase());
  if (value === undefined) throw new UsageError('expected true or false');
  return { value, text: `${value}` };
}

/** @returns undefined when the text is no word of a switch */
function parseSwitch(spec: OptionSpec & { kind: 'url' }, text: string): ParsedValue | undefined {
  if (spec.switch !== true) return undefined;
  return SWITCH_WORDS.has(text.toLowerCase()) ? parseBoolean(text) : undefined;
}

function parseDurationOption(spec: OptionSpec & { kind: 'duration' }, text: string): ParsedValue {
  const durationMs = text === 'none' && spec.none === true ? 0 : orThrow(parseDuration(text, spec.unit ?? 's'));
  if (durationMs === 0 && spec.none !== true && spec.zero !== true)
    throw new UsageError('expected a time longer than 0');
  return { value: durationMs, text: durationMs === 0 && spec.none === true ? 'none' : formatDuration(durationMs) };
}

function parseTargetUrl(text: string): ParsedValue {
  const full = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text)
    ? text
    : `http://${text.startsWith(':') ? 'localhost' : ''}${text}`;
  if (!URL.canParse(full)) throw new UsageError('expected a URL such as http://127.0.0.1:8090');
  const url = new URL(full);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new UsageError('expected http:// or https://');
  return { value: url, text: url.href.replace(/\/$/, '') };
}

function parseChoice(choices: readonly string[], text: string): ParsedValue {
  if (choices.includes(text)) return { value: text, text };
  const meant = closestName(text, choices);
  throw new UsageError(`expected one of ${choices.join(', ')}`, {
    ...(meant === undefined ? {} : { hint: `Did you mean ${meant}?` }),
  });
}
