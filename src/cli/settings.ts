import { UsageError } from '../core/errors.ts';
import { type Command, isSwitch, type OptionSpec, type OptionTable } from './command.ts';
import type { ConfigFile } from './config-file.ts';
import { type Environment, environmentName } from './environment.ts';
import { FLAG_ONLY } from './global-options.ts';
import type { Flags } from './parse-line.ts';
import { parseValue } from './values.ts';

export type Origin = 'flag' | 'environment' | 'file' | 'default' | 'unset';

/** One setting, resolved. */
export interface Setting {
  readonly name: string;
  readonly spec: OptionSpec;
  readonly value: unknown;
  /** The values as a user would write them; several for repeatable options, none when unset. */
  readonly texts: readonly string[];
  readonly origin: Origin;
  /** `--listen`, `MCMP_SERVE_LISTEN`, `mcmp.config.yaml:3`; empty for a default. */
  readonly where: string;
}

/** Where settings come from, strongest first. */
export interface Sources {
  readonly flags: Flags;
  readonly environment: Environment;
  readonly file: ConfigFile | undefined;
}

interface Found {
  readonly texts: readonly string[];
  readonly origin: Origin;
  readonly where: string;
}

/**
 * Resolves every option of a table: flag, then environment, then file, then default. Lists are not merged; the strongest
 * source that says anything counts alone.
 *
 * @param command whose options these are; undefined for the global ones
 * @throws UsageError naming the place where the wrong value stands
 */
export function resolveSettings(
  table: OptionTable,
  command: Command | undefined,
  sources: Sources,
): ReadonlyMap<string, Setting> {
  const fileSettings = sources.file?.settings(command?.name);
  const settings = new Map<string, Setting>();
  for (const [name, spec] of Object.entries(table)) {
    const fromFile = fileSettings?.get(name);
    const found =
      fromFlags(name, sources.flags) ??
      (FLAG_ONLY.has(name) ? undefined : fromEnvironment(environmentName(command, name), spec, sources.environment)) ??
      (fromFile === undefined ? undefined : { ...fromFile, origin: 'file' as const }) ??
      fromDefault(spec);
    settings.set(name, resolve(name, spec, found));
  }
  return settings;
}

function fromFlags(name: string, flags: Flags): Found | undefined {
  const texts = flags.get(name);
  return texts === undefined ? undefined : { texts, origin: 'flag', where: `--${name}` };
}

/** An empty variable counts as one that is not set: there is no other way to unset one in many places. */
function fromEnvironment(variable: string, spec: OptionSpec, environment: Environment): Found | undefined {
  const text = environment[variable];
  if (text === undefined || text === '') return undefined;
  const severalLines = spec.repeatable === true && spec.kind === 'string';
  return { texts: severalLines ? nonEmpty(text.split('\n')) : [text], origin: 'environment', where: variable };
}

function nonEmpty(parts: readonly string[]): readonly string[] {
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function fromDefault(spec: OptionSpec): Found {
  if (spec.default === undefined) return { texts: [], origin: 'unset', where: '' };
  const texts = Array.isArray(spec.default) ? spec.default.map(String) : [`${spec.default}`];
  return { texts, origin: 'default', where: '' };
}

function resolve(name: string, spec: OptionSpec, found: Found): Setting {
  // A comma may stand in any text, but in no address, number or time.
  const commaSeparates = spec.repeatable === true && spec.kind !== 'string';
  const texts = commaSeparates ? found.texts.flatMap((text) => nonEmpty(text.split(','))) : found.texts;
  const parsed = texts.map((text) => {
    try {
      return parseValue(spec, text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // A line of a file may hold more than one setting.
      const place = found.origin === 'file' ? `${found.where}: ${name}` : found.where;
      throw new UsageError(`${place}: ${error.message}, not "${text}"`, {
        code: 'MCMP_BAD_VALUE',
        ...(error.hint === undefined ? {} : { hint: error.hint }),
      });
    }
  });
  const [first, second] = parsed;
  const base = { name, spec, origin: found.origin, where: found.where, texts: parsed.map((item) => item.text) };
  if (spec.kind === 'list') return { ...base, value: parsed.flatMap((item) => item.value) };
  if (spec.repeatable === true) return { ...base, value: parsed.map((item) => item.value) };
  if (second !== undefined && spec.kind !== 'boolean') {
    throw new UsageError(`${found.where} takes one value, but has ${parsed.length}: ${base.texts.join(', ')}`, {
      code: 'MCMP_BAD_VALUE',
    });
  }
  if (first === undefined && spec.required === true) {
    throw new UsageError(`--${name} is needed`, { hint: spec.describe });
  }
  // A boolean flag that is given twice says the same thing twice, or the last one takes the first one back.
  const last = parsed.at(-1);
  return { ...base, value: last === undefined && isSwitch(spec) ? false : last?.value };
}
