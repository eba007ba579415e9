import type { AppCommand } from '../mcmp/types.ts';
import type { ClusterState } from './state.ts';

/**
 * Contexts that all early commands together may name. WildFly sends a handful at boot, milliseconds before its CONFIG;
 * the bound is against a peer that invents routes.
 */
const MOST_EARLY_CONTEXTS = 10_000;

/**
 * Keeps a STOP-APP or DISABLE-APP whose route is not known yet, for the CONFIG that follows (WildFly boots with two
 * threads, interop §2.2).
 *
 * @returns false when too much is kept already
 */
export function keepEarly(state: ClusterState, command: AppCommand, now: number): boolean {
  const size = sizeOf(command);
  if (state.earlyCount + size > MOST_EARLY_CONTEXTS) return false;
  state.earlyCount += size;
  const kept = state.early.get(command.route);
  if (kept === undefined) state.early.set(command.route, { sinceMs: now, commands: [command] });
  else kept.commands.push(command);
  return true;
}

/** The commands kept for a route, in the order they came; those that are too old are left out. */
export function earlyCommandsOf(state: ClusterState, route: string, now: number): readonly AppCommand[] {
  const kept = state.early.get(route);
  if (kept === undefined || now - kept.sinceMs >= state.settings.dialect.cluster.earlyCommandMs) return [];
  return kept.commands;
}

export function forgetEarly(state: ClusterState, route: string): void {
  const kept = state.early.get(route);
  if (kept === undefined) return;
  for (const command of kept.commands) state.earlyCount -= sizeOf(command);
  state.early.delete(route);
}

function sizeOf(command: AppCommand): number {
  return command.aliases.length * command.contexts.length;
}
