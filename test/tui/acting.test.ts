import { describe, expect, it } from 'vitest';
import { planAction, undoPlan } from '../../src/operate/index.ts';
import { chosenScope } from '../../src/tui/acting.ts';
import type { TuiState } from '../../src/tui/state.ts';
import { press, reading, START_MS, stateOf, THREE_NODES, told } from './scene.ts';

describe('what an action is about', () => {
  it.each([
    ['the node', ['2', 'j'], { kind: 'node', route: 'node2' }],
    ['the path on every node', ['3'], { kind: 'path', path: '/admin' }],
    [
      'the context of the node',
      ['2', 'enter'],
      { kind: 'context', route: 'node1', path: '/admin', aliases: ['localhost'] },
    ],
    [
      'all marked rows',
      ['2', 'space', 'space'],
      {
        kind: 'several',
        scopes: [
          { kind: 'node', route: 'node1' },
          { kind: 'node', route: 'node2' },
        ],
      },
    ],
    ['what the filter leaves, after `a`', ['2', '/', 'text:node3', 'enter', 'a'], { kind: 'node', route: 'node3' }],
    ['nothing, of an event', ['4'], undefined],
  ])('is %s', (_, keys, scope) => {
    expect(chosenScope(press(stateOf(), ...keys))).toEqual(scope);
  });

  it('forgets marks where they cannot be seen any more', () => {
    expect(press(stateOf(), '2', 'space', '3').marks.size).toBe(0);
  });

  it.each([
    ['e', { do: 'plan', action: 'enable', isDrain: false }],
    ['d', { do: 'plan', action: 'disable', isDrain: false }],
    ['t', { do: 'plan', action: 'stop', isDrain: false }],
    ['x', { do: 'plan', action: 'remove', isDrain: false }],
    // What it comes to, so that also what is DISABLED already can be drained.
    ['D', { do: 'plan', action: 'stop', isDrain: true }],
  ])('%s wishes for a plan and does nothing by itself', (key, wish) => {
    expect(press(stateOf(), '2', key).wishes).toEqual([{ ...wish, scope: { kind: 'node', route: 'node1' } }]);
  });

  it.each(['e', 'd', 't', 'x', 'D', 'u'])('%s does nothing with --read-only, and says why', (key) => {
    const state = press(stateOf([THREE_NODES], { readOnly: true }), '2', key);
    expect(state.wishes).toEqual([]);
    expect(state.flash?.words).toContain('--read-only');
  });
});

/** A dialog that asks whether to do something to node3: others serve what it serves. */
function asking(key = 'd', keys = ['2', 'G']): TuiState {
  const state = press(stateOf(), ...keys, key);
  const [wish] = state.wishes;
  if (wish?.do !== 'plan') throw new Error('no plan was wished for');
  const plan = planAction(state.reading, wish.action, wish.scope);
  return told(state, { kind: 'planned', plan, isDrain: wish.isDrain });
}

describe('the dialog', () => {
  it.each([
    ['Enter', ['enter']],
    ['Esc', ['esc']],
    ['n', ['n']],
    ['Ctrl-C', ['ctrl-c']],
    ['Enter, after the other button was left again', ['tab', 'tab', 'enter']],
  ])('is cancelled by %s', (_, keys) => {
    const state = press(asking(), ...keys);
    expect([state.mode.kind, state.wishes, state.job]).toEqual(['browse', [], undefined]);
    expect(state.flash?.words).toBe('Cancelled: nothing was done.');
  });

  it.each([
    ['y', ['y']],
    ['Enter on the other button', ['right', 'enter']],
    ['Enter after Tab', ['tab', 'enter']],
  ])('is answered with yes by %s', (_, keys) => {
    const state = press(asking(), ...keys);
    expect(state.wishes.map((wish) => wish.do)).toEqual(['perform']);
    expect(state.mode.kind).toBe('job');
  });

  it('asks for a word where nothing would be left, and takes no y for it', () => {
    const dialog = asking('t', ['3', 'down', 'down']);
    expect(dialog.mode).toMatchObject({ plan: { danger: { level: 'type', word: '/shop' } } });
    expect(press(dialog, 'y').wishes).toEqual([]);
    expect(press(dialog, 'text:/sho', 'enter').wishes).toEqual([]);
    expect(press(dialog, 'enter').mode.kind).toBe('browse');
    expect(press(dialog, 'text:/shop', 'enter').wishes.map((wish) => wish.do)).toEqual(['perform']);
  });

  it.each([
    ['a filter', ['/', 'text:m'], 'filter'],
    ['the palette', [':', 'text:m'], 'palette'],
    ['the help', ['?'], 'help'],
  ])('does not open under the keys of somebody who has gone on to %s', (_, keys, mode) => {
    const before = press(stateOf(), '2', 'G', 'd');
    const plan = planAction(before.reading, 'disable', { kind: 'node', route: 'node3' });
    const state = press(told(press(before, ...keys), { kind: 'planned', plan, isDrain: false }), 'y');
    expect([state.mode.kind, state.wishes]).toEqual([mode, []]);
    expect(state.flash?.words).toContain('not asked');
  });

  it('is not replaced by another one that comes later', () => {
    const first = asking();
    const plan = planAction(first.reading, 'stop', { kind: 'path', path: '/shop' });
    expect(told(first, { kind: 'planned', plan, isDrain: false }).mode).toBe(first.mode);
  });

  it('leaves no marks behind when it was answered with yes', () => {
    const marked = press(stateOf(), '2', 'G', 'space', 'd');
    const plan = planAction(marked.reading, 'disable', { kind: 'node', route: 'node3' });
    const dialog = told(marked, { kind: 'planned', plan, isDrain: false });
    expect([press(dialog, 'esc').marks.size, press(dialog, 'y').marks.size]).toEqual([1, 0]);
  });

  it('does not open for a plan of nothing', () => {
    const state = press(stateOf(), '2', 'e');
    const plan = planAction(state.reading, 'enable', { kind: 'node', route: 'node1' });
    const now = told(state, { kind: 'planned', plan, isDrain: false });
    expect(now.mode.kind).toBe('browse');
    expect(now.flash?.words).toContain('nothing to do');
  });
});

describe('what was done', () => {
  const ended = (): TuiState => {
    const state = press(asking(), 'y');
    const [command] = state.job?.plan.commands ?? [];
    if (command === undefined) throw new Error('the plan has no command');
    return told(
      state,
      { kind: 'result', job: 1, result: { command, outcome: 'done', words: 'done', tookMs: 2 } },
      { kind: 'ended', job: 1, words: 'done', severity: 'good' },
    );
  };

  it('is an event of ours, and asks the balancers anew', () => {
    const state = ended();
    expect(state.events[0]).toMatchObject({ whoShown: 'here', whereShown: 'lb1:8090' });
    expect(state.wishes).toEqual([{ do: 'refresh' }]);
  });

  it('can be undone once', () => {
    const state = press(ended(), 'esc', 'u');
    expect(state.wishes.map((wish) => wish.do)).toEqual(['plan-undo']);
    expect(press(stateOf(), 'u').wishes).toEqual([]);
  });

  it('may go on in the background, and nothing else is begun meanwhile', () => {
    const running = press(asking(), 'y', 'esc');
    expect(running.mode.kind).toBe('browse');
    const again = press(running, 't');
    expect([again.mode.kind, again.wishes]).toEqual(['job', []]);
  });

  it.each([
    ['u', (state: TuiState) => press(state, 'u')],
    ['the palette', (state: TuiState) => press(state, ':', 'text:stopdomblu', 'enter')],
  ])('goes on when %s would begin something else', (_, begin) => {
    const before = press(ended(), 'esc', '2', 'G', 'D');
    const [wish] = before.wishes;
    if (wish?.do !== 'plan') throw new Error('no plan was wished for');
    const plan = planAction(before.reading, wish.action, wish.scope);
    const running = press(told(before, { kind: 'planned', plan, isDrain: true }), 'y', 'esc');
    const again = begin(running);
    expect([again.mode.kind, again.wishes, again.job?.id]).toEqual(['job', [], 2]);
    expect(again.flash?.words).toContain('One thing at a time');
  });

  const undoing = (answer: 'good' | 'bad'): TuiState => {
    const before = press(ended(), 'esc', 'u');
    const [wish] = before.wishes;
    if (wish?.do !== 'plan-undo') throw new Error('no undo was wished for');
    const after = { ...THREE_NODES, nodes: (THREE_NODES.nodes ?? []).map((node) => ({ ...node })) };
    const changed = {
      ...after,
      nodes: after.nodes.map((node) => ({ ...node, contexts: { '/shop': 'DISABLED' as const } })),
    };
    const plan = undoPlan(wish.results, reading([changed], START_MS + 1_000));
    const [command] = plan.commands;
    if (command === undefined) throw new Error('there is nothing to undo');
    return told(
      press(told(before, { kind: 'planned', plan, isDrain: false }), 'y'),
      {
        kind: 'result',
        job: 2,
        result: { command, outcome: answer === 'good' ? 'done' : 'failed', words: '', tookMs: 1 },
      },
      { kind: 'ended', job: 2, words: '', severity: answer },
    );
  };

  it('is not undone twice, but once more when the undoing failed', () => {
    expect(undoing('good').done).toEqual([]);
    expect(undoing('bad').done).toHaveLength(1);
  });

  it('can be undone when the answer was lost: it may have been carried out', () => {
    const state = press(asking(), 'y');
    const [command] = state.job?.plan.commands ?? [];
    if (command === undefined) throw new Error('the plan has no command');
    const lost = (outcome: 'failed' | 'refused'): TuiState =>
      told(
        state,
        { kind: 'result', job: 1, result: { command, outcome, words: 'no answer', tookMs: 2 } },
        { kind: 'ended', job: 1, words: 'not done', severity: 'bad' },
      );
    expect(lost('failed').done).toHaveLength(1);
    expect(lost('refused').done).toHaveLength(0);
  });

  it('does not stand before what was done earlier when there is nothing left of it to undo', () => {
    const state = press(ended(), 'esc', 'u');
    const [wish] = state.wishes;
    if (wish?.do !== 'plan-undo') throw new Error('no undo was wished for');
    // Somebody else has brought it back: it is as it was before.
    const plan = undoPlan(wish.results, state.reading);
    const now = told(state, { kind: 'planned', plan, isDrain: false });
    expect([now.mode.kind, now.done]).toEqual(['browse', []]);
    const silent = reading([{ ...THREE_NODES, silentSinceMs: START_MS + 1_000 }], START_MS + 2_000);
    const blind = told(state, { kind: 'reading', reading: silent });
    const kept = told(blind, { kind: 'planned', plan: undoPlan(wish.results, silent), isDrain: false });
    expect(kept.done).toHaveLength(1);
  });

  it('takes answers to what went before it for nothing', () => {
    const state = press(asking(), 'y');
    const [command] = state.job?.plan.commands ?? [];
    if (command === undefined) throw new Error('the plan has no command');
    const late = told(
      state,
      { kind: 'result', job: 7, result: { command, outcome: 'refused', words: 'no', tookMs: 2 } },
      { kind: 'progress', job: 7, lines: ['nobody asked'] },
    );
    expect(late.job).toEqual(state.job);
  });

  it.each([
    ['D', [{ do: 'end-drain', job: 1 }]],
    ['d', []],
  ])('that %s began is ended by c only when it drains', (key, wishes) => {
    expect(press(asking(key), 'y', 'c').wishes).toEqual(wishes);
  });

  it('is not left behind by one q', () => {
    const running = press(asking('D'), 'y', 'esc');
    const once = press(running, 'q');
    expect(once.wishes).toEqual([]);
    expect(once.flash?.words).toContain('once more');
    expect(press(once, 'q').wishes).toEqual([{ do: 'quit' }]);
  });
});
