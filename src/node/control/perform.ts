import { McmpError } from '../../core/errors.ts';
import type { Log } from '../../observe/types.ts';
import type { Clock } from '../clock.ts';
import { forEachBounded } from '../simulator/bounded.ts';
import type { SimulatedNode } from '../simulator/types.ts';
import type { FailureDocument } from './documents.ts';
import { errorDocument, Refusal } from './refusal.ts';
import type { Selection } from './selection.ts';

/** So many nodes are told to do something at the same time. */
const AT_ONCE = 256;
/** Actions that may be under way, over all clients: a balancer that never answers must not make them pile up. */
const MAX_UNDER_WAY = 50_000;
const DEFAULT_WAIT_MS = 10_000;

export interface Performed<Result> {
  /** What came of it, for each node that is done. */
  readonly results: readonly Result[];
  readonly failures: readonly FailureDocument[];
  readonly pending: readonly string[];
}

/** Carries out actions that may take their time. */
export interface Performer {
  /**
   * Does something with each node of a selection and waits for it, but not for ever: what is not done in time goes on,
   * and is reported as pending.
   *
   * @param waitMs default 10 s
   * @throws what the action threw, when the selection is one node by name; Refusal 503 when too much is under way
   */
  each<Result>(
    selection: Selection,
    waitMs: number | undefined,
    act: (node: SimulatedNode) => Promise<Result>,
  ): Promise<Performed<Result>>;
}

export function createPerformer(clock: Clock, log: Log): Performer {
  let underWay = 0;

  return {
    async each<Result>(
      { nodes, isPattern }: Selection,
      waitMs: number | undefined,
      act: (node: SimulatedNode) => Promise<Result>,
    ) {
      if (underWay + nodes.length > MAX_UNDER_WAY) {
        throw new Refusal(503, 'MCMP_BUSY', 'too many actions are under way', {
          hint: 'Balancers that do not answer hold them up. Try again later.',
        });
      }
      const results: Result[] = [];
      const failures: FailureDocument[] = [];
      const pending = new Set(nodes.map(({ route }) => route));
      let thrown: unknown;
      let answered = false;
      const one = async (node: SimulatedNode): Promise<void> => {
        try {
          const result = await act(node);
          if (!answered) results.push(result);
        } catch (error) {
          thrown ??= error;
          const problem = error instanceof Error ? error.message : String(error);
          if (answered) log.warn('An action failed after its answer was given', { route: node.route, problem });
          else if (!(error instanceof McmpError)) log.error('An action failed', { route: node.route, problem });
          if (!answered) failures.push({ route: node.route, error: errorDocument(error) });
        } finally {
          underWay -= 1;
          pending.delete(node.route);
        }
      };
      underWay += nodes.length;
      const all = forEachBounded(nodes, Math.min(AT_ONCE, nodes.length), one);
      const timer = new AbortController();
      await Promise.race([all, clock.sleep(waitMs ?? DEFAULT_WAIT_MS, timer.signal)]);
      timer.abort();
      answered = true;
      if (!isPattern && failures.length > 0) throw thrown;
      return { results, failures, pending: [...pending] };
    },
  };
}
