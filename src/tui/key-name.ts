import type { Key } from 'ink';

const NAMED = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['tab', 'tab'],
  ['backspace', 'backspace'],
  // What most keyboards have for backspace arrives as this.
  ['delete', 'backspace'],
] as const satisfies readonly (readonly [keyof Key, string])[];

const CONTROLS: ReadonlyMap<string, string> = new Map([
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\t', 'tab'],
  ['\u001b', 'esc'],
  ['\u007f', 'backspace'],
  ['\b', 'backspace'],
  [' ', 'space'],
]);

/** What a chunk of input was: keys, and text that was pasted. */
export interface Typed {
  readonly keys: readonly string[];
  readonly pasted: string;
}

const PASTE_BEGINS = '[200~';
const PASTE_ENDS = '[201~';
/** More is pasted by mistake only. */
const MOST_PASTED = 10_000;

/** Reads what Ink tells of the input, and tells keys from what stands between the marks of a paste. */
export function createInputReader(): (input: string, key: Key) => Typed {
  let pasting: string | undefined;
  return (input, key) => {
    if (input === PASTE_BEGINS) pasting = '';
    else if (pasting === undefined) return { keys: keyNames(input, key), pasted: '' };
    else if (input === PASTE_ENDS || key.escape || key.meta || (key.ctrl && input === 'c')) {
      // A paste that has no end must not take all keys for ever: Esc ends it.
      const pasted = pasting;
      pasting = undefined;
      return { keys: [], pasted };
    } else if (pasting.length < MOST_PASTED) pasting += input;
    return { keys: [], pasted: '' };
  };
}

/**
 * What a terminal tells of itself (the mouse, whether it is looked at, what it is) and keys that nobody knows: Ink has taken
 * the Esc off, and the letters of the rest are no keys.
 */
const CONTROL_SEQUENCE = /^\[[0-?]*[ -/]*[@-~]$/;

/**
 * Names of the keys that a chunk of input is made of: who types quickly, or pastes, sends several at once. Esc and a key right
 * behind it look like that key with Alt, over a slow line above all; no key is used with Alt here, so Esc was meant.
 */
export function keyNames(input: string, key: Key): string[] {
  const names = plainNames(input, key);
  return key.meta && !key.escape ? ['esc', ...names] : names;
}

function plainNames(input: string, key: Key): string[] {
  for (const [flag, name] of NAMED) if (key[flag] === true) return [name];
  if (CONTROL_SEQUENCE.test(input)) return [];
  if (key.ctrl && input.length === 1) return [`ctrl-${input}`];
  return [...input].flatMap((character) => {
    const name = CONTROLS.get(character);
    if (name !== undefined) return [name];
    const code = character.charCodeAt(0);
    if (code < 0x20) return [`ctrl-${String.fromCharCode(code + 0x60)}`];
    return [character];
  });
}
