import { withoutBrackets } from '../../core/address.ts';
import { needOf } from '../../core/cluster/apply.ts';
import { addressKey } from '../../core/cluster/state.ts';
import type { ClusterCommand } from '../../core/cluster/types.ts';
import { decodeValue } from '../../core/mcmp/body.ts';
import { textOf } from '../../core/mcmp/bytes.ts';
import { CommandError, refusal } from '../../core/mcmp/errors.ts';
import { messageLimit, parseCommand } from '../../core/mcmp/parse.ts';
import type { McmpCommand, McmpMethod, McmpReply } from '../../core/mcmp/types.ts';
import type { Origin } from '../cluster.ts';
import { isOwnAddress } from '../own-address.ts';
import { pingAddress } from '../ping.ts';
import type { Shared } from '../shared.ts';

/** One message as it came over HTTP; byte strings. */
export interface Message {
  readonly method: McmpMethod;
  /** Only its `/*` matters. */
  readonly target: string;
  readonly body: string;
  /** Accept header, or an empty string. */
  readonly accept: string;
  /** `MCMP-Route` header as sent: INFO of this node alone; empty: of all. */
  readonly aboutRoute: string;
}

/** For an address without a node there is no `ping` to go by (reference §2.4). */
const ADDRESS_PING_MS = 10_000;

/**
 * Reads a message, finds out what the machine has to know first, and applies it, whole or not at all. The only way in for
 * whoever wants to change something: MCMP, the JSON API and the manager page. Says once in the log who wanted what and
 * what was answered.
 *
 * @param isWanted whether somebody still waits for the answer: asked before anything is applied
 * @returns the reply, or undefined when nobody waits any more; nothing was changed then
 */
export async function carryOut(
  shared: Shared,
  message: Message,
  origin: Extract<Origin, { readonly peer: string }>,
  isWanted: () => boolean = () => true,
): Promise<McmpReply | undefined> {
  const { cluster, options } = shared;
  const { dialect } = cluster;
  const command = parseCommand(message.method, message.target, message.body, message.accept, dialect, {
    defaultBalancer: options.defaultBalancer,
    maxMessageBytes: messageLimit(dialect, options.limits, options.maxMessageBytes),
  });
  if (command instanceof CommandError) return refused(shared, message.method, command.refusal, origin);
  if (command.kind === 'CONFIG' && isOwnAddress(command.node.host, command.node.port, shared.ownPorts)) {
    return refused(shared, message.method, refusal('own-address', dialect), origin);
  }
  const notOwner = () => refused(shared, message.method, refusal('not-owner', dialect), origin);
  if (shared.routeOwners.refuses(command, origin)) return notOwner();
  const asked = await ask(shared, command);
  if (!isWanted()) return undefined;
  // Another peer may have come first meanwhile.
  if (asked !== command && shared.routeOwners.refuses(command, origin)) return notOwner();
  const reply = cluster.apply(narrowed(shared, asked, message.aboutRoute), origin);
  return reply.ok ? reply : refused(shared, message.method, reply, origin);
}

/** Notes a message that was refused, be it before the machine saw it. */
export function refused(
  { log, messages }: Shared,
  what: string,
  reply: Extract<McmpReply, { ok: false }>,
  origin: Extract<Origin, { readonly peer: string }>,
): McmpReply {
  messages.refused({ what, refusal: reply, origin });
  log.warn('An MCMP message was refused', {
    peer: origin.peer,
    ...(origin.certificate === undefined ? {} : { certificate: origin.certificate.name }),
    by: origin.by,
    command: what,
    problem: textOf(reply.mess),
    detail: textOf(reply.detail),
  });
  return reply;
}

/** INFO of one node, when the dialect and the peer want it so. */
function narrowed({ cluster }: Shared, command: ClusterCommand, aboutRoute: string): ClusterCommand {
  const { replies, syntax } = cluster.dialect;
  if (command.kind !== 'INFO' || !replies.infoOfOneNode || aboutRoute === '') return command;
  return { ...command, route: decodeValue(aboutRoute, syntax.plusIsSpace) };
}

/** Finds out what the machine has to know about the world before it can apply a command. */
async function ask({ cluster, health, nodeTls }: Shared, command: McmpCommand): Promise<ClusterCommand> {
  const need = needOf(cluster.state, command);
  if (need.kind === 'nothing') return command;
  if (need.kind === 'ping-address') {
    const host = withoutBrackets(need.host);
    const { reachable } = await pingAddress(
      need.scheme,
      host,
      Number(need.port),
      ADDRESS_PING_MS,
      cluster.dialect.ping,
      cluster.state.nodeByAddress.has(addressKey(need.host, need.port)) ? nodeTls : nodeTls.anonymous,
    );
    return command.kind === 'PING' ? { ...command, reachable } : command;
  }
  const node = cluster.node(need.route);
  if (node === undefined) return command;
  const { reachable, reason } = await health.ping(node);
  if (command.kind === 'CONFIG') return { ...command, incumbentReachable: reachable };
  if (command.kind === 'STATUS') return reachable ? { ...command, reachable } : { ...command, reachable, reason };
  return command.kind === 'PING' ? { ...command, reachable } : command;
}
