import { formatAddress } from '../../core/address.ts';
import type { JavaVerdict } from '../../core/advertise/index.ts';
import { formatGroup, type Severity } from '../../core/advertise/index.ts';
import { escapeForTerminal } from '../../core/text.ts';
import type { AdvertiseListener } from '../listener.ts';
import type { Danger, HeardEvent, ListenSummary } from './events.ts';
import { errorsOf } from './events.ts';
import type { ProbeResult } from './probe.ts';
import { managerUrl } from './probe.ts';

/** Time of day on this machine. */
export function clockWords(ms: number): string {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** A duration as briefly as it can be read: `42 ms`, `10.0 s`, `3 min`. */
export function spanWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`;
  return `${Math.floor(ms / 3_600_000)} h`;
}

export function sourceWords({ address, port }: { readonly address: string; readonly port: number }): string {
  return formatAddress({ host: address, port });
}

/** Groups with the interfaces on which each is heard. */
export function joinedWords(joined: AdvertiseListener['joined']): string {
  const byGroup = new Map<string, string[]>();
  for (const { group, interface: name } of joined) {
    const names = byGroup.get(formatGroup(group)) ?? [];
    byGroup.set(formatGroup(group), [...names, name === '' ? "the system's choice" : name]);
  }
  return [...byGroup].map(([group, names]) => `${group} on ${names.join(', ')}`).join('; ');
}

/** Where a balancer wants nodes to go, as far as it says; fit for a terminal. */
export function balancerWords(
  managerAddress: string | undefined,
  protocol: string | undefined,
  otherwise: string,
): string {
  return escapeForTerminal(managerUrl(managerAddress, protocol) ?? managerAddress ?? otherwise);
}

/** The worst that is to be said about a datagram, in a word or an id. */
export function verdictOf(findings: readonly { readonly id: string; readonly severity: Severity }[]): {
  readonly words: string;
  readonly severity: Severity | 'fine';
} {
  const [worst] = findings;
  if (worst === undefined || worst.severity === 'info') return { words: worst?.id ?? 'fine', severity: 'fine' };
  const rest = findings.filter(({ severity }) => severity !== 'info').length - 1;
  return { words: `${worst.id}${rest > 0 ? ` +${rest}` : ''}`, severity: worst.severity };
}

export function javaWords(verdict: JavaVerdict): string {
  switch (verdict.does) {
    case 'joins':
      return 'a Java node joins';
    case 'knows':
      return 'a Java node knows it';
    case 'ignores':
      return 'a Java node ignores it';
    case 'dies':
      return 'a Java node DISCOVERS NOTHING MORE';
  }
}

export function datagramLine({ judgement, java }: HeardEvent): string {
  const { heard, reading, findings } = judgement;
  const { words } = verdictOf(findings);
  const status = reading.status === undefined ? '' : `${reading.status}  `;
  const sequence = reading.sequence === undefined ? '' : `sequence ${escapeForTerminal(reading.sequence)}  `;
  const who = balancerWords(
    reading.managerAddress,
    reading.managerProtocol,
    reading.server ?? `${heard.bytes.length} bytes`,
  );
  return `${clockWords(heard.receivedAtMs)}  ${who}  ${status}${sequence}from ${sourceWords(heard.source)}  ${words}  (${javaWords(java)})`;
}

/** What is wrong with a datagram, with advice, a line each. */
export function findingLines({ judgement }: HeardEvent): string[] {
  return judgement.findings.flatMap(({ id, severity, message, advice }) => [
    `          ${severity}: ${escapeForTerminal(message)}  [${id}]`,
    `          ${advice}`,
  ]);
}

/** Nobody shall read past this. */
export function dangerLine({ source, why, count }: Danger): string {
  const times = count === 1 ? '' : `, ${count} times`;
  return `!!! DANGER: ${source} ENDS DISCOVERY in every Tomcat and WildFly that hears it, until they restart: ${escapeForTerminal(why)}${times}  [advert/kills-java-listener]`;
}

export function probeLine({ url, reachable, tookMs, words }: ProbeResult): string {
  return `          ${escapeForTerminal(url)}: ${reachable ? 'reachable' : 'NOT reachable'}, ${escapeForTerminal(words)} (${tookMs} ms)`;
}

export function summaryLines(summary: ListenSummary): string[] {
  const { counts, balancers, dangers, reason, outcome } = summary;
  const dropped = counts.droppedHere + (counts.droppedByKernel ?? 0);
  const wrong = balancers.filter(({ findings }) => errorsOf(findings).length > 0).length;
  return [
    `${count(counts.received - summary.ownDatagrams, 'datagram')} in ${spanWords(summary.elapsedMs)}, ${dropped} dropped; ${count(balancers.length, 'balancer')}, ${wrong} with errors${
      dangers.length === 0 ? '' : `; ${count(dangers.length, 'source')} DANGEROUS to Java nodes`
    }`,
    ...(outcome === 'done' ? [] : [`${outcome === 'timeout' ? 'timed out' : 'failed'}: ${escapeForTerminal(reason)}`]),
  ];
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
