import { canonicalHost } from '../address.ts';
import type { FlushPackets } from '../cluster/records.ts';
import { lowerAscii } from './bytes.ts';
import { CONNECTOR_TYPES } from './connector-types.ts';
import type { SyntaxRules } from './dialect.ts';
import { DURATION_UNITS, parseMcmpDuration, wholeDuration } from './duration.ts';
import type { ErrorValues, McmpErrorCode } from './errors.ts';
import { type FieldName, type FieldRow, fieldRow, limitOf } from './fields.ts';

/** What a field's text means. `undefined`: the dialect reads nothing into it and the default stays. */
type FieldValue = string | number | boolean | readonly string[] | undefined;

/** Why a text is no value of its field. */
export interface FieldProblem {
  readonly code: McmpErrorCode;
  readonly values: ErrorValues;
}

/** A cookie name that a header can carry (RFC 9110 §5.6.2); anything else could never match. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Reads the decoded text of one field by the rules of a dialect (reference §1.6, §2.1).
 *
 * @param text byte string; empty only where the dialect keeps empty values
 */
export function readField(
  name: FieldName,
  text: string,
  syntax: SyntaxRules,
  lowersAliases: boolean = syntax.lowerAliases,
): { readonly value: FieldValue } | FieldProblem {
  if (name === 'StickySessionCookie' && syntax.cookieCutAt > 0) return { value: text.slice(0, syntax.cookieCutAt) };
  const row = fieldRow(name);
  const label = row.label ?? name;
  const limit = limitOf(row, syntax.limits);
  const badValue: FieldProblem = { code: 'bad-value', values: { F: label } };
  if (syntax.javaIntegers) {
    const read = readJavaInteger(row, text);
    if (read === null) return badValue;
    if (read !== undefined) {
      // -2 means: ping only.
      return row.kind === 'load' && Number(read) < -2 ? { code: 'bad-load', values: {} } : { value: read };
    }
  }
  switch (row.kind) {
    case 'aliases':
    case 'contexts':
      return readList(row, label, text, syntax, lowersAliases);
    case 'boolean':
      return { value: readBoolean(text, syntax) };
    case 'flush':
      return { value: readFlush(text, syntax) };
    case 'duration': {
      const unit = row.unit ?? 's';
      const ms = syntax.durations === 'atoi' ? wholeDuration(atoi(text) ?? 0, unit) : parseMcmpDuration(text, unit);
      return ms === undefined ? badValue : { value: ms };
    }
    case 'integer': {
      if (!syntax.strictValues) return { value: atoi(text) ?? 0 };
      return /^[+-]?[0-9]{1,9}$/.test(text) ? { value: Number(text) } : badValue;
    }
    case 'load': {
      const load = atoi(text);
      if (syntax.loads === 'atoi') return { value: load ?? 0 };
      return load === undefined || load < -1 || load > 100 ? { code: 'bad-load', values: {} } : { value: load };
    }
    default: {
      if (limit !== undefined && text.length >= limit) {
        return row.kind === 'cookie'
          ? { code: 'sticky-too-big', values: {} }
          : { code: 'too-big', values: { F: label } };
      }
      return readName(row, label, text, syntax);
    }
  }
}

function readName(
  row: FieldRow,
  label: string,
  text: string,
  syntax: SyntaxRules,
): { readonly value: string } | FieldProblem {
  const badValue: FieldProblem = { code: 'bad-value', values: { F: label } };
  switch (row.kind) {
    case 'balancer': {
      const value = syntax.lowerBalancers ? lowerAscii(text) : text;
      return syntax.strictValues && value.includes(',') ? badValue : { value };
    }
    case 'host': {
      if (!syntax.canonicalHosts) return { value: text.replace(/^(\[[^\]%]*)%[^\]]*\]/, '$1]') };
      const value = canonicalHost(text);
      return value === undefined ? badValue : { value };
    }
    case 'port': {
      if (!syntax.strictValues) return { value: text };
      if (!/^-?[0-9]+$/.test(text) || Number(text) > 65_535) return badValue;
      // 0 and -1 are what a connector says that is not open yet; it will know better in a moment.
      return Number(text) < 1 ? { code: 'bad-port', values: {} } : { value: String(Number(text)) };
    }
    case 'scheme': {
      if (!syntax.strictValues) return { value: text };
      const value = text.toLowerCase();
      return CONNECTOR_TYPES.has(value) ? { value } : badValue;
    }
    case 'cookie':
      return syntax.strictValues && !TOKEN.test(text) ? badValue : { value: text };
    default:
      return syntax.strictValues && text.includes(',') ? badValue : { value: text };
  }
}

function readList(
  row: FieldRow,
  label: string,
  text: string,
  syntax: SyntaxRules,
  lowersAliases: boolean,
): { readonly value: readonly string[] } | FieldProblem {
  const elements = syntax.commaHidesNext ? splitHidingNext(text) : text.split(',').filter((element) => element !== '');
  const limit = limitOf(row, syntax.limits) ?? Number.POSITIVE_INFINITY;
  for (const [index, element] of elements.entries()) {
    const counted = syntax.commaHidesNext && index > 0 ? element.length - 1 : element.length;
    if (counted < limit) continue;
    if (!syntax.cutListElements) return { code: 'too-big', values: { F: label } };
    elements[index] = element.slice(0, limit);
  }
  return { value: row.kind === 'aliases' && lowersAliases ? elements.map(lowerAscii) : elements };
}

/** As httpd 2 splits: the character after a comma belongs to the element even when it is a comma (reference §12.1.2). */
function splitHidingNext(text: string): string[] {
  const elements: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] !== ',') continue;
    elements.push(text.slice(start, index));
    start = index + 1;
    index++;
  }
  if (start < text.length) elements.push(text.slice(start));
  return elements;
}

function readBoolean(text: string, syntax: SyntaxRules): boolean | undefined {
  const word = text.toLowerCase();
  if (syntax.trueWords.includes(word)) return true;
  return syntax.falseWords.includes(word) ? false : undefined;
}

function readFlush(text: string, syntax: SyntaxRules): FlushPackets | undefined {
  const word = text.toLowerCase();
  if (word === 'auto') return syntax.autoFlush;
  if (!syntax.strictValues) return word === 'on' || word === 'off' ? word : undefined;
  const on = readBoolean(word, syntax);
  if (on === undefined) return undefined;
  return on ? 'on' : 'off';
}

/**
 * A number as `Integer.parseInt` takes it, of the fields that Undertow reads so; a port stays the text of one.
 *
 * @returns undefined for fields of another kind, null for a text that is no such number
 */
function readJavaInteger(row: FieldRow, text: string): number | string | null | undefined {
  const isNumber = row.kind === 'duration' || row.kind === 'integer' || row.kind === 'load' || row.kind === 'port';
  if (!isNumber) return undefined;
  const value = /^[+-]?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= -2_147_483_648 && value <= 2_147_483_647)) return null;
  if (row.kind === 'port') return String(value);
  if (row.kind !== 'duration') return value;
  return value * DURATION_UNITS[row.unit ?? 's'];
}

/** The integer at the start of a text, as C's atoi takes it, within 32 bits; undefined when there is none. */
function atoi(text: string): number | undefined {
  const match = /^[ \t]*([+-]?[0-9]+)/.exec(text);
  if (match === null) return undefined;
  return Math.max(-2_147_483_648, Math.min(2_147_483_647, Number(match[1])));
}
