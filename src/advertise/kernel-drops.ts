import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { AdvertiseGroup } from '../core/advertise/group.ts';

/** Columns of Linux' table of UDP sockets. */
const LOCAL_ADDRESS = 1;
const INODE = 9;
const DROPS = 12;

/**
 * Datagrams that the kernel threw away because this process' sockets on a group's port were full, since they were opened.
 * @returns undefined where the kernel does not tell (only Linux does)
 */
export function readKernelDrops(group: AdvertiseGroup): number | undefined {
  try {
    const port = group.port.toString(16).toUpperCase().padStart(4, '0');
    const ours = ownSocketInodes();
    let drops = 0;
    for (const line of readFileSync(group.family === 'IPv6' ? '/proc/net/udp6' : '/proc/net/udp', 'utf8').split('\n')) {
      const columns = line.trim().split(/\s+/);
      const address = columns[LOCAL_ADDRESS] ?? '';
      if (address.endsWith(`:${port}`) && ours.has(columns[INODE] ?? '')) drops += Number(columns[DROPS] ?? '0');
    }
    return drops;
  } catch {
    // No such files: another system, or /proc is not mounted.
    return undefined;
  }
}

function ownSocketInodes(): Set<string> {
  const inodes = new Set<string>();
  for (const descriptor of readdirSync('/proc/self/fd')) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(descriptor))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // Closed since the folder was read.
    return '';
  }
}
