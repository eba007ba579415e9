import type { NodeCase } from '../stage.ts';
import { HEADER_CASES } from './headers.ts';
import { ORDER_CASES } from './order.ts';

/** Every case of the node direction, by topic. */
export const NODE_CASES: readonly NodeCase[] = [...ORDER_CASES, ...HEADER_CASES];
