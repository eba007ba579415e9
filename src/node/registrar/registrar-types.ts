import type { HttpAnswer } from '../../client/answer.ts';
import type { Clock } from '../clock.ts';
import type { Outgoing } from '../wire/types.ts';
import type { MannersRow } from './manners.ts';
import type { NodeEvent, Registration, Tamper } from './types.ts';

export interface RegistrarOptions {
  readonly clock: Clock;
  readonly manners: MannersRow;
  readonly tamper: Tamper | undefined;
  readonly onEvent: (event: NodeEvent) => void;
  /** A context was told something. */
  readonly onProgress: () => void;
  /** Java manners: ms until the first periodic event. */
  readonly firstEventMs: number;
}

/** One node at one balancer. */
export interface Registrar {
  readonly view: () => Registration;
  readonly isRegistered: () => boolean;
  /** Whether the balancer has been told all that is wished of a context; so is one that cannot be told now. */
  readonly isSettled: (path: string) => boolean;
  /** Ms until the next periodic event. */
  readonly nextEventMs: () => number;
  /** Something is wished, or the connector opened: look again. */
  wake(): void;
  /** The wish for a context was said again: whatever others did to it there no longer counts. */
  insist(path: string): void;
  requestEnded(path: string): void;
  /** Closes the connection when nothing is being said. */
  reconnect(): void;
  refresh(): void;
  say(message: Outgoing): Promise<HttpAnswer>;
  /** @param alone whether the node stays with others, so that its own count of requests says nothing about this balancer */
  leave(drainTimeoutMs: number, alone: boolean): Promise<void>;
  abandon(): Promise<void>;
}
