import { DgramAsPromised, type SocketAsPromised } from 'dgram-as-promised';
import { type AdvertiseGroup, formatGroup } from '../core/advertise/group.ts';
import type { McmpError } from '../core/errors.ts';
import { listenFailure } from './failures.ts';
import { type NetworkInterface, socketInterface } from './interfaces.ts';
import { createDropCounter, type DropCounter, socketInodes } from './kernel-drops.ts';

/** A datagram as it came; nothing has looked at it. */
export interface HeardDatagram {
  readonly bytes: Buffer;
  /** Where it came from. */
  readonly source: { readonly address: string; readonly port: number };
  readonly group: AdvertiseGroup;
  /** Wall-clock time, in ms since 1970. */
  readonly receivedAtMs: number;
}

export interface ListenerOptions {
  readonly groups: readonly AdvertiseGroup[];
  /** Each group is joined on those of its family; none: where the system sends multicast. */
  readonly interfaces: readonly NetworkInterface[];
  /** Datagrams that may wait to be looked at; those beyond are counted and dropped. */
  readonly queueLimit?: number;
  /** Called with one datagram after the other; while it runs, others wait in the queue. */
  readonly onDatagram: (heard: HeardDatagram) => void;
  /** A group that could not be joined, or a socket that broke; the others go on. */
  readonly onFailure: (failure: McmpError) => void;
}

export interface AdvertiseListener {
  /** What is being listened to: group and interface, the interface empty where the system chose. */
  readonly joined: readonly { readonly group: AdvertiseGroup; readonly interface: string }[];
  readonly counts: () => ListenerCounts;
  close(): Promise<void>;
}

export interface ListenerCounts {
  readonly received: number;
  /** Given to `onDatagram`; the rest of those received waits in the queue, or was dropped. */
  readonly handled: number;
  /** Came while the queue was full. */
  readonly droppedHere: number;
  /** Came while the kernel's buffer was full; undefined where the kernel does not tell. */
  readonly droppedByKernel: number | undefined;
}

const DEFAULT_QUEUE_LIMIT = 4096;
/** As much as the system allows of it. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
/** Handled before the sockets are read again. */
const BATCH = 256;
/** A socket is read so often in one go (libuv); having come that many at once, more are waiting in the kernel. */
const READ_AT_ONCE = 32;
/** Handled before a socket is read again that has more: what the kernel has no room for is lost, the queue has room. */
const BATCH_UNDER_FLOOD = 2;

/**
 * Listens to groups for advertisements. What a socket of `dgram-as-promised` hears between two `recv()` is lost, so its
 * `message` event fills a queue here: bounded, and exact in what it had to drop.
 * @throws McmpError `MCMP_MULTICAST_LISTEN` when no group at all can be listened to
 */
export async function listenToGroups(options: ListenerOptions): Promise<AdvertiseListener> {
  const { queueLimit = DEFAULT_QUEUE_LIMIT } = options;
  const queue: HeardDatagram[] = [];
  let next = 0;
  let received = 0;
  let handled = 0;
  let droppedHere = 0;
  let arrived = 0;
  let working: NodeJS.Immediate | undefined;

  const work = (): void => {
    working = undefined;
    const batch = arrived >= READ_AT_ONCE ? BATCH_UNDER_FLOOD : BATCH;
    arrived = 0;
    for (let count = 0; count < batch && next < queue.length; count++) {
      const heard = queue[next];
      next += 1;
      if (heard === undefined) continue;
      handled += 1;
      options.onDatagram(heard);
    }
    if (next < queue.length) working = setImmediate(work);
    else {
      queue.length = 0;
      next = 0;
    }
  };
  const take = (heard: HeardDatagram): void => {
    received += 1;
    arrived += 1;
    if (queue.length - next >= queueLimit) {
      droppedHere += 1;
      return;
    }
    // What was handled stands at the front until the queue is empty; under a flood it goes earlier.
    if (next >= queueLimit) {
      queue.splice(0, next);
      next = 0;
    }
    queue.push(heard);
    working ??= setImmediate(work);
  };

  const joined: { group: AdvertiseGroup; interface: string }[] = [];
  const sockets: { readonly socket: SocketAsPromised; readonly drops: DropCounter }[] = [];
  const failures: McmpError[] = [];
  // One after the other: a group's counter of drops takes the socket that is new for its own.
  for (const group of distinct(options.groups)) {
    if (options.interfaces.length > 0 && options.interfaces.every(({ family }) => family !== group.family)) {
      failures.push(listenFailure(group, '', new Error(`no interface has an ${group.family} address`)));
      continue;
    }
    for (const { zone, interfaces } of bindings(group, options.interfaces)) {
      try {
        const before = socketInodes();
        const opened = await openSocket(group, zone, take, options.onFailure);
        const names = joinOn(opened, group, interfaces, (failure) => failures.push(failure));
        if (names.length === 0) await opened.close();
        else {
          sockets.push({ socket: opened, drops: createDropCounter(group, before) });
          joined.push(...names.map((name) => ({ group, interface: name })));
        }
      } catch (error) {
        failures.push(listenFailure(group, zone, error));
      }
    }
  }
  const [first] = failures;
  if (joined.length === 0 && first !== undefined) throw first;
  for (const failure of failures) options.onFailure(failure);

  return {
    joined,
    counts: () => {
      let droppedByKernel: number | undefined;
      for (const { drops } of sockets) {
        const count = drops.read();
        if (count !== undefined) droppedByKernel = (droppedByKernel ?? 0) + count;
      }
      return { received, handled, droppedHere, droppedByKernel };
    },
    async close() {
      if (working !== undefined) clearImmediate(working);
      queue.length = 0;
      await Promise.all(sockets.map(({ socket }) => socket.close()));
    },
  };
}

/** A group given twice would be heard twice. */
function distinct(groups: readonly AdvertiseGroup[]): AdvertiseGroup[] {
  return [...new Map(groups.map((group) => [formatGroup(group), group])).values()];
}

/**
 * The sockets that a group needs: one, unless its scope is a link or an interface (RFC 4291 §2.7). Such an address says
 * nothing without the interface, and a socket is bound to one of each.
 */
function bindings(
  group: AdvertiseGroup,
  interfaces: readonly NetworkInterface[],
): { readonly zone: string; readonly interfaces: readonly NetworkInterface[] }[] {
  const isScoped = group.family === 'IPv6' && /^ff.[12]/i.test(group.host);
  return isScoped && interfaces.length > 0
    ? interfaces.filter(({ family }) => family === 'IPv6').map((one) => ({ zone: one.name, interfaces: [one] }))
    : [{ zone: '', interfaces }];
}

async function openSocket(
  group: AdvertiseGroup,
  zone: string,
  take: (heard: HeardDatagram) => void,
  onFailure: (failure: McmpError) => void,
): Promise<SocketAsPromised> {
  const opened = DgramAsPromised.createSocket(
    { type: group.family === 'IPv6' ? 'udp6' : 'udp4', reuseAddr: true },
    (bytes, { address, port }) => take({ bytes, source: { address, port }, group, receivedAtMs: Date.now() }),
  );
  try {
    // Bound to the group's own address a socket hears this group only; where that is not possible it hears the port.
    const address = process.platform === 'win32' ? '' : `${group.host}${zone === '' ? '' : `%${zone}`}`;
    await opened.bind({ address, port: group.port });
  } catch (error) {
    await opened.close();
    throw error;
  }
  opened.socket.on('error', (error) => onFailure(listenFailure(group, '', error)));
  opened.socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  return opened;
}

/** Joins the group on each interface of its family. @returns the names of those that worked */
function joinOn(
  opened: SocketAsPromised,
  group: AdvertiseGroup,
  interfaces: readonly NetworkInterface[],
  onFailure: (failure: McmpError) => void,
): string[] {
  const chosen = interfaces.filter(({ family }) => family === group.family);
  const targets =
    interfaces.length === 0
      ? [{ name: '', address: undefined }]
      : chosen.map((one) => ({ name: one.name, address: socketInterface(one) }));
  const names = new Set<string>();
  for (const { name, address } of targets) {
    if (names.has(name)) continue;
    try {
      opened.addMembership(group.host, address);
      names.add(name);
    } catch (error) {
      onFailure(listenFailure(group, name, error));
    }
  }
  return [...names];
}
