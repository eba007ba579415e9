import process from 'node:process';
import { isatty } from 'node:tty';
import { exitCodeOfSignal, type StopSignal } from './exit-codes.ts';

const STDIN = 0;

/**
 * Ctrl-C under `npm start` arrives twice: the terminal sends it to every process, and npm passes its own on. The second
 * one must not count as impatience.
 */
const SAME_KEYPRESS_MS = 250;

export interface SignalWishes {
  /** Called at a second SIGINT or SIGTERM, just before the process ends with 128 and the number of the signal. */
  readonly onSecond?: () => void;
  /**
   * Called at SIGHUP; without it SIGHUP ends the process. It still does when the signal means what its name says, that the
   * terminal the program was started at has gone: nobody wants it to stay on the ports unseen.
   */
  readonly onHangup?: () => void;
}

/** What a command can do about signals. A command that does nothing is ended by them, as any program. */
export interface Signals {
  /** From now on the first SIGINT or SIGTERM only aborts the returned signal; its reason is the name of the signal. */
  takeOver(wishes?: SignalWishes): AbortSignal;
}

export interface ProcessSignals extends Signals {
  /**
   * The reader of stdout has gone (`mcmp ... | head`) and had what it wanted. Who took the signals over ends as by one of
   * them, politely: nodes that just vanish would stay in the tables of their balancers. Others end at once.
   */
  readerGone(): void;
}

/** What is needed of a process; replaced in tests. */
export interface SignalledProcess {
  on(signal: StopSignal | 'SIGHUP', listener: () => void): unknown;
  exit(code: number): unknown;
}

/** The signals of this process. */
export function processSignals(target: SignalledProcess = process, nowMs = () => performance.now()): ProcessSignals {
  let taken: AbortController | undefined;
  return {
    readerGone() {
      if (taken === undefined) target.exit(0);
      else if (!taken.signal.aborted) taken.abort('SIGPIPE');
    },
    takeOver(wishes = {}) {
      const stop = new AbortController();
      taken = stop;
      let stoppedAtMs = Number.POSITIVE_INFINITY;
      const onStop = (name: StopSignal): void => {
        if (!stop.signal.aborted) {
          stoppedAtMs = nowMs();
          stop.abort(name);
        } else if (name !== stop.signal.reason || nowMs() - stoppedAtMs > SAME_KEYPRESS_MS) {
          wishes.onSecond?.();
          target.exit(exitCodeOfSignal(name));
        }
      };
      target.on('SIGINT', () => onStop('SIGINT'));
      target.on('SIGTERM', () => onStop('SIGTERM'));
      const { onHangup } = wishes;
      if (onHangup !== undefined) target.on('SIGHUP', unlessTerminalIsGone(onHangup));
      return stop.signal;
    },
  };
}

function unlessTerminalIsGone(onHangup: () => void): () => void {
  const onTerminal = isatty(STDIN);
  return () => {
    if (!onTerminal || isatty(STDIN)) {
      onHangup();
      return;
    }
    // By the signal itself: an ordinary exit sets the modes of the terminal, and Node aborts when there is none.
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  };
}
