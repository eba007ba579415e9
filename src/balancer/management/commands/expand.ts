import type { NodeRecord, VhostRecord } from '../../../core/cluster/records.ts';
import { nodesOf } from '../../../core/cluster/state.ts';
import { encodeValue } from '../../../core/mcmp/body.ts';
import { lowerAscii, spellingsOf } from '../../../core/mcmp/bytes.ts';
import { messageLimit } from '../../../core/mcmp/parse.ts';
import type { AppCommandName } from '../../../core/mcmp/types.ts';
import type { Shared } from '../../shared.ts';
import type { Target, Wish } from './read-request.ts';
import { CommandRefusal } from './refusal.ts';

const MOST_COMMANDS = 10_000;
/** Names of fields and what separates them, beside the values of a message. */
const BYTES_BESIDE_VALUES = 64;

/**
 * The commands that a target stands for, as the tables are now: for whole nodes the `/*` form, else one or several for each
 * virtual host.
 *
 * @throws CommandRefusal 404 when nothing matches, 422 when too much does
 */
export function expand(
  { cluster, options }: Pick<Shared, 'cluster' | 'options'>,
  method: AppCommandName,
  target: Target,
): readonly Wish[] {
  const { dialect } = cluster;
  const maxMessageBytes = messageLimit(dialect, options.limits, options.maxMessageBytes);
  // One alias names its virtual host, and so its others, unless a list is more than its parts.
  const nameOf: NameOfVhost = ({ aliases }) =>
    dialect.cluster.vhosts === 'one-per-exact-list'
      ? aliases.map(({ name }) => name).join(',')
      : (aliases[0]?.name ?? '');
  const room = { maxMessageBytes, nameOf, onePath: dialect.syntax.commaInContext };
  const isWanted = nodeTest(target);
  const wishes: Wish[] = [];
  for (const node of nodesOf(cluster.state)) {
    if (node.removedAtMs !== 0 || !isWanted(node)) continue;
    if (target.alias === undefined && target.context === undefined) {
      wishes.push({ method, wildcard: true, pairs: [['JVMRoute', node.route]] });
    } else {
      for (const vhost of node.vhosts) {
        for (const contexts of listsOf(vhost, target, room)) {
          const alias = nameOf(vhost);
          const pairs = [
            ['JVMRoute', node.route],
            ['Alias', alias],
            ['Context', contexts.join(',')],
          ] as const;
          wishes.push({ method, wildcard: false, pairs });
        }
      }
    }
    if (wishes.length > MOST_COMMANDS) {
      throw new CommandRefusal(422, {
        code: 'MCMP_TOO_MUCH',
        error: `that would be more than ${MOST_COMMANDS} commands`,
        hint: 'Choose fewer nodes, such as one domain after the other.',
      });
    }
  }
  if (wishes.length > 0) return wishes;
  throw new CommandRefusal(404, {
    code: 'MCMP_NOTHING_MATCHES',
    error: 'no node has what the command is for',
    hint: 'GET /api/v1/state lists what there is.',
  });
}

function nodeTest({ node, domain, balancer }: Target): (record: NodeRecord) => boolean {
  const test = (name: string | undefined, nameOf: (record: NodeRecord) => string) => {
    if (name === undefined) return () => true;
    const spellings = spellingsOf(name);
    return (record: NodeRecord) => spellings.includes(nameOf(record));
  };
  const tests = [
    test(node, ({ route }) => route),
    test(domain, (record) => record.domain),
    test(balancer, (record) => record.balancer.name),
  ];
  return (record) => tests.every((passes) => passes(record));
}

type NameOfVhost = (vhost: VhostRecord) => string;

/** What fits into one message. */
interface Room {
  readonly maxMessageBytes: number;
  readonly nameOf: NameOfVhost;
  /** One context alone, as a comma is a part of its path. */
  readonly onePath: boolean;
}

/** The contexts of a virtual host that are meant, in lists that fit into one message each. */
function* listsOf(vhost: VhostRecord, { alias, context }: Target, space: Room): Generator<string[]> {
  if (alias !== undefined && !hasAlias(vhost, alias)) return;
  const paths =
    context === undefined ? vhost.contexts.keys() : spellingsOf(context).filter((path) => vhost.contexts.has(path));
  const room = space.maxMessageBytes - BYTES_BESIDE_VALUES - encodedBytes(vhost.node.route, space.nameOf(vhost));
  let list: string[] = [];
  let bytes = 0;
  for (const path of paths) {
    const more = encodedBytes(path) + 1;
    if (list.length > 0 && (space.onePath || bytes + more > room)) {
      yield list;
      list = [];
      bytes = 0;
    }
    list.push(path);
    bytes += more;
  }
  if (list.length > 0) yield list;
}

function hasAlias(vhost: VhostRecord, alias: string): boolean {
  const wanted = spellingsOf(alias).map(lowerAscii);
  return vhost.aliases.some(({ name }) => wanted.includes(lowerAscii(name)));
}

function encodedBytes(...values: readonly string[]): number {
  return values.reduce((sum, value) => sum + encodeValue(value).length, 0);
}
