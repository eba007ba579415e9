import { readFileSync } from 'node:fs';
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { UsageError } from '../core/errors.ts';
import { closestName } from '../core/suggest.ts';
import type { Command } from './command.ts';
import { GLOBAL_FILE_KEYS } from './global-options.ts';

/** Looked for in the working directory when no other file is named. */
export const DEFAULT_CONFIG_FILE = 'mcmp.config.yaml';

/** What stands in a configuration file, as the texts that the same flags would have. */
export interface ConfigFile {
  readonly path: string;
  /** Settings of one command, or, without a name, those for all commands. */
  settings(commandName?: string): ReadonlyMap<string, FileSetting>;
}

export interface FileSetting {
  readonly texts: readonly string[];
  /** `mcmp.config.yaml:3` */
  readonly where: string;
}

/**
 * Reads a configuration file: YAML, or JSON, which is a part of it. At the top stand settings for all commands and one
 * section for each command, with the names of the flags. A key that no command knows is refused, whatever command runs:
 * a setting that is silently ignored is worse than none.
 *
 * @param path named by the user, or undefined: the default file, which may be missing
 * @throws UsageError
 */
export function readConfigFile(path: string | undefined, commands: readonly Command[]): ConfigFile | undefined {
  const name = path ?? DEFAULT_CONFIG_FILE;
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch (error) {
    if (path === undefined && isMissing(error)) return undefined;
    throw new UsageError(`the configuration file ${name} cannot be read`, {
      code: 'MCMP_CONFIG_UNREADABLE',
      cause: error,
      hint: `The system says: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
  return parseConfig(name, text, commands);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** @throws UsageError naming the line */
export function parseConfig(path: string, text: string, commands: readonly Command[]): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => `${path}:${lines.linePos(offset).line}`;
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new UsageError(`${place(broken.pos[0])}: ${broken.message}`, { code: 'MCMP_CONFIG_SYNTAX' });
  }

  const sections = new Map<string, Map<string, FileSetting>>();
  const walk = (map: YAMLMap, section: string): void => {
    const known = keysOf(section, commands);
    for (const { key, value } of map.items) {
      const where = place(offsetOf(key));
      const name = isScalar(key) ? String(key.value) : '';
      if (known.settings.includes(name)) {
        const settings = sections.get(section) ?? new Map<string, FileSetting>();
        sections.set(section, settings.set(name, { texts: textsOf(value, name, where), where }));
      } else if (known.sections.includes(name)) {
        if (isMap(value)) walk(value, section === '' ? name : `${section} ${name}`);
        else if (!isEmpty(value)) throw new UsageError(`${where}: ${name} is a section, with settings below it`);
      } else {
        throw unknownKey(name, section, where, [...known.settings, ...known.sections]);
      }
    }
  };
  if (isMap(document.contents)) walk(document.contents, '');
  else if (!isEmpty(document.contents)) {
    throw new UsageError(`${path}: expected settings and sections, such as serve:`, { code: 'MCMP_CONFIG_SYNTAX' });
  }
  return { path, settings: (commandName = '') => sections.get(commandName) ?? new Map() };
}

interface KnownKeys {
  readonly settings: readonly string[];
  readonly sections: readonly string[];
}

function keysOf(section: string, commands: readonly Command[]): KnownKeys {
  const prefix = section === '' ? '' : `${section} `;
  const below = commands.filter((command) => command.name.startsWith(prefix) && command.name !== section);
  const sections = below.map((command) => command.name.slice(prefix.length).split(' ')[0] ?? '');
  const options = commands.find((command) => command.name === section)?.options ?? {};
  return { settings: section === '' ? GLOBAL_FILE_KEYS : Object.keys(options), sections: [...new Set(sections)] };
}

function unknownKey(name: string, section: string, where: string, known: readonly string[]): UsageError {
  const meant = closestName(name, known);
  const place = section === '' ? '' : ` in the section ${section.replaceAll(' ', '.')}`;
  return new UsageError(`${where}: unknown key "${name}"${place}`, {
    code: 'MCMP_CONFIG_UNKNOWN_KEY',
    hint: meant === undefined ? `Known are: ${known.join(', ')}.` : `Did you mean ${meant}?`,
  });
}

/** The document's types say unknown here: without the schema it may hold anything. */
function textsOf(value: unknown, name: string, where: string): readonly string[] {
  if (isScalar(value) && !isEmpty(value)) return [String(value.value)];
  if (isSeq(value) && value.items.every((item) => isScalar(item) && !isEmpty(item))) {
    return value.items.map((item) => (isScalar(item) ? String(item.value) : ''));
  }
  throw new UsageError(`${where}: ${name} needs a value, or a list of values`);
}

function isEmpty(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === null);
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}
