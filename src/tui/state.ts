import type { SurveyReading } from '../client/index.ts';
import type { ActionName, CommandResult, Plan, Scope } from '../operate/index.ts';
import type { Baseline, EventRow, Severity, Tables } from './rows.ts';
import { tablesOf } from './tables.ts';

export type ScreenName = 'overview' | 'nodes' | 'contexts' | 'events' | 'disagreements' | 'node' | 'path';

/** Where the user is. */
export interface Place {
  readonly screen: ScreenName;
  /** The node or path that is looked into, as a byte string; empty elsewhere. */
  readonly of: string;
}

/** How a list is looked at; kept while the user is elsewhere. */
export interface ListView {
  /** The row under the cursor; undefined: whatever is at `cursorAt`. */
  readonly cursorKey: string | undefined;
  readonly cursorAt: number;
  /** The first row that is shown. */
  readonly top: number;
  readonly filter: string;
  /** Column; undefined: the order that the list has by itself. */
  readonly sort: string | undefined;
  readonly turned: boolean;
}

/** What can be chosen in the palette. */
export interface PaletteEntry {
  readonly words: string;
  /** The key that does the same, if there is one. */
  readonly key: string;
  readonly does:
    | { readonly kind: 'key'; readonly key: string }
    | { readonly kind: 'plan'; readonly action: ActionName; readonly scope: Scope };
}

export type Mode =
  | { readonly kind: 'browse' }
  /** The filter is being typed. `before` is what Esc goes back to. */
  | { readonly kind: 'filter'; readonly before: string }
  | { readonly kind: 'help'; readonly top: number }
  | { readonly kind: 'palette'; readonly text: string; readonly at: number }
  /** Whether to do what a plan says. Cancel is what Enter does until somebody chose otherwise. */
  | {
      readonly kind: 'confirm';
      readonly plan: Plan;
      readonly isDrain: boolean;
      readonly typed: string;
      readonly chosen: 'cancel' | 'go';
      readonly top: number;
    }
  /** What became of the job. */
  | { readonly kind: 'job'; readonly top: number };

/** What is being done to balancers, or was done last. */
export interface Job {
  readonly id: number;
  readonly plan: Plan;
  readonly isDrain: boolean;
  readonly results: readonly CommandResult[];
  /** Of a drain: how far it is. */
  readonly progress: readonly string[];
  readonly end: { readonly words: string; readonly severity: Severity } | undefined;
}

/** What has to be done outside of the model; the session does it and tells what came of it by messages. */
export type Wish =
  | { readonly do: 'quit' }
  /** Gives the terminal to the shell, until it calls the program back. */
  | { readonly do: 'suspend' }
  | { readonly do: 'refresh' }
  | { readonly do: 'plan'; readonly action: ActionName; readonly scope: Scope; readonly isDrain: boolean }
  | { readonly do: 'plan-undo'; readonly results: readonly CommandResult[] }
  | { readonly do: 'perform'; readonly job: number; readonly plan: Plan }
  | { readonly do: 'drain'; readonly job: number; readonly plan: Plan }
  | { readonly do: 'end-drain'; readonly job: number };

export interface TuiSettings {
  readonly readOnly: boolean;
  readonly ascii: boolean;
  readonly intervalMs: number;
}

export interface TuiState {
  readonly settings: TuiSettings;
  /** Of the terminal. */
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  readonly reading: SurveyReading;
  /** What came while the picture stands still. */
  readonly held: SurveyReading | undefined;
  readonly isPaused: boolean;
  readonly tables: Tables;
  /** Oldest first. */
  readonly baselines: readonly Baseline[];
  /** Where the user came from, and last where he is. */
  readonly trail: readonly Place[];
  readonly lists: ReadonlyMap<string, ListView>;
  /** Keys of rows of the present list. */
  readonly marks: ReadonlySet<string>;
  readonly mode: Mode;
  readonly flash: { readonly words: string; readonly severity: Severity; readonly untilMs: number } | undefined;
  /** Newest first. */
  readonly events: readonly EventRow[];
  /** How many there have been. */
  readonly eventCount: number;
  /** Who did what last, by `doingKey`, as far as balancers tell. */
  readonly doings: ReadonlyMap<string, string>;
  readonly job: Job | undefined;
  readonly jobCount: number;
  /** What a question will be about when the balancers have said how it stands; undefined: nothing, or not any more. */
  readonly asking: Wish | undefined;
  /** What can be undone, the last one first. */
  readonly done: readonly (readonly CommandResult[])[];
  /** Of the last message. */
  readonly wishes: readonly Wish[];
}

export const NEW_LIST: ListView = {
  cursorKey: undefined,
  cursorAt: 0,
  top: 0,
  filter: '',
  sort: undefined,
  turned: false,
};

const NOWHERE: Place = { screen: 'overview', of: '' };

export function firstState(
  reading: SurveyReading,
  terminal: { readonly columns: number; readonly rows: number },
  settings: TuiSettings,
): TuiState {
  return {
    settings,
    ...terminal,
    nowMs: reading.atMs,
    reading,
    held: undefined,
    isPaused: false,
    tables: tablesOf(reading, undefined),
    baselines: [],
    trail: [NOWHERE],
    lists: new Map(),
    marks: new Set(),
    mode: { kind: 'browse' },
    flash: undefined,
    events: [],
    eventCount: 0,
    doings: new Map(),
    job: undefined,
    jobCount: 0,
    asking: undefined,
    done: [],
    wishes: [],
  };
}

export function placeOf(state: TuiState): Place {
  return state.trail.at(-1) ?? NOWHERE;
}

export function placeKey({ screen, of }: Place): string {
  return `${screen} ${of}`;
}

export function listViewOf(state: TuiState): ListView {
  return state.lists.get(placeKey(placeOf(state))) ?? NEW_LIST;
}
