/**
 * The beginning of a text that a peer can make as long as it likes, in memory of its own: a piece of a string of V8 keeps
 * the whole.
 */
export function beginningOf(text: string, characters: number): string {
  if (text.length <= characters) return Buffer.from(text, 'utf16le').toString('utf16le');
  return `${Buffer.from(text.slice(0, characters), 'utf16le').toString('utf16le')}...`;
}
