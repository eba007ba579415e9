import { createJavaListener } from '../../core/advertise/index.ts';
import type { McmpError } from '../../core/errors.ts';
import { type HeardDatagram, type ListenerCounts, listenToGroups } from '../listener.ts';
import { createAdvertiseTracker, type HeardBalancer, type Judgement } from '../tracker.ts';
import { createBudget } from './budget.ts';
import { createDangerBook } from './dangers.ts';
import type { ListenEvent, ListenSummary, Silence } from './events.ts';
import { type GroupFinding, groupFindings } from './group-findings.ts';
import { type MachineFacts, readMachine } from './machine.ts';
import { createNameBook } from './names.ts';
import { createOutcomeBook } from './outcome.ts';
import type { ListenPlan } from './plan.ts';
import { createProber, type ProbeResult } from './probe.ts';
import { createSelfTest } from './self-test.ts';
import { createSilenceWatch } from './silence-watch.ts';
import { createTtlBook } from './ttl.ts';

export interface SessionOptions {
  readonly plan: ListenPlan;
  /** Ends it early. */
  readonly stop: AbortSignal;
  /** How many datagrams a second are told one by one; the others are counted. */
  readonly toldPerSecond: number;
  readonly onEvent: (event: ListenEvent) => void;
  readonly onFailure: (failure: McmpError) => void;
  /** Given what can be asked at any time, as soon as it is listened. */
  readonly onStart?: (state: ListenState) => void;
  readonly readMachine?: () => Promise<MachineFacts>;
}

/** What is known now, for a view. */
export interface ListenState {
  readonly elapsedMs: () => number;
  readonly counts: () => ListenerCounts;
  /** Datagrams that were looked at; cheap, unlike `counts`, which asks the kernel. */
  readonly handled: () => number;
  /** Datagrams of our own, sent to test ourselves. */
  readonly ownDatagrams: () => number;
  readonly balancers: () => readonly HeardBalancer[];
  readonly groupFindings: () => readonly GroupFinding[];
  readonly dangers: () => ListenSummary['dangers'];
  readonly ttl: () => ListenSummary['ttl'];
  readonly probeOf: (balancer: HeardBalancer) => ProbeResult | undefined;
  /** Undefined as soon as something is heard again. */
  readonly silence: () => Silence | undefined;
}

const TICK_MS = 250;
const BURST = 100;
/** Datagrams that wait for their name to be resolved before they are told. */
const MAX_HELD = 64;
/** Balancers that come and go give ever new ones. */
const MAX_GROUP_FINDINGS = 1000;

/**
 * Listens until the plan says that it is over, or somebody stops it; everything that was started has ended then.
 * @throws McmpError `MCMP_MULTICAST_LISTEN` when no group can be listened to
 */
export async function listen(options: SessionOptions): Promise<ListenSummary> {
  const { plan, stop, onEvent } = options;
  const startedMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedMs;
  const tracker = createAdvertiseTracker(plan.key);
  const names = createNameBook();
  const outcome = createOutcomeBook(plan);
  const dangers = createDangerBook();
  const ttl = createTtlBook();
  const selfTest = createSelfTest(plan.key);
  const budget = createBudget(options.toldPerSecond, Math.max(BURST, options.toldPerSecond));
  const prober = plan.probe ? createProber((result) => onEvent({ kind: 'probe', result })) : undefined;
  let java = createJavaListener(plan.key);
  let held = 0;
  let handled = 0;
  let ownDatagrams = 0;
  let hasEnded = false;
  let enough: (timedOut: boolean) => void = () => undefined;
  let groupFindingsNow: readonly GroupFinding[] = [];
  const toldGroupFindings = new Set<string>();
  const silence = createSilenceWatch(plan, selfTest, options.readMachine ?? readMachine, (found) =>
    onEvent({ kind: 'silence', silence: found }),
  );

  const tell = (judgement: Judgement): void => {
    if (hasEnded) return;
    const verdict = java.hear(judgement.heard.bytes);
    // That node is lost; what another one does that starts now is of more use than silence.
    if (verdict.does === 'dies') java = createJavaListener(plan.key);
    const event = { kind: 'datagram', judgement, java: verdict } as const;
    const danger = dangers.take(judgement);
    if (danger !== undefined) onEvent({ kind: 'danger', danger });
    if (budget.take(elapsedMs())) onEvent(event);
    const finding = ttl.take(judgement);
    if (finding !== undefined) onEvent({ kind: 'ttl', finding });
    if (outcome.take(event)) enough(false);
  };
  const onDatagram = (heard: HeardDatagram): void => {
    handled += 1;
    if (selfTest.claims(heard.bytes)) {
      ownDatagrams += 1;
      return;
    }
    const judgement = tracker.take(heard, (address) => names.known(address));
    const { managerAddress, managerProtocol } = judgement.reading;
    silence.heard(heard.group, elapsedMs());
    prober?.look(managerAddress, managerProtocol);
    const isNew = managerAddress !== undefined && names.known(managerAddress) === undefined;
    const answer = managerAddress === undefined ? undefined : names.ask(managerAddress);
    if (answer === undefined || !isNew || held >= MAX_HELD) {
      tell(judgement);
      return;
    }
    held += 1;
    void answer.then((resolved) => {
      held -= 1;
      tell(tracker.judgeAgain(judgement, resolved));
    });
  };

  const listener = await listenToGroups({
    groups: plan.groups,
    interfaces: plan.interfaces,
    onDatagram,
    onFailure: options.onFailure,
  });
  silence.listening(listener, elapsedMs());
  onEvent({ kind: 'ready', joined: listener.joined, plan });
  options.onStart?.({
    elapsedMs,
    counts: listener.counts,
    handled: () => handled,
    ownDatagrams: () => ownDatagrams,
    balancers: tracker.balancers,
    groupFindings: () => groupFindingsNow,
    dangers: dangers.all,
    ttl: ttl.findings,
    probeOf: ({ managerAddress, managerProtocol }) => prober?.of(managerAddress, managerProtocol),
    silence: silence.now,
  });

  const lookAround = (): void => {
    groupFindingsNow = groupFindings(tracker.balancers(), Date.now());
    for (const finding of groupFindingsNow) {
      const id = `${finding.id} ${finding.group} ${finding.message}`;
      if (toldGroupFindings.has(id) || toldGroupFindings.size >= MAX_GROUP_FINDINGS) continue;
      toldGroupFindings.add(id);
      onEvent({ kind: 'group', finding });
    }
    const count = budget.leftOut();
    if (count > 0) onEvent({ kind: 'left-out', count });
  };

  const timedOut = await new Promise<boolean>((resolve) => {
    const ticking = setInterval(() => {
      lookAround();
      silence.tick(elapsedMs());
    }, TICK_MS);
    const timer = plan.timeoutMs === undefined ? undefined : setTimeout(() => enough(true), plan.timeoutMs);
    const stopped = (): void => enough(false);
    enough = (byTime) => {
      clearInterval(ticking);
      clearTimeout(timer);
      stop.removeEventListener('abort', stopped);
      resolve(byTime);
    };
    stop.addEventListener('abort', stopped);
    if (stop.aborted) enough(false);
  });
  // Whoever waited in vain wants to know why, though the time of silence was not over yet.
  if (timedOut) await silence.explain(elapsedMs());
  hasEnded = true;
  lookAround();
  const counts = listener.counts();
  await listener.close();
  await prober?.close();
  const settled = outcome.settle(timedOut);
  const summary: ListenSummary = {
    ...settled,
    elapsedMs: Math.round(elapsedMs()),
    counts,
    ownDatagrams,
    balancers: tracker.balancers(),
    forgottenBalancers: tracker.forgotten(),
    dangers: dangers.all(),
    groupFindings: groupFindingsNow,
    ttl: ttl.findings(),
  };
  onEvent({ kind: 'end', summary });
  return summary;
}
