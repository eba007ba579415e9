import { describe, expect, it } from 'vitest';
import { paletteFor } from '../../src/tui/acting.ts';
import { currentRow, selectionOf } from '../../src/tui/lists.ts';
import type { Row } from '../../src/tui/rows.ts';
import { placeOf, type TuiState } from '../../src/tui/state.ts';
import { type BalancerSpec, press, reading, START_MS, stateOf, THREE_NODES, told } from './scene.ts';

function nameOf(row: Row | undefined): string {
  if (row === undefined) return 'none';
  return row.kind === 'copy' ? `${row.pathShown} on ${row.routeShown}` : row.shown;
}

const rowNames = (state: TuiState): string[] => selectionOf(state).rows.map(nameOf);
const under = (state: TuiState): string => nameOf(currentRow(state));
const at = (state: TuiState): string => `${placeOf(state).screen} ${placeOf(state).of}`.trim();

const MANY: BalancerSpec = {
  url: 'http://lb1:8090',
  nodes: Array.from({ length: 100 }, (_, index) => ({ route: `node${index + 1}`, load: (index % 100) + 1 })),
};

describe('moving about', () => {
  it.each<readonly [keys: readonly string[], place: string, row: string]>([
    [['2'], 'nodes', 'node1'],
    [['2', 'j'], 'nodes', 'node2'],
    [['2', 'down', 'down', 'down', 'down'], 'nodes', 'node3'],
    [['2', 'j', 'k', 'k'], 'nodes', 'node1'],
    [['2', 'G'], 'nodes', 'node3'],
    [['2', 'G', 'g'], 'nodes', 'node1'],
    [['2', 'enter'], 'node node1', '/admin on node1'],
    [['2', 'j', 'l', 'j', 'h'], 'nodes', 'node2'],
    [['3'], 'contexts', '/admin'],
    [['3', 'j', 'enter'], 'path /api', '/api on node1'],
    [['3', 'enter', 'j', 'enter'], 'node node2', '/admin on node2'],
    [['3', 'enter', 'j', 'enter', 'esc'], 'path /admin', '/admin on node2'],
    [['3', 'enter', '1'], 'overview', 'node2'],
    [['2', 'j', '3', '2'], 'nodes', 'node2'],
  ])('%j leads to %s with the cursor on %s', (keys, place, row) => {
    const state = press(stateOf(), ...keys);
    expect([at(state), under(state)]).toEqual([place, row]);
  });

  it.each([
    [['pagedown'], 'node16'],
    [['pagedown', 'pagedown'], 'node31'],
    [['ctrl-d'], 'node9'],
    [['G', 'pageup'], 'node85'],
    [['G', 'ctrl-u'], 'node92'],
  ])('%j in a long list of sixteen visible rows leads to %s', (keys, row) => {
    const state = press(stateOf([MANY], {}, { columns: 80, rows: 23 }), '2', ...keys);
    expect(under(state)).toBe(row);
  });

  it('keeps the cursor on its row when another one comes before it', () => {
    const before = press(stateOf(), '2', 'j');
    const more = { ...THREE_NODES, nodes: [{ route: 'alpha' }, ...(THREE_NODES.nodes ?? [])] };
    const now = told(before, { kind: 'reading', reading: reading([more], START_MS + 2_000) });
    expect(under(now)).toBe('node2');
    expect(rowNames(now)).toEqual(['alpha', 'node1', 'node2', 'node3']);
  });

  it('keeps the cursor where it was when its row is gone', () => {
    const before = press(stateOf(), '2', 'j');
    const fewer = { ...THREE_NODES, nodes: (THREE_NODES.nodes ?? []).filter(({ route }) => route !== 'node2') };
    const now = told(before, { kind: 'reading', reading: reading([fewer], START_MS + 2_000) });
    expect(under(now)).toBe('node3');
  });

  it('shows the row under the cursor after the terminal became lower', () => {
    const before = press(stateOf([MANY]), '2', ...Array.from({ length: 14 }, () => 'j'));
    const now = told(before, { kind: 'resize', columns: 40, rows: 12 });
    const view = now.lists.get('nodes ');
    expect(under(now)).toBe('node15');
    expect(view?.top).toBeGreaterThan(8);
  });
});

describe('order', () => {
  it('has problems first on the overview', () => {
    expect(rowNames(stateOf())).toEqual(['node2', 'node3', 'node1']);
  });

  it.each([
    ['the next column', ['2', 's'], ['node2', 'node3', 'node1']],
    ['the other way round', ['2', 'S'], ['node3', 'node2', 'node1']],
    [
      'by its first column again, once round',
      ['2', 's', 's', 's', 's', 's', 's', 's', 's'],
      ['node1', 'node2', 'node3'],
    ],
  ])('sorts by %s', (_, keys, names) => {
    expect(rowNames(press(stateOf(), ...keys))).toEqual(names);
  });

  it('counts in names: node10 stands behind node2', () => {
    const names = rowNames(press(stateOf([MANY]), '2'));
    expect(names.slice(0, 3)).toEqual(['node1', 'node2', 'node3']);
    expect(names.indexOf('node10')).toBe(9);
  });
});

describe('filters', () => {
  it.each<readonly [screen: string, filter: string, names: readonly string[]]>([
    ['2', 'node3', ['node3']],
    ['2', '!node3', ['node1', 'node2']],
    ['2', 'state:error', ['node2']],
    ['2', 'state:dis', ['node3']],
    ['2', 'load<60', ['node2', 'node3']],
    ['2', 'load>=40', ['node1', 'node2']],
    ['2', 'load<60 !domain:blue', ['node2']],
    ['2', 'domain:blu', ['node3']],
    ['2', 'flight>0', ['node1']],
    ['2', 'path:/shop', ['node1', 'node2', 'node3']],
    ['2', 'LOCAL', []],
    // No field: an address that is looked for as it stands.
    ['2', 'host:8080', []],
    ['3', 'localhost:/shop', []],
    // The beginning of a state, and not any part of one.
    ['2', 'state:abled', []],
    ['3', 'state:stopped', ['/admin']],
    ['3', 'nodes<2', ['/admin', '/api']],
    ['3', 'node:node3 /s', ['/shop']],
    ['3', 'alias:localhost', ['/admin', '/api', '/shop']],
    ['3', 'colour:red', ['/admin', '/api', '/shop']],
  ])('on screen %s "%s" leaves %j', (screen, filter, names) => {
    expect(rowNames(press(stateOf(), screen, '/', `text:${filter.replaceAll(' ', '\u0020')}`))).toEqual(names);
  });

  it('filters while it is typed; Esc goes back to what was, and out of the list afterwards', () => {
    const typing = press(stateOf(), '2', '/', 'text:node3');
    expect(rowNames(typing)).toEqual(['node3']);
    expect(rowNames(press(typing, 'esc'))).toHaveLength(3);
    const kept = press(typing, 'enter');
    expect(rowNames(kept)).toEqual(['node3']);
    expect(rowNames(press(kept, 'esc'))).toHaveLength(3);
  });

  it('drops the filter at Esc first, then the marks, and leaves the list last', () => {
    const state = press(stateOf(), '2', 'enter', 'a', '/', 'text:/shop', 'enter');
    const seen = (now: TuiState) => [at(now), rowNames(now).length, now.marks.size];
    expect(seen(state)).toEqual(['node node1', 1, 3]);
    const [once, twice, thrice] = [press(state, 'esc'), press(state, 'esc', 'esc'), press(state, 'esc', 'esc', 'esc')];
    expect([once, twice, thrice].map(seen)).toEqual([
      ['node node1', 3, 3],
      ['node node1', 3, 0],
      ['nodes', 3, 0],
    ]);
  });

  it('takes every key for the text while it is typed, also those that act', () => {
    const typing = press(stateOf(), '2', '/', 'text:qdx');
    expect(typing.wishes).toEqual([]);
    expect(typing.mode.kind).toBe('filter');
  });

  it('says what is wrong with a filter, and shows all', () => {
    const state = press(stateOf(), '2', '/', 'text:colour:red');
    expect(selectionOf(state).wrong).toContain('there is no field colour');
  });
});

describe('time', () => {
  it('takes a message away after six seconds', () => {
    const said = press(stateOf([THREE_NODES], { readOnly: true }), 'd');
    expect(told(said, { kind: 'tick', nowMs: START_MS + 5_900 }).flash).toBeDefined();
    expect(told(said, { kind: 'tick', nowMs: START_MS + 6_000 }).flash).toBeUndefined();
  });

  it('stands still while it is paused, and takes the latest when it goes on', () => {
    const paused = press(stateOf(), 'p');
    const later = { ...THREE_NODES, nodes: [] };
    const held = told(paused, { kind: 'reading', reading: reading([later], START_MS + 2_000) });
    expect(rowNames(press(held, '2'))).toHaveLength(3);
    expect(rowNames(press(held, '2', 'p'))).toEqual([]);
  });

  it('knows the share that nodes really got since it looks on', () => {
    const more = (route: string, elected: number) => ({ route, elected });
    const first = stateOf([{ url: 'http://lb1', nodes: [more('a', 100), more('b', 0)] }]);
    const next = told(first, {
      kind: 'reading',
      reading: reading([{ url: 'http://lb1', nodes: [more('a', 130), more('b', 10)] }], START_MS + 2_000),
    });
    expect(next.tables.nodes.map(({ actual }) => actual)).toEqual([0.75, 0.25]);
  });
});

describe('the palette', () => {
  it.each([
    ['disab', 'disable: only requests of sessions it has'],
    ['stopdomblu', 'stop all nodes of domain blue'],
    ['enhostlocal', 'enable everything under host name localhost'],
    ['quit', 'quit'],
  ])('finds by "%s": %s', (text, words) => {
    expect(paletteFor(press(stateOf(), '2'), text)[0]?.words).toBe(words);
  });

  it('wishes for a plan of a whole domain', () => {
    const state = press(stateOf(), ':', 'text:stopdomblu', 'enter');
    expect(state.wishes).toEqual([
      { do: 'plan', action: 'stop', scope: { kind: 'domain', domain: 'blue' }, isDrain: false },
    ]);
  });

  it('offers nothing that changes anything with --read-only', () => {
    const entries = paletteFor(stateOf([THREE_NODES], { readOnly: true }), '');
    expect(entries.filter(({ words }) => /enable|disable|stop|remove|drain/.test(words))).toEqual([]);
  });
});

describe('a balancer that goes away', () => {
  const silent = { ...THREE_NODES, silentSinceMs: START_MS + 1_000 };

  it('leaves its rows, marked as old, and says so once', () => {
    const gone = told(
      stateOf(),
      { kind: 'reading', reading: reading([silent], START_MS + 2_000) },
      { kind: 'reading', reading: reading([silent], START_MS + 4_000) },
    );
    expect(gone.tables.nodes.map(({ isStale }) => isStale)).toEqual([true, true, true]);
    expect(gone.events.map(({ shown }) => shown)).toEqual(['does not answer: connect ECONNREFUSED']);
  });

  it('comes back with an event, and its rows are of now', () => {
    const back = told(
      stateOf(),
      { kind: 'reading', reading: reading([silent], START_MS + 2_000) },
      { kind: 'reading', reading: reading([THREE_NODES], START_MS + 9_000) },
    );
    expect(back.tables.nodes.map(({ isStale }) => isStale)).toEqual([false, false, false]);
    expect(back.events[0]?.shown).toBe('answers again after 8s');
  });
});

it('tells what changed between two readings, by node', () => {
  const changed: BalancerSpec = {
    url: 'http://lb1:8090',
    nodes: [
      { route: 'node1', contexts: { '/shop': 'DISABLED', '/api': 'DISABLED', '/new': 'ENABLED' } },
      { route: 'node2', load: -1, contexts: { '/shop': 'ENABLED', '/api': 'ENABLED', '/admin': 'STOPPED' } },
      { route: 'node4' },
    ],
  };
  const state = told(stateOf(), { kind: 'reading', reading: reading([changed], START_MS + 2_000) });
  expect(state.events.map(({ shown }) => shown).reverse()).toEqual([
    '/shop, /api of node1: DISABLED',
    '/new of node1: new, ENABLED',
    '/admin of node1: gone',
    'node2 was error, is withdrawn',
    'node4 is new, with 1 context',
    'node3 is gone',
  ]);
});
