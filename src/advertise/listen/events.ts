import type { AdvertiseFinding, JavaVerdict } from '../../core/advertise/index.ts';
import type { AdvertiseListener, ListenerCounts } from '../listener.ts';
import type { HeardBalancer, Judgement } from '../tracker.ts';
import type { GroupFinding } from './group-findings.ts';
import type { ListenPlan } from './plan.ts';
import type { ProbeResult } from './probe.ts';
import type { SilenceCause, SilenceFacts } from './silence.ts';
import type { TtlFinding } from './ttl.ts';

/** What happens while we listen, for whoever shows it. */
export type ListenEvent =
  | { readonly kind: 'ready'; readonly joined: AdvertiseListener['joined']; readonly plan: ListenPlan }
  | HeardEvent
  /** A sender whose datagram ends discovery in Java nodes; the same one is told again only after a while. */
  | { readonly kind: 'danger'; readonly danger: Danger }
  | { readonly kind: 'group'; readonly finding: GroupFinding }
  | { readonly kind: 'ttl'; readonly finding: TtlFinding }
  | { readonly kind: 'probe'; readonly result: ProbeResult }
  | { readonly kind: 'silence'; readonly silence: Silence }
  /** Datagrams that were judged and not told one by one: there were too many. */
  | { readonly kind: 'left-out'; readonly count: number }
  | { readonly kind: 'end'; readonly summary: ListenSummary };

export interface HeardEvent {
  readonly kind: 'datagram';
  readonly judgement: Judgement;
  /** What a Java node that hears all that we hear does about it. */
  readonly java: JavaVerdict;
}

export interface Danger {
  readonly source: string;
  readonly why: string;
  readonly count: number;
  /** Wall-clock time, in ms since 1970. */
  readonly lastAtMs: number;
}

export interface Silence {
  readonly facts: SilenceFacts;
  readonly causes: readonly SilenceCause[];
}

/** How a command that listens ends. */
export type ListenOutcome = 'done' | 'check-failed' | 'timeout';

export interface ListenSummary {
  readonly outcome: ListenOutcome;
  /** What the outcome rests on. */
  readonly reason: string;
  readonly elapsedMs: number;
  readonly counts: ListenerCounts;
  /** Of those received: our own, sent to test ourselves. */
  readonly ownDatagrams: number;
  readonly balancers: readonly HeardBalancer[];
  readonly forgottenBalancers: number;
  readonly dangers: readonly Danger[];
  readonly groupFindings: readonly GroupFinding[];
  readonly ttl: readonly TtlFinding[];
}

/** What makes a datagram one that nodes cannot use. */
export function errorsOf(findings: readonly AdvertiseFinding[]): readonly AdvertiseFinding[] {
  return findings.filter(({ severity }) => severity === 'danger' || severity === 'error');
}
