import type { AppCommand, ConfigCommand } from './types.ts';

/** A body up to this size may stay in memory with what was read out of it. */
const SMALL_BODY_BYTES = 1024;

/**
 * A command whose texts are their own. V8 makes a view of the whole body where a long enough piece is cut out of it, so a
 * route of twenty bytes would keep a message of a megabyte in memory for as long as the node lives.
 *
 * @param bodyBytes size of the message that the command was read from
 */
export function detached<C extends ConfigCommand | AppCommand>(command: C, bodyBytes: number): C {
  if (bodyBytes <= SMALL_BODY_BYTES) return command;
  const own = { ...command, aliases: command.aliases.map(copied), contexts: command.contexts.map(copied) };
  if (own.kind === 'CONFIG') {
    const further = own.further?.map((host) => ({
      aliases: host.aliases.map(copied),
      contexts: host.contexts.map(copied),
    }));
    const settings = { node: ownTexts(own.node), balancer: ownTexts(own.balancer) };
    return { ...own, ...settings, ...(further === undefined ? {} : { further }) };
  }
  return ownTexts(own);
}

function ownTexts<T extends object>(settings: T): T {
  const own = { ...settings };
  for (const [name, value] of Object.entries(own)) if (typeof value === 'string') Reflect.set(own, name, copied(value));
  return own;
}

/** The same byte string in memory of its own. */
function copied(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
