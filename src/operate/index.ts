/**
 * Acting upon the contexts of balancers of any brand, one or several at once: a plan says first what would be done, command by
 * command and how dangerous it is; `perform` does it; `undoPlan` takes it back; `startDrain` does it without losing a request.
 * Whoever shows these (the terminal manager, `mcmp drain`) stands on this room.
 */
export { startDrain } from './drain/drain.ts';
export { drainNotes } from './drain/notes.ts';
export { progressLine, targetLine } from './drain/report.ts';
export { type DrainState, isOver, STATE_WORDS } from './drain/states.ts';
export type * from './drain/types.ts';
export { type PerformOptions, perform } from './perform.ts';
export { type PlanOptions, planAction } from './plan.ts';
export { type OpenTargets, openTargets } from './targets.ts';
export type * from './types.ts';
export { ACTIONS } from './types.ts';
export { undoPlan } from './undo.ts';
