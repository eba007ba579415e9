import type { Brand } from '../client/brand.ts';
import type { Pair } from '../client/index.ts';
import type { ContextStatus } from '../core/cluster/records.ts';
import { encodeValue } from '../core/mcmp/body.ts';
import { bytesOf, lowerAscii, textOf } from '../core/mcmp/bytes.ts';
import type { AppCommandName } from '../core/mcmp/types.ts';
import { ACTING_RULES } from './acting-rules.ts';
import { sendLine } from './command-line.ts';
import type { ContextChange, PlannedCommand } from './types.ts';

/** The command that brings about a status. */
export const COMMAND_FOR: Readonly<Record<ContextStatus | 'absent', AppCommandName>> = {
  ENABLED: 'ENABLE-APP',
  DISABLED: 'DISABLE-APP',
  STOPPED: 'STOP-APP',
  absent: 'REMOVE-APP',
};

/** Where commands go, and how that balancer reads them. */
export interface Addressee {
  readonly target: string;
  readonly brand: Brand;
  /** Further words of the command lines. */
  readonly words: readonly string[];
}

/** Below the shortest message that some balancer cuts (httpd 1.3: 8008 bytes, reference §1.3). */
const MOST_BYTES = 7_900;

/**
 * Whether a command can name it: text goes over the wire as UTF-8, an empty name is refused, and a comma separates wherever
 * lists are read; in aliases everywhere. Where a name would be read as something else, the command would act upon that.
 */
export function canBeNamed(brand: Brand, { route, aliases, path }: Pick<ContextChange, 'route' | 'aliases' | 'path'>) {
  const { lists, lowersAliases, splitsDecoded } = ACTING_RULES[brand];
  const names = [route, path, ...aliases];
  return (
    aliases.length > 0 &&
    names.every((name) => name !== '' && bytesOf(textOf(name)) === name) &&
    !aliases.some((alias) => alias.includes(',') || (lowersAliases && alias !== lowerAscii(alias))) &&
    !(lists && path.includes(',')) &&
    !(splitsDecoded && names.some((name) => /[&=\s]/.test(name)))
  );
}

/**
 * Commands that carry out changes of one node, all to the same status. Changes of one virtual host share a command where the
 * brand reads lists, as far as the shortest message limit allows.
 */
export function plainCommands(to: Addressee, changes: readonly ContextChange[]): PlannedCommand[] {
  return batches(to.brand, changes).map((batch) => plainCommand(to, batch));
}

/** One command for all contexts of a node. */
export function wholeNodeCommand(
  to: Addressee,
  method: AppCommandName,
  route: string,
  changes: readonly ContextChange[],
): PlannedCommand {
  return command(to, method, '/*', route, [['JVMRoute', textOf(route)]], changes);
}

/**
 * Commands that bring statuses back, whatever they were. Where DISABLE-APP leaves a STOPPED context as it is, ENABLE-APP
 * goes before it: there is no other way back, and it lasts for one exchange.
 */
export function undoCommands(to: Addressee, changes: readonly ContextChange[]): PlannedCommand[] {
  const commands: PlannedCommand[] = [];
  for (const status of ['ENABLED', 'DISABLED', 'STOPPED', 'absent'] as const) {
    const wanted = changes.filter((change) => change.to === status && canBeNamed(to.brand, change));
    const opened =
      status === 'DISABLED' && ACTING_RULES[to.brand].disableKeepsStopped
        ? wanted.filter(({ from }) => from !== 'ENABLED')
        : [];
    for (const batch of batches(
      to.brand,
      opened.map((change) => ({ ...change, to: 'ENABLED' as const })),
    )) {
      commands.push({ ...plainCommand(to, batch), contexts: 0, changes: [] });
    }
    for (const batch of batches(to.brand, wanted)) commands.push(plainCommand(to, batch));
  }
  return commands;
}

function plainCommand(to: Addressee, batch: readonly ContextChange[]): PlannedCommand {
  const [first] = batch;
  if (first === undefined) throw new RangeError('a command has to name a context');
  const { route, aliases } = first;
  const pairs: Pair[] = [
    ['JVMRoute', textOf(route)],
    ['Alias', aliases.map(textOf).join(',')],
    ['Context', batch.map(({ path }) => textOf(path)).join(',')],
  ];
  return command(to, COMMAND_FOR[first.to], '/', route, pairs, batch);
}

function command(
  { target, words }: Addressee,
  method: AppCommandName,
  path: '/' | '/*',
  route: string,
  pairs: readonly Pair[],
  changes: readonly ContextChange[],
): PlannedCommand {
  const commandLine = sendLine({ target, method, path, pairs }, words);
  return { target, method, path, pairs, route, commandLine, contexts: changes.length, changes };
}

/** Changes that one command can carry out together: of one virtual host, and not too many. */
function batches(brand: Brand, changes: readonly ContextChange[]): ContextChange[][] {
  const done: ContextChange[][] = [];
  const open = new Map<string, { readonly batch: ContextChange[]; bytes: number }>();
  for (const change of changes) {
    const key = JSON.stringify([change.route, change.aliases]);
    const bytes = encodeValue(change.path).length + 1;
    const current = open.get(key);
    if (current !== undefined && ACTING_RULES[brand].lists && current.bytes + bytes <= MOST_BYTES) {
      current.batch.push(change);
      current.bytes += bytes;
      continue;
    }
    const batch = [change];
    done.push(batch);
    const head = [change.route, ...change.aliases].reduce((sum, name) => sum + encodeValue(name).length + 1, 0);
    open.set(key, { batch, bytes: bytes + head + 'JVMRoute=&Alias=&Context='.length });
  }
  return done;
}
