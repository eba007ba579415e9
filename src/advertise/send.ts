import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type AdvertiseGroup,
  type Advertisement,
  printAdvertiseDate,
  printAdvertisement,
} from '../core/advertise/index.ts';
import { type AdvertiseFaultName, advertiseFault } from './faults.ts';
import type { NetworkInterface } from './interfaces.ts';
import { openSender } from './sender.ts';

export interface SendPlan {
  readonly group: AdvertiseGroup;
  readonly interface: NetworkInterface | undefined;
  readonly ttl: number;
  readonly key: string | undefined;
  /** Where nodes are sent; undefined: nowhere, so that no node joins by what is sent. */
  readonly manager: URL | undefined;
  /** Server id; undefined: a new one. */
  readonly server: string | undefined;
  readonly status: number;
  /** How many; 0: until stopped. */
  readonly count: number;
  readonly frequencyMs: number;
  /** TTLs to send one datagram each with, per round; empty: `ttl` only. */
  readonly ladder: readonly number[];
  readonly fault: AdvertiseFaultName | undefined;
  /** Says 403 and 410 at the end, as httpd does. */
  readonly goodbye: boolean;
}

export interface SentDatagram {
  readonly sequence: string;
  readonly status: number;
  readonly ttl: number;
  readonly bytes: Buffer;
}

/** Name of the line that says with which TTL a datagram of a ladder was sent. */
export const TTL_LINE = 'X-Mcmp-TTL';

const REASONS: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [403, 'Forbidden'],
  [410, 'Gone'],
]);

/**
 * Sends what a balancer would send, or something wrong on purpose.
 * @param stop ends it between two datagrams; the goodbye is still said
 * @param onSent told of each datagram
 * @throws McmpError `MCMP_MULTICAST_SEND`
 */
export async function sendAdvertisements(
  plan: SendPlan,
  stop: AbortSignal,
  onSent: (sent: SentDatagram) => void,
): Promise<void> {
  const sender = await openSender(plan);
  const server = plan.server ?? randomUUID();
  let sequence = 0n;
  const send = async (status: number, ttl: number, ladder: boolean): Promise<void> => {
    sequence += 1n;
    const advertisement = compose(plan, server, String(sequence), status);
    const plain = plan.key === undefined ? {} : { key: plan.key };
    const made =
      plan.fault === undefined
        ? printAdvertisement(advertisement, plain)
        : advertiseFault(plan.fault).make(advertisement, plan.key);
    const bytes = ladder ? withTtlLine(made, ttl) : made;
    await sender.send(bytes, ttl);
    onSent({ sequence: String(sequence), status, ttl, bytes });
  };
  try {
    for (let round = 0; (plan.count === 0 || round < plan.count) && !stop.aborted; round++) {
      if (round > 0) await pauseUnlessStopped(plan.frequencyMs, stop);
      if (stop.aborted) break;
      for (const ttl of plan.ladder.length === 0 ? [plan.ttl] : plan.ladder) {
        await send(plan.status, ttl, plan.ladder.length > 0);
      }
    }
    if (plan.goodbye) {
      await send(403, plan.ttl, false);
      await send(410, plan.ttl, false);
    }
  } finally {
    await sender.close();
  }
}

function compose({ manager }: SendPlan, server: string, sequence: string, status: number): Advertisement {
  const base = {
    status,
    reason: REASONS.get(status) ?? '',
    date: printAdvertiseDate(Date.now()),
    sequence,
    server,
  };
  if (manager === undefined || status !== 200) return base;
  const port = manager.port === '' ? (manager.protocol === 'https:' ? '443' : '80') : manager.port;
  return {
    ...base,
    managerAddress: `${manager.hostname}:${port}`,
    managerUrl: manager.pathname,
    managerProtocol: manager.protocol.slice(0, -1),
    managerHost: manager.hostname,
  };
}

/** Behind all that nodes read, in front of the empty line. */
function withTtlLine(datagram: Buffer, ttl: number): Buffer {
  const text = datagram.toString('latin1').replace(/\r\n$/, '');
  return Buffer.from(`${text}${TTL_LINE}: ${ttl}\r\n\r\n`, 'latin1');
}

async function pauseUnlessStopped(ms: number, stop: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal: stop });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
