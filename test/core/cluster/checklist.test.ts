import { describe } from 'vitest';
import { checkLines } from '../checklist.ts';
import { CLUSTER_LINES } from './checklist-lines.ts';

describe.each(CLUSTER_LINES)('$name', ({ lines }) => checkLines(lines));
