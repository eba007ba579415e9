import process from 'node:process';
import { exitCodeOfSignal } from './exit-codes.ts';

export interface SignalWishes {
  /** Called at a second SIGINT or SIGTERM, just before the process ends with 128 and the number of the signal. */
  readonly onSecond?: () => void;
  /** Called at every SIGHUP; without it SIGHUP ends the process. */
  readonly onHangup?: () => void;
}

/** What a command can do about signals. A command that does nothing is ended by them, as any program. */
export interface Signals {
  /** From now on the first SIGINT or SIGTERM only aborts the returned signal; its reason is the name of the signal. */
  takeOver(wishes?: SignalWishes): AbortSignal;
}

/** The signals of this process. */
export function processSignals(): Signals {
  return {
    takeOver(wishes = {}) {
      const stop = new AbortController();
      const onStop = (name: 'SIGINT' | 'SIGTERM'): void => {
        if (!stop.signal.aborted) {
          stop.abort(name);
          return;
        }
        wishes.onSecond?.();
        process.exit(exitCodeOfSignal(name));
      };
      process.on('SIGINT', () => onStop('SIGINT'));
      process.on('SIGTERM', () => onStop('SIGTERM'));
      const { onHangup } = wishes;
      if (onHangup !== undefined) process.on('SIGHUP', () => onHangup());
      return stop.signal;
    },
  };
}
