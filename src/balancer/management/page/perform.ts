import type { ContextStatus } from '../../../core/cluster/records.ts';
import { encodeBody } from '../../../core/mcmp/body.ts';
import { textOf } from '../../../core/mcmp/bytes.ts';
import type { AppCommandName } from '../../../core/mcmp/types.ts';
import type { Shared } from '../../shared.ts';
import { carryOut } from '../carry-out.ts';
import type { Notice } from './notices.ts';
import { type Order, type OrderTarget, placeOf } from './order.ts';
import { count, counted } from './words.ts';

/** What was done, and what it is that was not to be done. */
const DONE_WORDS: Record<AppCommandName, { readonly past: string; readonly already: string }> = {
  'ENABLE-APP': { past: 'Enabled', already: 'enabled' },
  'DISABLE-APP': { past: 'Disabled', already: 'disabled' },
  'STOP-APP': { past: 'Stopped', already: 'stopped' },
  'REMOVE-APP': { past: 'Removed', already: 'removed' },
};

/**
 * Carries an order out, the way every message goes, and says what became of it: what did change, not what was asked for.
 *
 * @param peer IP address of whoever asked
 */
export async function perform(shared: Shared, order: Order, target: OrderTarget, peer: string): Promise<Notice> {
  const before = new Map(target.contexts.map((context) => [context, context.status] as const));
  const refusals: string[] = [];
  for (const [targetPath, body] of messagesOf(order, target)) {
    const message = { method: order.command, target: targetPath, body, accept: '', aboutRoute: '' };
    const reply = await carryOut(shared, message, { by: 'page', peer });
    if (reply !== undefined && !reply.ok) refusals.push(textOf(reply.mess));
  }
  return inWords(order, target, before, refusals);
}

function messagesOf(order: Order, target: OrderTarget): [target: string, body: string][] {
  if (order.range !== 'CONTEXT') return target.nodes.map(({ route }) => ['/*', encodeBody([['JVMRoute', route]])]);
  const pairs: [string, string][] = [
    ['JVMRoute', order.route],
    ['Alias', aliasesOf(target) ?? order.alias],
    ['Context', order.context],
  ];
  return [['/', encodeBody(pairs)]];
}

/** All names of the virtual host: where a list is more than its parts, one alone would name another. */
function aliasesOf({ contexts: [context] }: OrderTarget): string | undefined {
  return context?.vhost.aliases.map(({ name }) => name).join(',');
}

function inWords(
  order: Order,
  { nodes }: OrderTarget,
  before: ReadonlyMap<{ readonly status: ContextStatus }, ContextStatus>,
  refusals: readonly string[],
): Notice {
  const [refusal] = refusals;
  if (refusal !== undefined) {
    const where = nodes.length > 1 ? ` on ${count(refusals.length)} of ${counted(nodes.length, 'node')}` : '';
    return { tone: 'refused', text: `Command failed${where}: ${refusal}` };
  }
  const { past, already } = DONE_WORDS[order.command];
  if (order.command === 'REMOVE-APP') {
    if (order.range === 'CONTEXT') return { tone: 'done', text: `${past} ${placeOf(order)}.` };
    return { tone: 'done', text: `${past} ${nodes.map(({ route }) => textOf(route)).join(', ')}.` };
  }
  let changed = 0;
  for (const [context, status] of before) if (context.status !== status) changed++;
  if (changed === 0) {
    const verb = order.range === 'CONTEXT' ? 'is' : 'are';
    return { tone: 'done', text: `Nothing to do: ${placeOf(order)} ${verb} already ${already}.` };
  }
  if (order.range === 'CONTEXT') return { tone: 'done', text: `${past} ${placeOf(order)}.` };
  const where =
    order.range === 'NODE'
      ? `node ${textOf(order.route)}`
      : `${counted(nodes.length, 'node')} of domain ${textOf(order.domain)}`;
  return { tone: 'done', text: `${past} ${counted(changed, 'context')} of ${where}.` };
}
