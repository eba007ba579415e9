import { attentionOf } from './attention.ts';
import { placeOf, type TuiState } from './state.ts';

/** How the lines of the terminal are given away. */
export interface Layout {
  readonly width: number;
  /** One less than the terminal has: what fills it is not drawn in place but scrolled. */
  readonly height: number;
  /** A list of names and letters, without headings. */
  readonly isNarrow: boolean;
  /** Balancers that are shown, one a line. */
  readonly balancers: number;
  readonly attention: number;
  readonly headings: boolean;
  /** Rows of the list. */
  readonly body: number;
  /** The latest events below the overview. */
  readonly events: number;
  readonly footer: number;
}

const NARROW_COLUMNS = 60;
/** Header, screens, title of the list, and the line for what was done last. */
const FIXED_ROWS = 4;
const LEAST_BODY = 3;
const MOST_ATTENTION = 3;
const EVENTS_ROWS = 7;
const ROWS_FOR_EVENTS = 36;
const ROWS_FOR_TWO_FOOTERS = 18;

export function layoutOf(state: TuiState): Layout {
  const height = Math.max(1, state.rows - 1);
  const isNarrow = state.columns < NARROW_COLUMNS;
  const { screen } = placeOf(state);
  const isOverview = screen === 'overview';
  // Who says what is told by the numbers of the balancers.
  const hasBalancers = isOverview || screen === 'disagreements';
  const footer = state.rows >= ROWS_FOR_TWO_FOOTERS ? 2 : 1;
  let left = height - FIXED_ROWS - footer - LEAST_BODY;
  const take = (wanted: number): number => {
    const taken = Math.max(0, Math.min(wanted, left));
    left -= taken;
    return taken;
  };
  const headings = !isNarrow && take(1) === 1;
  const { tables } = state;
  const balancers = hasBalancers ? take(Math.min(tables.balancers.length, Math.max(1, Math.floor(state.rows / 4)))) : 0;
  const attention = isOverview ? take(Math.min(MOST_ATTENTION, attentionOf(tables).length)) : 0;
  const events = isOverview && state.rows >= ROWS_FOR_EVENTS ? take(EVENTS_ROWS) : 0;
  return {
    width: state.columns,
    height,
    isNarrow,
    balancers,
    attention,
    headings,
    body: Math.max(1, Math.min(LEAST_BODY, height - FIXED_ROWS - footer) + left),
    events,
    footer,
  };
}
