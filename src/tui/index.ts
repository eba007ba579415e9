/**
 * `mcmp tui`: a terminal manager for one or several balancers of any brand. The model (`state.ts`, `update.ts`) is a function
 * of what happens; `view/` makes lines of it; `session.ts` joins both with a terminal. Keys stand in `keymap.ts`, columns in
 * `columns.ts`, filters in `filter.ts`, each once.
 */
export { snapshotDocument, snapshotLines } from './once.ts';
export { type RunTuiOptions, readOnce, runTui } from './run.ts';
