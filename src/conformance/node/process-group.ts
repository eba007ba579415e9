import { readdir, readFile } from 'node:fs/promises';
import process from 'node:process';

/** A group of processes that was started as one, such as a shell and what it runs. */
export interface ProcessGroup {
  /** To all of its processes; nothing when there is none any more. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** Whether one of its processes still runs. */
  runs(): Promise<boolean>;
}

/** @param leader id of the process that leads the group; it may have ended */
export function processGroup(leader: number): ProcessGroup {
  return {
    signal(name) {
      isThere(leader, name);
    },
    async runs() {
      return isThere(leader, 0) && !(await hasOnlyZombies(leader));
    },
  };
}

/** Sends a signal; 0 only asks. */
function isThere(leader: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Whether all that is left of a group has ended and waits for its parent to ask how. A process whose own parent has ended is
 * the child of process 1, and in containers that is often a program that never asks: it would be there for ever.
 */
async function hasOnlyZombies(leader: number): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  for (const id of await readdir('/proc')) {
    if (!/^[0-9]+$/.test(id)) continue;
    const stat = await readFile(`/proc/${id}/stat`, 'latin1').catch(() => '');
    // Behind the name, which is in parentheses and may have any character: state, parent, group.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (group === String(leader) && state !== 'Z' && state !== 'X') return false;
  }
  return true;
}
