import { textOf } from '../../core/mcmp/bytes.ts';
import type { ActiveFault, FaultBoard } from '../faults/types.ts';
import { phaseOf } from '../simulator/changes.ts';
import type { SimulatedNode } from '../simulator/types.ts';
import type { ContextDocument, FaultDocument, NodeDocument } from './documents.ts';

/** A node as it is now. */
export function nodeDocument(node: SimulatedNode): NodeDocument {
  return {
    route: node.route,
    host: node.host,
    port: node.port,
    condition: node.condition(),
    requests: node.requestCount(),
    inFlight: node.inFlight(),
    contexts: contextDocuments(node),
    balancers: node
      .node()
      .registrations()
      .map(({ balancer, state, lastFailure, reportedState, load }) => ({
        balancer,
        state: phaseOf(state),
        reason: textOf(lastFailure),
        reportedState: textOf(reportedState),
        load: load ?? null,
      })),
  };
}

/** Its contexts, or the one of that path. */
export function contextDocuments(node: SimulatedNode, path?: string): readonly ContextDocument[] {
  return node
    .node()
    .contexts()
    .filter((context) => path === undefined || context.path === path)
    .map((context) => ({
      route: node.route,
      path: context.path,
      state: context.wish,
      references: context.references,
      inFlight: context.inFlight ?? null,
    }));
}

export function faultDocuments(board: FaultBoard): readonly FaultDocument[] {
  return board.list().map(faultDocument);
}

function faultDocument({ id, spec, strikes }: ActiveFault): FaultDocument {
  const { window } = spec;
  return {
    id,
    text: spec.text,
    fault: spec.fault,
    chance: spec.chance,
    amount: spec.amount ?? null,
    spread: spec.spread ?? null,
    window:
      window === undefined
        ? null
        : { fromMs: window.fromMs, untilMs: Number.isFinite(window.untilMs) ? window.untilMs : null },
    nodes: spec.nodes,
    strikes,
  };
}
