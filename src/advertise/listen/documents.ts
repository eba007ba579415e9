import { formatGroup } from '../../core/advertise/index.ts';
import type { HeardBalancer } from '../tracker.ts';
import type { HeardEvent, ListenEvent, ListenSummary, Silence } from './events.ts';
import { managerUrl } from './probe.ts';

const SCHEMA_VERSION = 1;

interface ListenDocument {
  readonly schemaVersion: number;
  readonly event: string;
  readonly [name: string]: unknown;
}

/** An event as a line of JSON Lines. */
export function documentOf(event: ListenEvent): ListenDocument {
  return { schemaVersion: SCHEMA_VERSION, event: event.kind, ...fieldsOf(event) };
}

function fieldsOf(event: ListenEvent): Readonly<Record<string, unknown>> {
  switch (event.kind) {
    case 'ready':
      return {
        joined: event.joined.map(({ group, interface: name }) => ({ group: formatGroup(group), interface: name })),
        key: event.plan.key !== undefined,
      };
    case 'datagram':
      return datagramFields(event);
    case 'danger':
      return { id: 'advert/kills-java-listener', ...event.danger };
    case 'group':
    case 'ttl':
      return { ...event.finding };
    case 'probe':
      return { ...event.result };
    case 'silence':
      return silenceFields(event.silence);
    case 'left-out':
      return { count: event.count };
    case 'end':
      return summaryFields(event.summary);
  }
}

function datagramFields({ judgement, java }: HeardEvent): Readonly<Record<string, unknown>> {
  const { heard, reading, findings, digest } = judgement;
  return {
    receivedAt: new Date(heard.receivedAtMs).toISOString(),
    source: heard.source,
    group: formatGroup(heard.group),
    bytes: heard.bytes.length,
    status: reading.status ?? null,
    reason: reading.reason,
    date: reading.date ?? null,
    sequence: reading.sequence ?? null,
    server: reading.server ?? null,
    managerAddress: reading.managerAddress ?? null,
    managerUrl: managerUrl(reading.managerAddress, reading.managerProtocol) ?? null,
    managerPath: reading.managerUrl ?? null,
    managerProtocol: reading.managerProtocol ?? null,
    managerHost: reading.managerHost ?? null,
    digest,
    headers: reading.headers,
    java,
    findings,
  };
}

function silenceFields({ facts, causes }: Silence): Readonly<Record<string, unknown>> {
  return {
    forMs: Math.round(facts.forMs),
    groups: [...new Set(facts.joined.map(({ group }) => formatGroup(group)))],
    heardBefore: facts.heardBefore,
    heardIn: facts.heardIn.map(formatGroup),
    selfTest: facts.selfTest,
    machine: facts.machine,
    causes,
  };
}

function summaryFields(summary: ListenSummary): Readonly<Record<string, unknown>> {
  return { ...summary, balancers: summary.balancers.map(balancerFields) };
}

function balancerFields(balancer: HeardBalancer): Readonly<Record<string, unknown>> {
  return {
    server: balancer.server,
    group: formatGroup(balancer.group),
    managerAddress: balancer.managerAddress ?? null,
    managerUrl: managerUrl(balancer.managerAddress, balancer.managerProtocol) ?? null,
    status: balancer.status ?? null,
    digest: balancer.digest,
    sources: balancer.sources,
    heard: balancer.heard,
    lost: balancer.lost,
    intervalMs: balancer.intervalMs === undefined ? null : Math.round(balancer.intervalMs),
    jitterMs: balancer.jitterMs === undefined ? null : Math.round(balancer.jitterMs),
    firstHeardAt: new Date(balancer.firstHeardMs).toISOString(),
    lastHeardAt: new Date(balancer.lastHeardMs).toISOString(),
    findings: balancer.findings,
  };
}
