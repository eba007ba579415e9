import { describe, expect, it } from 'vitest';
import { planAction } from '../../src/operate/index.ts';
import type { TuiState } from '../../src/tui/state.ts';
import { frameOf } from '../../src/tui/view/frame.ts';
import { press, stateOf, told } from './scene.ts';

/** The plan that was wished for last has been made. */
function answered(state: TuiState, wished = state): TuiState {
  const [wish] = wished.wishes;
  if (wish?.do !== 'plan') throw new Error('no plan was wished for');
  const plan = planAction(state.reading, wish.action, wish.scope);
  return told(state, { kind: 'planned', plan, isDrain: wish.isDrain });
}

const words = (state: TuiState): string =>
  frameOf(state)
    .flatMap((line) => line.map(({ text }) => text))
    .join('');

describe('while a balancer lets one wait for how it stands', () => {
  const waiting = press(stateOf(), '2', 'd');

  it('says what it waits for, and asks when it is there', () => {
    expect(words(waiting)).toContain('asking how it stands now');
    const asked = answered(waiting);
    expect([asked.mode.kind, asked.asking]).toEqual(['confirm', undefined]);
  });

  it.each([
    ['Esc', ['esc']],
    ['another screen', ['3']],
    ['another row', ['j']],
  ])('asks nothing after %s', (_, keys) => {
    const gone = press(waiting, ...keys);
    expect(words(gone)).not.toContain('asking how');
    expect(answered(gone, waiting).mode.kind).toBe('browse');
  });

  it('takes Esc for that alone', () => {
    const filtered = press(stateOf(), '2', '/', 'text:node', 'enter', 'd', 'esc');
    expect(filtered.lists.get('nodes ')?.filter).toBe('node');
    expect(filtered.flash?.words).toContain('Never mind');
  });

  it('asks about what was wished for last, whichever answer comes first', () => {
    const last = press(waiting, 't');
    const early = answered(last, waiting);
    expect(early.mode.kind).toBe('browse');
    const { mode } = answered(early, last);
    expect(mode.kind === 'confirm' && mode.plan.action).toBe('stop');
  });

  it('does not take y for an answer before there is a question', () => {
    const asked = answered(press(waiting, 'y'), waiting);
    expect([asked.mode.kind, asked.job]).toEqual(['confirm', undefined]);
  });
});

describe('pasted text', () => {
  const paste = (state: TuiState, text: string): TuiState => told(state, { kind: 'paste', text });

  it('is not taken for keys', () => {
    const state = paste(press(stateOf(), '2'), 'dy\rqt');
    expect([state.mode.kind, state.wishes]).toEqual(['browse', []]);
    expect(state.flash?.words).toContain('Pasted');
  });

  it('answers no question', () => {
    const question = answered(press(stateOf(), '2', 'j', 'j', 'd'));
    expect(paste(question, 'y').mode).toBe(question.mode);
  });

  it.each([
    ['the filter', ['/'], 'state:error\r'],
    ['the palette', [':'], 'stop\n'],
  ])('is typed into %s, and does not end it', (_, keys, text) => {
    const state = paste(press(stateOf(), '2', ...keys), text);
    expect(words(state)).toContain(text.trim());
    expect(state.mode.kind).toBe(keys[0] === '/' ? 'filter' : 'palette');
  });

  it('is typed where a word is asked for', () => {
    const question = answered(press(stateOf(), '3', 'G', 't'));
    expect(press(paste(question, '/shop'), 'enter').wishes.map((wish) => wish.do)).toEqual(['perform']);
  });
});

it('does not go to the background while something goes on', () => {
  const question = answered(press(stateOf(), '2', 'G', 'd'));
  expect(press(question, 'ctrl-z').wishes).toEqual([{ do: 'suspend' }]);
  const busy = press(question, 'y', 'ctrl-z');
  expect([busy.wishes, busy.flash?.words]).toEqual([[], expect.stringContaining('stand still')]);
});
