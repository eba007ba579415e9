import { type FIELDS, type FieldKind, type FieldName, fieldRow, fieldsOf } from '../../core/mcmp/fields.ts';
import type { ConfigParameters } from '../registrar/types.ts';

/** Fields of CONFIG that are no mere parameters: what a node is, where it is, and what it serves. */
const DECIDED_ELSEWHERE = ['JVMRoute', 'Alias', 'Context', 'Host', 'Port', 'Type'] as const;

type ConfigField = keyof ConfigParameters;
type FlagOf<Field extends FieldName> = (typeof FIELDS)[Field]['flag'];

type ConfigFlagTable = {
  readonly [Field in ConfigField as FlagOf<Field>]: {
    readonly kind: 'string';
    readonly group: string;
    readonly placeholder: string;
    readonly describe: string;
    readonly form: { readonly pattern: RegExp; readonly words: string };
  };
};

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** What the command line makes of the flags: texts that have passed the check of their kind. */
export type ConfigArgs = { readonly [Field in ConfigField as CamelCase<FlagOf<Field>>]: string | undefined };

interface Form {
  readonly placeholder: string;
  readonly pattern: RegExp;
  readonly words: string;
}

const NAME: Form = { placeholder: 'NAME', pattern: /^[^\s,]+$/, words: 'a name without spaces and commas' };
const BOOLEAN: Form = {
  placeholder: 'yes|no',
  pattern: /^(?:yes|no|on|off|true|false|1|0)$/i,
  words: 'yes or no',
};

/** What may be written for each kind of field; the balancer's own rules (`readField`) are checked by the balancer. */
const FORMS: Readonly<Partial<Record<FieldKind, Form>>> = {
  boolean: BOOLEAN,
  flush: { placeholder: 'on|off|auto', pattern: /^(?:on|off|auto)$/i, words: 'on, off or auto' },
  duration: {
    placeholder: 'N',
    pattern: /^[0-9]{1,9}(?:ms|s|mi|min|h)?$/i,
    words: 'a whole number, with ms, s, min or h if another unit is meant',
  },
  integer: { placeholder: 'N', pattern: /^-?[0-9]{1,9}$/, words: 'a whole number' },
  cookie: {
    placeholder: 'NAME',
    // RFC 9110 §5.6.2: what the name of a cookie can be made of.
    pattern: /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/,
    words: 'the name of a cookie, such as JSESSIONID',
  },
};

function isConfigField(name: FieldName): name is ConfigField {
  return !(DECIDED_ELSEWHERE as readonly string[]).includes(name);
}

const CONFIG_FIELDS: readonly ConfigField[] = fieldsOf('CONFIG').filter(isConfigField);

/**
 * One flag for each parameter of CONFIG, from the field table. None has a default: what is not said is left to the
 * balancer, and the help tells what it then takes.
 */
export function configFlags(group: string): ConfigFlagTable {
  const table = CONFIG_FIELDS.map((name) => {
    const { kind, flag, help, default: unsaid } = fieldRow(name);
    const { placeholder, pattern, words } = FORMS[kind] ?? NAME;
    const describe = unsaid === undefined || unsaid === '' ? help : `${help} [unsaid: ${unsaid}]`;
    return [flag, { kind: 'string', group, placeholder, describe, form: { pattern, words } }] as const;
  });
  // Object.fromEntries knows the names of its keys no better than a map does.
  return Object.fromEntries(table) as ConfigFlagTable;
}

/** The parameters of CONFIG that were given, in the order of the field table; the registrar spells their booleans. */
export function configParameters(args: ConfigArgs): ConfigParameters {
  const given = new Map<string, string | undefined>(Object.entries(args));
  const parameters: { -readonly [Field in ConfigField]?: string } = {};
  for (const name of CONFIG_FIELDS) {
    const text = given.get(camelCase(fieldRow(name).flag));
    if (text !== undefined) parameters[name] = text;
  }
  return parameters;
}

function camelCase(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
