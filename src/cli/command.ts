/**
 * How a subcommand is declared. One file in commands/ holds one constant:
 *
 *   export const command = defineCommand({
 *     name: 'send',                                  // two words for a command of a group: 'advertise listen';
 *                                                    // the first may be a command itself: 'node-sim', 'node-sim ctl'
 *     summary: 'Send one MCMP command',              // one line, in lists
 *     description: 'curl for MCMP: ...',             // a paragraph, in `mcmp send --help`
 *     positionals: {
 *       command: { describe: 'CONFIG, STATUS, ...' },               // args.command: string
 *       fields: { describe: 'Name=value', variadic: true },         // args.fields: readonly string[]
 *     },
 *     options: {
 *       balancer: { kind: 'url', default: 'http://127.0.0.1:8090', describe: 'whom to ask' },  // args.balancer: URL
 *       'retry-after': { kind: 'duration', default: '500ms', describe: 'pause' },   // args.retryAfter: number, ms
 *       header: { kind: 'string', repeatable: true, placeholder: 'NAME: VALUE', describe: '...' }, // readonly string[]
 *       as: { kind: 'choice', choices: ['text', 'xml'], describe: '...' },          // 'text' | 'xml' | undefined
 *     },
 *     examples: [['send STATUS JVMRoute=node1 Load=50', 'say how busy node1 is']],  // without `mcmp` in front
 *     async run(context, args) { ... },
 *   });
 *
 * From the table come the flags, the environment (`MCMP_SEND_RETRY_AFTER`), the keys of the configuration file
 * (`send: { retry-after: 1s }`), `--print-config`, `--help`, completion and the checks. Defaults are written as a user
 * would write them. Without a default a value may be undefined, except booleans (false), lists and repeatable ones (empty).
 * The global flags (`--json`, `--log-level`, ...) are in no command's table: `context` is what became of them.
 *
 * `run` prints results with `context.out` (stdout) and everything else with `context.log` (stderr). It returns nothing, or
 * the name of an outcome of `exit-codes.ts` such as 'check-failed'. To fail, it throws an McmpError of `core/errors.ts`
 * (UsageError for wrong input): message, hint and exit code come out the same way everywhere, with and without --json.
 * Anything else thrown is reported as a bug, exit 70. Signals end the process as always, unless `run` takes them over
 * with `context.signals.takeOver()`, whose AbortSignal is then the wish to stop.
 *
 * New commands are added to the list in commands/index.ts. Modules that take long to load (a terminal interface) are
 * imported inside `run`, so that they cost the other commands nothing.
 */
import type { ChalkInstance } from 'chalk';
import type { Address } from '../core/address.ts';
import type { Log } from '../observe/types.ts';
import type { Outcome } from './exit-codes.ts';
import type { Output } from './output.ts';
import type { Progress } from './progress.ts';
import type { Signals } from './signals.ts';

interface OptionBase {
  /** What it does, in lower case and without a full stop; a bare number's unit need not be said. */
  readonly describe: string;
  /** Heading in the help under which the option stands. */
  readonly group?: string;
  /** What stands for the value in the help: FILE, NAME, ... */
  readonly placeholder?: string;
  /** The command does not run without a value. */
  readonly required?: true;
  /** Never printed: `--print-config` says only whether it is set. */
  readonly secret?: true;
  /** May be given several times, or once with commas; strings, which may hold commas: in the environment one a line. */
  readonly repeatable?: true;
}

export type OptionSpec =
  /** `form` is what every given text must match, and how a refusal calls it. */
  | (OptionBase & {
      readonly kind: 'string';
      readonly default?: string | readonly string[];
      readonly form?: { readonly pattern: RegExp; readonly words: string };
    })
  | (OptionBase & {
      readonly kind: 'number';
      readonly default?: number;
      readonly min?: number;
      readonly max?: number;
      readonly integer?: true;
    })
  | (OptionBase & { readonly kind: 'boolean'; readonly default?: boolean })
  /**
   * Value in milliseconds. `unit` is what a bare number means (default s). `none: true` allows `none`, which is 0; else it
   * has to be longer than 0, unless `zero: true`.
   */
  | (OptionBase & {
      readonly kind: 'duration';
      readonly default?: string;
      readonly unit?: 'ms' | 's';
      readonly none?: true;
      readonly zero?: true;
    })
  /** Value in bytes; a bare number means bytes. `minBytes`: less makes no sense (default 1). */
  | (OptionBase & { readonly kind: 'size'; readonly default?: string; readonly minBytes?: number })
  | (OptionBase & { readonly kind: 'address'; readonly default?: string | readonly string[] })
  /**
   * http or https; `host:port` alone means http. `switch: true`: a boolean as well, and the flag alone means true; without a
   * default the value is then false, not undefined.
   */
  | (OptionBase & { readonly kind: 'url'; readonly default?: string | readonly string[]; readonly switch?: true })
  /** `a,b,c`; several flags add up. */
  | (OptionBase & { readonly kind: 'list'; readonly default?: string })
  | (OptionBase & { readonly kind: 'choice'; readonly choices: readonly string[]; readonly default?: string });

export type OptionTable = Readonly<Record<string, OptionSpec>>;

export interface PositionalSpec {
  readonly describe: string;
  /** What a shell may complete; other words are not refused. */
  readonly suggestions?: readonly string[];
  /** May be left out. */
  readonly optional?: true;
  /** Takes all remaining words, also none; only the last positional can. */
  readonly variadic?: true;
}

export type PositionalTable = Readonly<Record<string, PositionalSpec>>;

interface ValueOfKind {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly duration: number;
  readonly size: number;
  readonly address: Address;
  readonly url: URL;
  readonly list: readonly string[];
}

type SingleValue<S> = S extends { kind: 'choice'; choices: readonly (infer Choice)[] }
  ? Choice
  : S extends { switch: true }
    ? URL | boolean
    : S extends { kind: infer Kind extends keyof ValueOfKind }
      ? ValueOfKind[Kind]
      : never;

type OptionValue<S> = S extends { repeatable: true }
  ? readonly SingleValue<S>[]
  : S extends { default: unknown } | { required: true } | { kind: 'boolean' | 'list' } | { switch: true }
    ? SingleValue<S>
    : SingleValue<S> | undefined;

type PositionalValue<P> = P extends { variadic: true }
  ? readonly string[]
  : P extends { optional: true }
    ? string | undefined
    : string;

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** Whether an option can be switched on and off by words such as true, and off by `--no-NAME`. */
export function isSwitch(spec: OptionSpec): boolean {
  return spec.kind === 'boolean' || (spec.kind === 'url' && spec.switch === true);
}

/** What `run` is given: the names of both tables in camel case, with parsed values. */
export type ArgsOf<O extends OptionTable, P extends PositionalTable> = {
  readonly [Name in keyof O & string as CamelCase<Name>]: OptionValue<O[Name]>;
} & { readonly [Name in keyof P & string as CamelCase<Name>]: PositionalValue<P[Name]> };

export interface CommandContext {
  /** Machine-readable output was asked for: `out.json` only. */
  readonly json: boolean;
  readonly out: Output;
  readonly log: Log;
  /** Colours for stdout; none when it is no terminal or they are switched off. */
  readonly style: ChalkInstance;
  readonly signals: Signals;
  /** For what takes its time. */
  readonly progress: Progress;
  /** A line in the log that no `--log-level` hides: that a service is ready, and where. */
  readonly notice: Log['info'];
}

/** A context that can also read the environment and the configuration file again, for SIGHUP. */
export interface RunContext<Args> extends CommandContext {
  /** @throws UsageError when what stands there now is wrong */
  rereadArgs(): Args;
}

/** More than an option can say of itself: the words of a little language, for the end of the help. */
export interface Note {
  readonly heading: string;
  readonly rows: readonly (readonly [form: string, meaning: string])[];
}

export type Example = readonly [commandLine: string, meaning: string];

/** What the rest of `src/cli` sees of a command; `defineCommand` makes it from a typed one. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly positionals: PositionalTable;
  readonly options: OptionTable;
  readonly examples: readonly Example[];
  readonly notes?: readonly Note[];
  run(context: CommandContext, readArgs: () => ReadonlyMap<string, unknown>): Promise<Outcome>;
}

export interface CommandSpec<O extends OptionTable, P extends PositionalTable> {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly positionals?: P;
  readonly options: O;
  readonly examples: readonly Example[];
  readonly notes?: readonly Note[];
  run(context: RunContext<ArgsOf<O, P>>, args: ArgsOf<O, P>): Promise<Outcome | undefined> | Promise<void>;
}

/** Checks a command's table at compile time and makes a command of it. The values that `run` sees follow the table. */
export function defineCommand<const O extends OptionTable, const P extends PositionalTable = Record<never, never>>(
  spec: CommandSpec<O, P>,
): Command {
  return {
    ...spec,
    positionals: spec.positionals ?? {},
    async run(context, readArgs) {
      const rereadArgs = (): ArgsOf<O, P> => typedArgs(spec.options, spec.positionals, readArgs());
      const outcome = await spec.run({ ...context, rereadArgs }, rereadArgs());
      return outcome ?? 'done';
    },
  };
}

/** Values by their names in the tables, as the object that the tables' types describe. */
export function typedArgs<O extends OptionTable, P extends PositionalTable = Record<never, never>>(
  options: O,
  positionals: P | undefined,
  values: ReadonlyMap<string, unknown>,
): ArgsOf<O, P> {
  const args: Record<string, unknown> = {};
  for (const name of [...Object.keys(options), ...Object.keys(positionals ?? {})]) {
    args[camelCase(name)] = values.get(name);
  }
  return args as ArgsOf<O, P>;
}

/** `max-nodes` as `maxNodes`. */
function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
