import { useInput } from 'ink';
import { render } from 'ink-testing-library';
import { createElement, type ReactElement } from 'react';
import { expect, it } from 'vitest';
import { keyNames } from '../../src/tui/key-name.ts';
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
