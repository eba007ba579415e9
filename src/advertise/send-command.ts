import { formatGroup } from '../core/advertise/index.ts';
import { UsageError } from '../core/errors.ts';
import { groupOf, keyOf } from './command-options.ts';
import { ADVERTISE_FAULTS, type AdvertiseFaultName, advertiseFault } from './faults.ts';
import { findInterface } from './interfaces.ts';
import type { SendPlan, SentDatagram } from './send.ts';

/** What the command line of `advertise send` says. */
export interface SendArgs {
  readonly manager: URL | undefined;
  readonly group: string;
  readonly interface: string | undefined;
  readonly ttl: number;
  readonly ttlLadder: string | undefined;
  readonly frequency: number;
  readonly count: number;
  readonly key: string | undefined;
  readonly keyFile: string | undefined;
  readonly server: string | undefined;
  readonly status: string | undefined;
  readonly goodbye: boolean;
  readonly fault: string | undefined;
}

const MAX_TTL = 255;

/** @throws UsageError */
export function planOf(args: SendArgs): SendPlan {
  const group = groupOf(args.group, 'group');
  const { manager } = args;
  if (args.fault !== undefined && manager === undefined) {
    throw new UsageError('a wrong datagram is wrong about a balancer: --fault needs --manager');
  }
  if (args.server !== undefined && !/^[\x21-\x7e]{1,80}$/.test(args.server)) {
    throw new UsageError('a Server id has up to 80 characters and no spaces');
  }
  return {
    group,
    interface: args.interface === undefined ? undefined : findInterface(args.interface, group.family),
    ttl: args.ttl,
    key: keyOf(args.key, args.keyFile, 'key'),
    manager,
    server: args.server,
    // Without an address a Java node acts on no status; 410 says so to people as well.
    status: args.status === undefined ? (manager === undefined ? 410 : 200) : Number(args.status),
    count: args.count,
    frequencyMs: args.frequency,
    ladder: args.ttlLadder === undefined ? [] : ladderOf(args.ttlLadder),
    fault: faultOf(args.fault),
    goodbye: args.goodbye,
  };
}

function ladderOf(text: string): number[] {
  const [from = 0, to = 0] = text.split('..').map(Number);
  if (from > to || to > MAX_TTL) {
    throw new UsageError(`--ttl-ladder ${text}: from the smaller to the larger, at most ${MAX_TTL}`);
  }
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function faultOf(name: string | undefined): AdvertiseFaultName | undefined {
  return name !== undefined && Object.hasOwn(ADVERTISE_FAULTS, name) ? (name as AdvertiseFaultName) : undefined;
}

/** What the sender should know before real nodes hear it. */
export function warningsOf({ fault, manager, group, server, status }: SendPlan): string[] {
  if (fault !== undefined) {
    const { describe, effect, kills } = advertiseFault(fault);
    return [`${kills ? 'DANGER: ' : ''}sending datagrams ${describe}: ${effect}`];
  }
  if (manager === undefined || status !== 200) {
    return server === undefined
      ? []
      : [
          `a Java node that hears ${server} for the first time without an address ignores its later one until it restarts`,
        ];
  }
  return [`every node that listens to ${formatGroup(group)} may now register with ${manager.origin}`];
}

export function sentLine({ group }: SendPlan, { sequence, status, ttl, bytes }: SentDatagram): string {
  return `sent  ${formatGroup(group)}  sequence ${sequence}  status ${status}  ttl ${ttl}  ${bytes.length} bytes`;
}

export function sentDocument(
  { group, fault }: SendPlan,
  { sequence, status, ttl, bytes }: SentDatagram,
): { readonly schemaVersion: number } & Readonly<Record<string, unknown>> {
  return {
    schemaVersion: 1,
    event: 'sent',
    group: formatGroup(group),
    sequence,
    status,
    ttl,
    fault: fault ?? null,
    bytes: bytes.length,
    datagram: bytes.toString('latin1'),
  };
}
