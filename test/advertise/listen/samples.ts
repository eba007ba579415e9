import type { HeardEvent } from '../../../src/advertise/listen/events.ts';
import type { MachineFacts } from '../../../src/advertise/listen/machine.ts';
import type { HeardDatagram } from '../../../src/advertise/listener.ts';
import { createAdvertiseTracker, type HeardBalancer } from '../../../src/advertise/tracker.ts';
import {
  type Advertisement,
  createJavaListener,
  DEFAULT_GROUP,
  printAdvertiseDate,
  printAdvertisement,
} from '../../../src/core/advertise/index.ts';

export const NOW_MS = Date.UTC(2026, 10, 3, 10);

export const GOOD: Advertisement = {
  status: 200,
  reason: 'OK',
  date: printAdvertiseDate(NOW_MS),
  sequence: '1',
  server: 'b58743ba',
  managerAddress: '192.0.2.10:6666',
  managerUrl: '/',
  managerProtocol: 'http',
  managerHost: '192.0.2.10',
};

export function heard(bytes: Buffer, changes: Partial<HeardDatagram> = {}): HeardDatagram {
  return {
    bytes,
    source: { address: '192.0.2.10', port: 23364 },
    group: DEFAULT_GROUP,
    receivedAtMs: NOW_MS,
    ...changes,
  };
}

/** A datagram judged by itself, as an event. */
export function heardEvent(bytes: Buffer, key?: string, changes: Partial<HeardDatagram> = {}): HeardEvent {
  return {
    kind: 'datagram',
    judgement: createAdvertiseTracker(key).take(heard(bytes, changes)),
    java: createJavaListener(key).hear(bytes),
  };
}

export function goodEvent(changes: Partial<Advertisement> = {}, key?: string): HeardEvent {
  return heardEvent(printAdvertisement({ ...GOOD, ...changes }), key);
}

/** A balancer as the tracker knows it. */
export function balancer(changes: Partial<HeardBalancer> = {}): HeardBalancer {
  return {
    server: 'b58743ba',
    group: DEFAULT_GROUP,
    managerAddress: '192.0.2.10:6666',
    managerUrl: '/',
    managerProtocol: 'http',
    status: 200,
    digest: 'ok',
    sources: ['192.0.2.10'],
    heard: 7,
    lost: 0,
    firstHeardMs: NOW_MS - 60_000,
    lastHeardMs: NOW_MS,
    intervalMs: 10_000,
    jitterMs: 12,
    findings: [],
    ...changes,
  };
}

/** A machine on which nothing stands out. */
export const PLAIN_MACHINE: MachineFacts = {
  platform: 'linux',
  container: undefined,
  interfaces: [
    { name: 'lo', address: '127.0.0.1', family: 'IPv4', internal: true, multicast: false },
    { name: 'eth0', address: '192.0.2.2', family: 'IPv4', internal: false, multicast: true },
  ],
  defaultRoute: 'eth0',
  firewalls: [],
  strictReversePath: [],
  snoopingBridges: [],
};
