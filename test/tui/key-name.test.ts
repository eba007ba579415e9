import { useInput } from 'ink';
import { render } from 'ink-testing-library';
import { createElement, type ReactElement } from 'react';
import { expect, it } from 'vitest';
import { createInputReader, keyNames } from '../../src/tui/key-name.ts';
import { waitFor } from '../support/wait-for.ts';

it.each<readonly [typed: string, keys: readonly string[]]>([
  ['j', ['j']],
  ['G', ['G']],
  ['jjk', ['j', 'j', 'k']],
  [' ', ['space']],
  ['\r', ['enter']],
  ['\t', ['tab']],
  ['\u007f', ['backspace']],
  ['\u001b', ['esc']],
  ['\u001b3', ['esc', '3']],
  ['\u001b\r', ['esc', 'enter']],
  ['\u001b[A', ['up']],
  ['\u001bOB', ['down']],
  ['\u001b[5~', ['pageup']],
  ['\u001b[6~', ['pagedown']],
  ['\u001b[H', ['home']],
  ['\u001b[F', ['end']],
  ['\u0003', ['ctrl-c']],
  ['\u0004', ['ctrl-d']],
  ['/a b\r', ['/', 'a', 'space', 'b', 'enter']],
  ['é', ['é']],
  // What a terminal tells of itself: focus, mouse, what it is, a mode; and a key that nobody knows.
  ['\u001b[Ij', ['j']],
  ['\u001b[<0;12;5Mj', ['j']],
  ['\u001b[?62;22cj', ['j']],
  ['\u001b[?2026;1$yj', ['j']],
  ['\u001b[99~j', ['j']],
  ['[', ['[']],
])('%j is %j', async (typed, keys) => {
  const seen: string[] = [];
  function Listener(): ReactElement | null {
    useInput((input, key) => {
      seen.push(...keyNames(input, key));
    });
    return null;
  }
  const { stdin, unmount } = render(createElement(Listener));
  // Effects run a moment later: until then nobody listens.
  await waitFor(() => stdin.listenerCount('readable') > 0);
  stdin.write(typed);
  await waitFor(() => seen.length >= keys.length);
  unmount();
  expect(seen).toEqual(keys);
});

it.each<readonly [typed: string, keys: readonly string[], pasted: string]>([
  ['\u001b[200~dy\u001b[201~j', ['j'], 'dy'],
  ['\u001b[200~\u001b[201~j', ['j'], ''],
  ['j\u001b[200~two\rlines \u001b[201~k', ['j', 'k'], 'two\rlines '],
  // One that has no end does not take the keys for ever.
  ['\u001b[200~abc\u001bxj', ['j'], 'abc'],
])('%j is the keys %j and the text %j', async (typed, keys, pasted) => {
  const seen: string[] = [];
  let text = '';
  const read = createInputReader();
  function Listener(): ReactElement | null {
    useInput((input, key) => {
      const one = read(input, key);
      seen.push(...one.keys);
      text += one.pasted;
    });
    return null;
  }
  const { stdin, unmount } = render(createElement(Listener));
  await waitFor(() => stdin.listenerCount('readable') > 0);
  stdin.write(typed);
  await waitFor(() => seen.length >= keys.length);
  unmount();
  expect([seen, text]).toEqual([keys, pasted]);
});
