import type { IncomingMessage } from 'node:http';
import type { ConnectorOptions } from './types.ts';

/** One node behind a port. */
export interface Resident {
  readonly options: ConnectorOptions;
  requests: number;
  inFlight: number;
  /** It has left, or is about to: nothing new for it. */
  leaving: boolean;
  /** Called when one of its requests is over. */
  onOver: () => void;
}

export function createResident(options: ConnectorOptions): Resident {
  return { options, requests: 0, inFlight: 0, leaving: false, onOver: () => {} };
}

/** Counts a request in; the function that comes back counts it out, once. */
export function begin(resident: Resident, target: string): () => void {
  const path = target.split(/[?;]/, 1)[0] ?? '/';
  resident.requests += 1;
  resident.inFlight += 1;
  const told = resident.options.onRequest?.(path);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    resident.inFlight -= 1;
    told?.();
    resident.onOver();
  };
}

/**
 * Whom a request at a shared address is for: the one whose route its session carries behind a dot, in a cookie or the
 * path, whatever that cookie is called; else they take turns, as nothing in a request says which route was elected.
 */
export function residentFor(residents: readonly Resident[], request: IncomingMessage, turn: number): Resident {
  const present = residents.filter((one) => !one.leaving);
  const candidates = present.length > 0 ? present : residents;
  const first = candidates[turn % candidates.length];
  if (first === undefined) throw new RangeError('a port without residents takes no requests');
  if (candidates.length === 1) return first;
  const places = `${request.headers.cookie ?? ''}\n${request.url ?? ''}\n`;
  return candidates.find((one) => carriesRoute(places, one.options.route)) ?? first;
}

function carriesRoute(text: string, route: string): boolean {
  const wanted = `.${route}`;
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    if (/^[;,&?/"\s]/.test(text.slice(at + wanted.length, at + wanted.length + 1))) return true;
  }
  return false;
}
