import { renderToString } from 'ink';
import { createElement } from 'react';
import { describe, expect, it } from 'vitest';
import { planAction } from '../../src/operate/index.ts';
import type { TuiState } from '../../src/tui/state.ts';
import { frameOf } from '../../src/tui/view/frame.ts';
import { widthOf } from '../../src/tui/view/line.ts';
import { Picture } from '../../src/tui/view/picture.ts';
import { cut, displayWidth } from '../../src/tui/width.ts';
import { type BalancerSpec, press, reading, START_MS, stateOf, THREE_NODES, told } from './scene.ts';

const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 200, rows: 60 },
  { columns: 40, rows: 12 },
] as const;

const nameOf = ({ columns, rows }: { columns: number; rows: number }): string => `${columns}x${rows}`;

/** What a terminal shows. */
function screen(state: TuiState, color = false): string {
  return renderToString(createElement(Picture, { lines: frameOf(state), color }), { columns: state.columns });
}

function plain(state: TuiState): string {
  return screen(state)
    .replace(/\u001b\[[\d;]*m/g, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** The second balancer says something else about node3, and does not know node2. */
const OTHER: BalancerSpec = {
  url: 'http://lb2.example:6666',
  brand: 'undertow',
  version: '2.3.18',
  nodes: [
    {
      route: 'node1',
      load: 60,
      contexts: { '/shop': 'ENABLED', '/api': 'ENABLED', '/admin': 'ENABLED' },
    },
    {
      route: 'node3',
      load: 20,
      domain: 'blue',
      contexts: { '/shop': 'ENABLED', '/api': 'ENABLED', '/admin': 'DISABLED' },
    },
  ],
};

function asking(state: TuiState, ...keys: readonly string[]): TuiState {
  const wished = press(state, ...keys);
  const [wish] = wished.wishes;
  if (wish?.do !== 'plan') throw new Error('no plan was wished for');
  const plan = planAction(wished.reading, wish.action, wish.scope);
  return told(wished, { kind: 'planned', plan, isDrain: wish.isDrain });
}

function answered(state: TuiState): TuiState {
  const begun = press(state, 'y');
  const [command] = begun.job?.plan.commands ?? [];
  if (command === undefined) throw new Error('the plan has no command');
  return told(
    begun,
    { kind: 'result', job: 1, result: { command, outcome: 'done', words: 'done', tookMs: 2 } },
    { kind: 'ended', job: 1, words: 'done', severity: 'good' },
  );
}

const SCENES: readonly (readonly [name: string, make: (size: { columns: number; rows: number }) => TuiState])[] = [
  ['overview', (size) => stateOf([THREE_NODES], {}, size)],
  ['two balancers that disagree', (size) => stateOf([THREE_NODES, OTHER], {}, size)],
  ['nodes', (size) => press(stateOf([THREE_NODES], {}, size), '2')],
  ['contexts of a node', (size) => press(stateOf([THREE_NODES, OTHER], {}, size), '2', 'G', 'enter')],
  ['contexts', (size) => press(stateOf([THREE_NODES], {}, size), '3')],
  ['nodes of a context', (size) => press(stateOf([THREE_NODES], {}, size), '3', 'j', 'enter')],
  ['disagreements', (size) => press(stateOf([THREE_NODES, OTHER], {}, size), '5')],
  ['help', (size) => press(stateOf([THREE_NODES], {}, size), '?')],
  ['palette', (size) => press(stateOf([THREE_NODES], {}, size), '2', ':', 'text:sto')],
  ['filter', (size) => press(stateOf([THREE_NODES], {}, size), '3', '/', 'text:state:s')],
  ['question', (size) => asking(stateOf([THREE_NODES], {}, size), '2', 'G', 'd')],
  ['question that wants a word', (size) => asking(stateOf([THREE_NODES], {}, size), '3', 'G', 't')],
  ['answer', (size) => answered(asking(stateOf([THREE_NODES], {}, size), '2', 'G', 'd'))],
  [
    'silent balancer',
    (size) =>
      told(stateOf([THREE_NODES], {}, size), {
        kind: 'reading',
        reading: reading([{ ...THREE_NODES, silentSinceMs: START_MS }], START_MS + 12_000),
      }),
  ],
  ['nothing yet', (size) => stateOf([{ url: 'http://lb1:8090' }], {}, size)],
];

describe.each(SIZES)('at $columns by $rows', (size) => {
  it.each(SCENES)('%s', async (name, make) => {
    const text = plain(make(size));
    await expect(`${text}\n`).toMatchFileSnapshot(`snapshots/${nameOf(size)}/${name.replaceAll(' ', '-')}.txt`);
  });

  it.each(SCENES)('%s fits, and leaves the last row for the cursor', (_, make) => {
    const lines = frameOf(make(size));
    expect(lines).toHaveLength(size.rows - 1);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(size.columns);
  });
});

describe.each([
  [1, 1],
  [10, 3],
  [20, 6],
  [59, 8],
  [60, 10],
  [500, 200],
])('at %d by %d', (columns, rows) => {
  it.each(SCENES)('%s does not leave the terminal', (_, make) => {
    const lines = frameOf(make({ columns, rows }));
    expect(lines.length).toBeLessThanOrEqual(Math.max(1, rows - 1));
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
  });
});

describe('names that strangers chose', () => {
  const HOSTILE: BalancerSpec = {
    url: 'http://lb1:8090',
    version: '\u001b[31mred',
    nodes: [
      { route: '\u001b]0;owned\u0007node', error: '\u001b[2J', contexts: { '/\u001b[1;1H\u202e': 'ENABLED' } },
      { route: '日本語のノードの名前はとても長いです', domain: '\r\nfake line', contexts: { '/a': 'ENABLED' } },
      { route: 'e\u0301\u0301\u0301 👩‍👩‍👧', aliases: ['\u0000', 'x\u200by'], contexts: { '/b\n/c': 'STOPPED' } },
    ],
  };

  it.each(['1', '2', '3', '5', '?'])('reach no terminal as they are, on screen %s', (key) => {
    for (const size of SIZES) {
      const state = press(stateOf([HOSTILE, { ...HOSTILE, url: 'http://lb2' }], {}, size), key);
      const text = screen(state, true).replace(/\u001b\[[\d;]*m/g, '');
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200c\u202a-\u202e]/u);
      for (const line of frameOf(state)) expect(widthOf(line)).toBeLessThanOrEqual(size.columns);
    }
  });

  it('reach no dialog as they are, and no message', () => {
    const state = asking(press(stateOf([HOSTILE]), '2', 'g'), 't');
    expect(plain(state)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/u);
  });

  it('take no other lines with hundreds of marks, and no more columns than they seem to', () => {
    const flood = `c${'\u0300'.repeat(3_000)}`;
    const state = press(
      stateOf([{ url: 'http://lb1', nodes: [{ route: flood, contexts: { [`/${flood}`]: 'ENABLED' } }] }]),
      '3',
    );
    for (const one of [state, press(state, 'enter'), asking(state, 'd')]) {
      expect(screen(one)).not.toMatch(/\p{M}{9}/u);
    }
  });

  it.each([
    ['consonants of Hangul in one cluster', '\u1100'.repeat(30), 60],
    ['a syllable of Hangul in its parts', '\u1112\u1161\u11ab', 2],
    ['a syllable of Devanagari', '\u0915\u094d\u0937', 2],
    ['a flag', '\u{1f1e9}\u{1f1ea}', 2],
    ['an emoji with a skin', '\u{1f44d}\u{1f3fd}', 2],
    ['a key', '1\ufe0f\u20e3', 2],
    ['halfwidth katakana', '\uff76\uff9e', 2],
  ])('%s take(s) as many columns as terminals give them', (_, text, columns) => {
    expect(displayWidth(text)).toBe(columns);
    expect(displayWidth(cut(`${text}${text}`, columns + 1))).toBeLessThanOrEqual(columns + 1);
  });

  it('keep the columns where they are, when they are wide', () => {
    const lines = frameOf(press(stateOf([HOSTILE]), '2'));
    const states = lines.map((line) => {
      const text = line.map((piece) => piece.text).join('');
      const at = text.search(/STATE|A active|! error/);
      return at === -1 ? undefined : displayWidth(text.slice(0, at));
    });
    expect(new Set(states.filter((column) => column !== undefined)).size).toBe(1);
  });
});

describe('a terminal of a few lines', () => {
  it.each([
    [20, 5],
    [25, 8],
    [40, 7],
  ])('of %d by %d still shows a row, and what is asked and of what', (columns, rows) => {
    const state = stateOf([THREE_NODES], {}, { columns, rows });
    expect(plain(press(state, '2'))).toContain('▶ node1');
    const question = plain(asking(state, '2', 'G', 'd'));
    expect(question).toContain(columns < 24 ? 'Disable node' : 'Disable node node3');
    expect(question).toContain('[ Cancel ]');
    expect(plain(asking(state, '3', 'G', 't'))).toContain('Type /shop');
  });
});

describe('looks', () => {
  it('has colours only where they are wished for; the cursor is seen without', () => {
    expect(screen(stateOf(), true)).toMatch(/\u001b\[3[1-6]m/);
    const without = screen(stateOf());
    expect(without).not.toMatch(/\u001b\[(3|9)\dm/);
    expect(without).toContain('\u001b[7m');
    expect(without).toContain('▶');
  });

  it('draws with plain letters after --ascii', () => {
    for (const [, make] of SCENES) {
      const state = make({ columns: 80, rows: 24 });
      const text = plain({ ...state, settings: { ...state.settings, ascii: true } });
      expect(text).toMatch(/^[\u0020-\u007e\n]*$/);
    }
  });

  it('shows no keys that change something with --read-only', () => {
    const state = stateOf([THREE_NODES], { readOnly: true });
    expect(plain(state)).toContain('read-only');
    for (const text of [plain(press(state, '2')), plain(press(state, '?'))]) {
      expect(text).not.toMatch(/disable|drain|remove|undo/);
    }
  });

  it('says at the bottom how to do what can be done now', () => {
    const bottom = plain(press(stateOf(), '2', 'enter'))
      .split('\n')
      .slice(-2)
      .join(' ');
    for (const words of ['e enable', 'd disable', 't stop', 'D drain', 'x remove', 'Esc back', '? help', 'q quit']) {
      expect(bottom).toContain(words);
    }
  });

  it('draws only the rows that are seen, of ten thousand', () => {
    const contexts = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`/app${at}`, 'ENABLED' as const]));
    const state = press(stateOf([{ url: 'http://lb1', nodes: [{ route: 'a', contexts }] }]), '3', 'G');
    const text = plain(state);
    expect(text.match(/\/app\d+/g)?.length).toBeLessThan(20);
    expect(text).toContain('/app9999');
    expect(text).toContain('10000/10000');
  });
});
