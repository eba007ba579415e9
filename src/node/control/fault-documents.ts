import type { ActiveFault, FaultBoard } from '../faults/types.ts';
import type { FaultDocument } from './documents.ts';

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
