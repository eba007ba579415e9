import process from 'node:process';
import { type Instance, render, useInput } from 'ink';
import { createElement, type ReactElement } from 'react';
import type { SurveyReading } from '../client/index.ts';
import { createInputReader, type Typed } from './key-name.ts';
import type { Operator } from './operator.ts';
import { firstState, type TuiSettings, type TuiState } from './state.ts';
import { enterAlternateScreen } from './terminal.ts';
import { type Message, update } from './update.ts';
import { frameOf } from './view/frame.ts';
import type { Line } from './view/line.ts';
import { Picture } from './view/picture.ts';

export interface SessionOptions {
  readonly settings: TuiSettings;
  readonly color: boolean;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Ends it, as `q` does. */
  readonly stop: AbortSignal;
  /** Makes what looks at the balancers; it tells what it sees. */
  readonly connect: (tell: (message: Message) => void) => Operator;
  /** Called when the picture shows a new state; for those who measure. */
  readonly onState?: (state: TuiState) => void;
}

/** Ages are shown in seconds. */
const TICK_MS = 1_000;
const FRAMES_PER_SECOND = 60;
const COME_BACK_MS = 50;

interface ScreenProps {
  readonly lines: readonly Line[];
  readonly color: boolean;
  readonly press: (typed: Typed) => void;
  readonly read: ReturnType<typeof createInputReader>;
}

function Screen({ lines, color, press, read }: ScreenProps): ReactElement {
  useInput((input, key) => press(read(input, key)));
  return createElement(Picture, { lines, color });
}

/**
 * Shows the model on a terminal until somebody quits: keys, readings and time become messages, the wishes of the model are
 * fulfilled, and what it shows is drawn. The terminal is given back as it was, whatever happens.
 */
export async function runSession(options: SessionOptions): Promise<void> {
  const { stdin, stdout, settings, color, stop } = options;
  const size = (): { columns: number; rows: number } => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const nothing: SurveyReading = { atMs: Date.now(), targets: [] };
  let state = firstState(nothing, size(), settings);
  let instance: Instance | undefined;
  let isDirty = false;
  let isOver = false;
  let quit = (): void => undefined;
  let fail = (_: unknown): void => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    quit = resolve;
    fail = reject;
  });

  const read = createInputReader();
  const picture = (): ReactElement => createElement(Screen, { lines: frameOf(state), color, press, read });
  const draw = (): void => {
    isDirty = false;
    if (isOver) return;
    instance?.rerender(picture());
    options.onState?.(state);
  };
  const tell = (message: Message): void => {
    if (isOver) return;
    state = update(state, message);
    for (const wish of state.wishes) {
      if (wish.do === 'quit') quit();
      else if (wish.do === 'suspend') suspend();
      else operator.fulfil(wish).catch(fail);
    }
    if (isDirty) return;
    isDirty = true;
    // Many keys at once, or many balancers that answer, make one picture.
    setImmediate(() => {
      try {
        draw();
      } catch (error) {
        fail(error);
      }
    });
  };
  const press = ({ keys, pasted }: Typed): void => {
    if (pasted !== '') tell({ kind: 'paste', text: pasted });
    for (const key of keys) tell({ kind: 'key', key });
  };

  const operator = options.connect(tell);
  state = update(state, { kind: 'reading', reading: operator.reading() });
  let screen = enterAlternateScreen(stdout);
  const onResize = (): void => {
    screen.clear();
    tell({ kind: 'resize', ...size() });
  };
  const mount = (): void => {
    instance = render(picture(), {
      stdin,
      stdout,
      exitOnCtrlC: false,
      patchConsole: false,
      maxFps: FRAMES_PER_SECOND,
    });
    instance.waitUntilExit().catch(fail);
  };
  const unmount = (): void => {
    instance?.unmount();
    instance = undefined;
    screen.leave();
  };
  let isAway = false;
  const suspend = (): void => {
    isAway = true;
    unmount();
    // As the terminal does it when it is not raw: to all of the pipeline.
    process.kill(0, 'SIGTSTP');
    // Where no shell would ever continue it, the system stops nothing (POSIX: orphaned process groups).
    setTimeout(() => {
      if (isAway) comeBack();
    }, COME_BACK_MS);
  };
  const comeBack = (): void => {
    isAway = false;
    if (isOver) return;
    // After SIGSTOP as well: the shell has used the terminal meanwhile.
    unmount();
    screen = enterAlternateScreen(stdout);
    mount();
    tell({ kind: 'resize', ...size() });
  };
  const timer = setInterval(() => tell({ kind: 'tick', nowMs: Date.now() }), TICK_MS);
  try {
    // Before Ink listens: it draws at once, and shall find the new picture.
    stdout.on('resize', onResize);
    stop.addEventListener('abort', quit);
    process.on('SIGCONT', comeBack);
    mount();
    if (!stop.aborted) await ended;
  } finally {
    isOver = true;
    clearInterval(timer);
    stdout.off('resize', onResize);
    stop.removeEventListener('abort', quit);
    process.off('SIGCONT', comeBack);
    unmount();
    await operator.close();
  }
}
