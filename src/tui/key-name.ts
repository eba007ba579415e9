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
  if (key.ctrl && input.length === 1) return [`ctrl-${input}`];
  return [...input].flatMap((character) => {
    const name = CONTROLS.get(character);
    if (name !== undefined) return [name];
    const code = character.charCodeAt(0);
    if (code < 0x20) return [`ctrl-${String.fromCharCode(code + 0x60)}`];
    return [character];
  });
}
