import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { endianness } from 'node:os';
import type { AdvertiseGroup } from '../core/advertise/group.ts';

/** Columns of Linux' tables of UDP sockets. */
const LOCAL_ADDRESS = 1;
const INODE = 9;
const DROPS = 12;

/** Counts what the kernel threw away because one socket was full. */
export interface DropCounter {
  /** Since the socket was opened; undefined where the kernel does not tell (only Linux does). */
  read(): number | undefined;
}

/**
 * A counter for the socket of this process that was bound to a group since `before` was taken: several sockets of one
 * process may be bound to one group, and each has its own drops.
 * @param before what `socketInodes` gave before the socket was bound
 */
export function createDropCounter(group: AdvertiseGroup, before: ReadonlySet<string>): DropCounter {
  const path = group.family === 'IPv6' ? '/proc/net/udp6' : '/proc/net/udp';
  const address = tableAddress(group);
  const isNew = (inode: string): boolean => !before.has(inode);
  const own = new Set([...socketInodes()].filter(isNew));
  const table = readOrNothing(path);
  const inodes = new Set(rowsOf(table ?? '', address).flatMap(({ inode }) => (own.has(inode) ? [inode] : [])));
  return {
    read() {
      const now = readOrNothing(path);
      if (now === undefined || inodes.size === 0) return undefined;
      return rowsOf(now, address).reduce((sum, { inode, drops }) => sum + (inodes.has(inode) ? drops : 0), 0);
    },
  };
}

/** Inodes of the sockets that this process has open; empty where that cannot be seen. */
export function socketInodes(): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const descriptor of descriptors()) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkOf(descriptor))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  return inodes;
}

/** The sockets bound to an address, from the text of `/proc/net/udp` or `/proc/net/udp6`. */
export function rowsOf(table: string, address: string): { readonly inode: string; readonly drops: number }[] {
  const rows: { inode: string; drops: number }[] = [];
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[LOCAL_ADDRESS] !== address) continue;
    rows.push({ inode: columns[INODE] ?? '', drops: Number(columns[DROPS] ?? '0') });
  }
  return rows;
}

/** A group as these tables write it: words of 32 bits in the machine's own order of bytes, then the port. */
export function tableAddress({ host, port, family }: AdvertiseGroup, order: 'LE' | 'BE' = endianness()): string {
  const bytes = family === 'IPv4' ? host.split('.').map(Number) : ipv6Bytes(host);
  const words: string[] = [];
  for (let index = 0; index < bytes.length; index += 4) {
    const word = bytes.slice(index, index + 4);
    words.push(hex(order === 'LE' ? word.reverse() : word));
  }
  return `${words.join('')}:${hex([port >> 8, port & 0xff])}`;
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}

function ipv6Bytes(host: string): number[] {
  // The URL parser knows every spelling, an IPv4 tail included, and gives back groups of hexadecimal digits.
  const [head = '', tail] = new URL(`http://[${host.replace(/%.*$/, '')}]`).hostname.slice(1, -1).split('::');
  const groupsOf = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [front, back] = [groupsOf(head), groupsOf(tail ?? '')];
  const gap = tail === undefined ? [] : Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...gap, ...back].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Another system, or /proc is not mounted.
    return undefined;
  }
}

function descriptors(): string[] {
  try {
    return readdirSync('/proc/self/fd');
  } catch {
    // Another system, or /proc is not mounted.
    return [];
  }
}

function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // Closed since the folder was read.
    return '';
  }
}
