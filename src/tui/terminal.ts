import { writeSync } from 'node:fs';
import process from 'node:process';

/** The second screen of a terminal, which leaves what was on the first one as it was; what is pasted is told from keys. */
const ENTER = '\u001b[?1049h\u001b[?2004h\u001b[2J\u001b[H';
const CLEAR = '\u001b[2J\u001b[H';
/** Colours off, pasting as it was, cursor on, first screen. */
const LEAVE = '\u001b[0m\u001b[?2004l\u001b[?25h\u001b[?1049l';

export interface AlternateScreen {
  clear(): void;
  /** Gives the terminal back; nothing happens the second time. */
  leave(): void;
}

/** Takes the terminal until `leave` is called, or the process ends in whatever way it can still notice. */
export function enterAlternateScreen(stdout: NodeJS.WriteStream): AlternateScreen {
  let inside = true;
  const leave = (): void => {
    if (!inside) return;
    inside = false;
    process.off('exit', leave);
    process.off('uncaughtExceptionMonitor', leave);
    if (process.stdin.isTTY && process.stdin.isRaw) process.stdin.setRawMode(false);
    // At once, also when the process is about to end: what a stream still holds would be lost.
    writeNow(stdout, LEAVE);
  };
  process.once('exit', leave);
  // Before Node prints what was thrown: on the screen that is about to vanish nobody would read it.
  process.once('uncaughtExceptionMonitor', leave);
  stdout.write(ENTER);
  return {
    clear: () => {
      if (inside) stdout.write(CLEAR);
    },
    leave,
  };
}

function writeNow(stdout: NodeJS.WriteStream, text: string): void {
  if (!('fd' in stdout) || typeof stdout.fd !== 'number') {
    stdout.write(text);
    return;
  }
  try {
    writeSync(stdout.fd, text);
  } catch (error) {
    // The terminal has gone, and with it everything that could be restored; EAGAIN: the stream will get it out.
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') stdout.write(text);
  }
}
