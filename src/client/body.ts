import { encodeBody } from '../core/mcmp/body.ts';
import { bytesOf } from '../core/mcmp/bytes.ts';
import type { Pair } from './answer.ts';

/** Writes pairs that people typed as a message body; text goes out as UTF-8. */
export function encodeText(pairs: readonly Pair[]): string {
  return encodeBody(pairs.map(([name, value]) => [bytesOf(name), bytesOf(value)] as const));
}
