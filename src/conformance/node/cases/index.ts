import type { NodeCase } from '../stage.ts';

/** Every case of the node direction, in the order of its topics. */
export const NODE_CASES: readonly NodeCase[] = [];
