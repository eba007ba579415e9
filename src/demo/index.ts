/** `mcmp demo`: everything at once, to look at and to play with. */
import type { Log } from '../observe/types.ts';
import { type Demo, startDemo } from './demo.ts';
import { commandsToTry, farewell, movedWords, summaryLine } from './text.ts';

/** Where the demo shows itself. */
export interface DemoScreen {
  readonly json: boolean;
  readonly isTerminal: boolean;
  readonly color: boolean;
  line(text?: string): void;
  document(value: { readonly schemaVersion: number }): void;
}

export interface RunDemoOptions {
  readonly screen: DemoScreen;
  readonly log: Log;
  /** How a user calls this program, for the commands to try. */
  readonly program: string;
  /** Ends the demo. */
  readonly stop: AbortSignal;
  /** Undefined: until `stop`. */
  readonly durationMs: number | undefined;
  readonly webPort?: number;
  readonly mcmpPort?: number;
  readonly speed?: number;
}

const LINE_INTERVAL_MS = 2000;
const FRAME_INTERVAL_MS = 250;
const SCHEMA_VERSION = 1;

/** Runs the demo until its time is over or it is told to stop; everything it started has ended when it resolves. */
export async function runDemo(options: RunDemoOptions): Promise<void> {
  const { json, isTerminal } = options.screen;
  // Loading all that it takes can be felt on a slow machine.
  if (isTerminal && !json) options.screen.line('Starting a balancer, three nodes and a dozen visitors ...');
  const show = json ? showJson : isTerminal ? pictureShow() : showLines;
  const demo = await startDemo(options);
  try {
    await show(demo, options);
  } finally {
    await demo.stop();
  }
}

type Show = (demo: Demo, options: RunDemoOptions) => Promise<void>;

const showJson: Show = async (demo, options) => {
  const { screen } = options;
  const say = (event: string, rest: object): void => {
    const document = { schemaVersion: SCHEMA_VERSION, event, ...rest };
    screen.document(document);
  };
  const { web, mcmp, movedFrom } = demo.addresses;
  say('ready', {
    web,
    mcmp,
    movedFrom,
    try: commandsToTry(demo.addresses, options.program).map(({ command }) => command),
  });
  await everyInterval(LINE_INTERVAL_MS, options, () => say('progress', demo.snapshot()));
  say('end', demo.snapshot());
};

const showLines: Show = async (demo, options) => {
  const { screen } = options;
  const { addresses } = demo;
  screen.line(`mcmp demo: web traffic ${addresses.web}, nodes register at ${addresses.mcmp}`);
  const moved = movedWords(addresses);
  if (moved !== '') screen.line(moved);
  screen.line('try:');
  const commands = commandsToTry(addresses, options.program);
  const width = Math.max(...commands.map(({ command }) => command.length));
  for (const { command, meaning } of commands) screen.line(`  ${command.padEnd(width)}  # ${meaning}`);
  let toldMs = -1;
  await everyInterval(LINE_INTERVAL_MS, options, () => {
    const snapshot = demo.snapshot();
    for (const { atMs, words } of snapshot.events.filter((event) => event.atMs > toldMs)) {
      toldMs = atMs;
      screen.line(`       ${words}`);
    }
    screen.line(summaryLine(snapshot));
  });
  screen.line(farewell(demo.snapshot()));
};

/** React takes a while to load: a pipe does not need it, and a terminal gets it while the nodes register. */
function pictureShow(): Show {
  const loading = import('./view.tsx');
  return async (demo, options) => {
    const { openView } = await loading;
    const view = openView(demo.addresses, options.program, demo.snapshot(), options.screen.color);
    try {
      await everyInterval(FRAME_INTERVAL_MS, options, () => view.update(demo.snapshot()));
    } finally {
      view.close();
    }
    options.screen.line(farewell(demo.snapshot()));
  };
}

/** Resolves when the demo shall end. */
function everyInterval(ms: number, { stop, durationMs }: RunDemoOptions, act: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(act, ms);
    const done = (): void => {
      clearInterval(timer);
      clearTimeout(end);
      stop.removeEventListener('abort', done);
      resolve();
    };
    const end = durationMs === undefined ? undefined : setTimeout(done, durationMs);
    stop.addEventListener('abort', done);
    if (stop.aborted) done();
  });
}
