/** `mcmp advertise listen`: who advertises, how well, and why nobody is heard. */
import type { McmpError } from '../../core/errors.ts';
import { documentOf } from './documents.ts';
import type { ListenEvent, ListenOutcome } from './events.ts';
import type { ListenPlan } from './plan.ts';
import { type ListenState, listen } from './session.ts';
import { createLineShow } from './show.ts';

/** Where it shows itself. */
export interface ListenScreen {
  readonly json: boolean;
  /** A live table, where there is a terminal to draw it on. */
  readonly table: boolean;
  readonly color: boolean;
  line(text: string): void;
  /** A line that cannot be overlooked. */
  loud(text: string): void;
  document(value: { readonly schemaVersion: number }): void;
}

export interface RunListenOptions {
  readonly plan: ListenPlan;
  readonly screen: ListenScreen;
  readonly stop: AbortSignal;
  /** A group that could not be joined while others were, or a socket that broke. */
  readonly onFailure: (failure: McmpError) => void;
}

/** Datagrams told one by one, in a second: more than a reader takes in, and less than a flood. */
const TOLD_PER_SECOND = 20;
const TOLD_PER_SECOND_AS_JSON = 1000;

/**
 * Listens, and shows what is heard.
 * @returns how it ended: `check-failed` and `timeout` have said why
 * @throws McmpError `MCMP_MULTICAST_LISTEN` when no group can be listened to
 */
export async function runListen({ plan, screen, stop, onFailure }: RunListenOptions): Promise<ListenOutcome> {
  const show = screen.json
    ? { onEvent: (event: ListenEvent) => screen.document(documentOf(event)) }
    : screen.table
      ? await openTable(screen)
      : {
          onEvent: createLineShow(
            (text) => screen.line(text),
            (text) => screen.loud(text),
          ),
        };
  const toldPerSecond = screen.json ? TOLD_PER_SECOND_AS_JSON : TOLD_PER_SECOND;
  const { outcome } = await listen({ plan, stop, toldPerSecond, onFailure, ...show });
  return outcome;
}

interface Show {
  readonly onEvent: (event: ListenEvent) => void;
  readonly onStart?: (state: ListenState) => void;
}

/** React takes a while to load: only a terminal needs it. */
async function openTable(screen: ListenScreen): Promise<Show> {
  const { createTableShow } = await import('./table-show.ts');
  return createTableShow(screen);
}
