import { UsageError } from '../../core/errors.ts';
import { closestName } from '../../core/suggest.ts';
import { ACTION_NAMES, type Action, type ActionValues } from './actions.ts';

/** How an action is done, as a `--control` line says it. */
export type ControlWay =
  /** A line on the standard input of the node that was started. */
  | { readonly kind: 'stdin'; readonly line: string }
  | { readonly kind: 'http'; readonly method: string; readonly url: string; readonly body: string }
  | { readonly kind: 'command'; readonly command: string };

/**
 * Reads `ACTION=HOW`. HOW is `stdin: LINE`, a method and a URL with perhaps a JSON body behind it, or else a command line for
 * the shell.
 * @throws UsageError
 */
export function parseControlLine(text: string): readonly [Action, ControlWay] {
  const [, name = '', how = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const action = ACTION_NAMES.find((one) => one === name);
  if (action === undefined) {
    const suggestion = closestName(name, ACTION_NAMES);
    throw new UsageError(`--control ${text}: no action is called ${name === '' ? '(nothing)' : name}`, {
      hint: `${suggestion === undefined ? '' : `Did you mean ${suggestion}? `}The form is ACTION=HOW; actions: ${ACTION_NAMES.join(', ')}.`,
    });
  }
  if (how.trim() === '') throw new UsageError(`--control ${text}: it does not say how`);
  const stdin = /^stdin: ?(.*)$/s.exec(how)?.[1];
  if (stdin !== undefined) return [action, { kind: 'stdin', line: stdin }];
  const [, method, url, body = ''] = /^([A-Z]+) (https?:\/\/\S+)(?: (.*))?$/s.exec(how) ?? [];
  if (method !== undefined && url !== undefined) return [action, { kind: 'http', method, url, body }];
  return [action, { kind: 'command', command: how }];
}

/** Puts values in the place of names in braces; a name that has no value stays. */
export function fill(text: string, values: ReadonlyMap<string, string>, encode = (value: string) => value): string {
  return text.replace(/\{([a-z-]+)\}/g, (whole, name: string) => {
    const value = values.get(name);
    return value === undefined ? whole : encode(value);
  });
}

/** The names that control lines have in braces, with their values; those of a URL have parts. */
export function valuesOf({ route, context, value }: ActionValues): ReadonlyMap<string, string> {
  return new Map([['route', route], ['context', context], ...partsOf(value)]);
}

/** `{value}`, and of a URL `{value-address}`, `{value-host}` and `{value-port}`. */
export function partsOf(value: string): readonly (readonly [string, string])[] {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return [
    ['value', value],
    ['value-address', url?.host ?? value],
    ['value-host', url?.hostname ?? value],
    ['value-port', url?.port ?? ''],
  ];
}
