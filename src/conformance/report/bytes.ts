import { textOf } from '../../core/mcmp/bytes.ts';
import { escapeForTerminal } from '../../core/text.ts';

/** How much of a byte string is shown. */
export interface ShownSize {
  /** Characters of a line; longer ones go on in the next. */
  readonly width: number;
  /** More lines lose their middle. */
  readonly mostLines: number;
}

/** So many of the lines that are left stand behind what was left out: how an exchange ended matters. */
const LAST_LINES = 3;

const NAMED_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\r', '\\r'],
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\\', '\\\\'],
]);

/**
 * A byte string as lines for people, to the last byte: a line ends behind each line feed, which is shown; what cannot be
 * shown stands as `\xNN`, a backslash twice. UTF-8 is shown as its characters.
 *
 * @returns nothing for no bytes at all
 */
export function bytesLines(bytes: string, { width, mostLines }: ShownSize): string[] {
  const lines: { text: string; bytes: number }[] = [];
  for (const wireLine of bytes.match(/[^\n]*\n|[^\n]+/g) ?? []) {
    let text = '';
    let count = 0;
    for (const [shown, length] of shownCharacters(wireLine)) {
      if (text !== '' && text.length + shown.length > width) {
        lines.push({ text, bytes: count });
        text = '';
        count = 0;
      }
      text += shown;
      count += length;
    }
    lines.push({ text, bytes: count });
  }
  if (lines.length <= mostLines) return lines.map(({ text }) => text);
  const leftOut = lines.slice(mostLines - LAST_LINES - 1, -LAST_LINES);
  const missing = leftOut.reduce((sum, line) => sum + line.bytes, 0);
  return [
    ...lines.slice(0, mostLines - LAST_LINES - 1).map(({ text }) => text),
    `[${missing} bytes are left out here]`,
    ...lines.slice(-LAST_LINES).map(({ text }) => text),
  ];
}

/** Each character as it is shown, with the number of bytes that it stands for. */
function* shownCharacters(bytes: string): Generator<readonly [shown: string, bytes: number]> {
  const text = textOf(bytes);
  const isUtf8 = text !== bytes;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const length = isUtf8 ? Buffer.byteLength(character) : 1;
    const named = NAMED_ESCAPES.get(character);
    if (named !== undefined) yield [named, 1];
    else if ((!isUtf8 && code >= 0x80) || escapeForTerminal(character) !== character) {
      const raw = Buffer.from(character, isUtf8 ? 'utf8' : 'latin1');
      yield [Array.from(raw, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''), length];
    } else yield [character, length];
  }
}
