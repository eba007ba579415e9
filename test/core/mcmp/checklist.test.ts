import { describe } from 'vitest';
import { checkLines } from '../checklist.ts';
import { MESSAGE_LINES } from './checklist-lines.ts';

describe.each(MESSAGE_LINES)('$name', ({ lines }) => checkLines(lines));
