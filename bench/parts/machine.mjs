import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Whether a program can be started; `probe` is an argument that makes it print something and end. */
export function isInstalled(program, probe) {
  return spawnSync(program, [probe], { stdio: 'ignore', timeout: 20_000 }).error === undefined;
}

/** First line that a program prints about itself, or an empty string. */
export function versionOf(program, argument) {
  const { stdout, stderr } = spawnSync(program, [argument], { encoding: 'utf8', timeout: 20_000 });
  return `${stdout ?? ''}${stderr ?? ''}`.split('\n', 1)[0].trim();
}

/** The cores this process may use, as numbers; empty where the system does not tell. */
function allowedCores() {
  if (!existsSync('/proc/self/status')) return [];
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
  if (list === null) return [];
  return list[1].split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/**
 * One core for the proxy, another one for everything around it, so that a proxy is compared by what one core can do.
 * Without `taskset` or with a single core nothing is pinned, and a rate then says little.
 */
export function findCores() {
  const cores = allowedCores();
  const pinned = cores.length > 1 && isInstalled('taskset', '--version');
  return { count: availableParallelism(), pinned, proxy: pinned ? cores[0] : null, around: pinned ? cores[1] : null };
}

/** How many files this process may open, and so how many connections it may hold. */
export function openFilesLimit() {
  if (!existsSync('/proc/self/limits')) return 1024;
  const limit = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return limit === null || limit[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit[1]);
}
