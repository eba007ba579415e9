import { setTimeout } from 'node:timers/promises';
import type { SurveyOptions, SurveyReading, TargetReading } from '../client/index.ts';
import { McmpError } from '../core/errors.ts';
import { startDrain } from '../operate/drain/drain.ts';
import { STATE_WORDS } from '../operate/drain/states.ts';
import type { Drain, DrainEnd, DrainProgress } from '../operate/drain/types.ts';
import {
  type CommandResult,
  drainNotes,
  type OpenTargets,
  openTargets,
  type Plan,
  perform,
  planAction,
  undoPlan,
} from '../operate/index.ts';
import type { Severity } from './rows.ts';
import type { Wish } from './state.ts';
import { labelOf } from './tables.ts';
import type { Message } from './update.ts';
import { createWhoFeed } from './who.ts';
import { counted } from './words.ts';

export interface OperatorOptions {
  readonly survey: SurveyOptions;
  readonly intervalMs: number;
  readonly drainTimeoutMs: number;
  /** Further words of the command lines that are shown, such as those of TLS. */
  readonly words: readonly string[];
}

/** Looks at balancers and acts upon them, and tells what came of it. */
export interface Operator {
  reading(): SurveyReading;
  /** Other balancers than before; what goes on goes on with the old ones. */
  watch(urls: readonly (URL | string)[]): void;
  /** Does what the model wishes of balancers. */
  fulfil(wish: Exclude<Wish, { do: 'quit' | 'suspend' }>): Promise<void>;
  close(): Promise<void>;
}

/** What is acted upon is read before, if the last reading is older. */
const FRESH_MS = 1_000;
const LOOK_MS = 3_000;
const SILENT_MS = 500;
const DRAIN_LOOK_MS = 500;

export function createOperator(tell: (message: Message) => void, options: OperatorOptions): Operator {
  /** Looked at no more, but something may still go on with them. */
  const retired = new Set<OpenTargets>();
  let jobs = 0;
  const drains = new Map<number, Drain>();
  let targets: OpenTargets | undefined;
  let unwatch = (): void => undefined;
  const who = createWhoFeed(options.survey.tls ?? {}, (doing) => tell({ kind: 'doing', doing }));

  const reading = (): SurveyReading => targets?.survey.current() ?? { atMs: Date.now(), targets: [] };
  // Who has been silent is not waited for as long as the others: every action would have to wait for it.
  const look = async (maxAgeMs: number): Promise<void> => {
    const now = reading();
    const isSilent = ({ outcome }: TargetReading): boolean => outcome === 'failed';
    const ask = async (asked: readonly TargetReading[], timeoutMs: number): Promise<void> => {
      if (targets === undefined || asked.length === 0) return;
      const only = asked.map(({ target }) => target);
      const over = new AbortController();
      const late = setTimeout(timeoutMs, undefined, { signal: over.signal }).catch(() => undefined);
      // An answer that is on its way already may have more time than there is here.
      await Promise.race([targets.survey.read({ only, maxAgeMs, timeoutMs }), late]);
      over.abort();
    };
    const silent = now.targets.filter(isSilent);
    await Promise.all([
      ask(silent, SILENT_MS),
      ask(
        now.targets.filter((one) => !isSilent(one)),
        LOOK_MS,
      ),
    ]);
  };
  const freshReading = async (maxAgeMs: number): Promise<SurveyReading> => {
    const { atMs } = reading();
    await look(maxAgeMs);
    return withoutLate(reading(), atMs - maxAgeMs);
  };
  const retire = (old: OpenTargets): void => {
    retired.add(old);
    // Balancers that come and go all day must not leave something open each time.
    if (jobs === 0) closeRetired();
  };
  const closeRetired = (): void => {
    for (const one of retired) one.close().catch(() => undefined);
    retired.clear();
  };

  const performJob = async (job: number, plan: Plan): Promise<void> => {
    const results = await perform(plan, targets?.clients ?? new Map(), {
      onResult: (result) => tell({ kind: 'result', job, result }),
    });
    tell({ kind: 'ended', job, ...endOfAction(results) });
  };

  const drainJob = async (job: number, plan: Plan): Promise<void> => {
    if (targets === undefined) {
      tell({ kind: 'ended', job, words: 'no balancer is left', severity: 'bad' });
      return;
    }
    const { survey, clients } = targets;
    const drain = startDrain({
      survey,
      clients,
      scope: plan.scope,
      timeoutMs: options.drainTimeoutMs,
      intervalMs: Math.min(options.intervalMs, DRAIN_LOOK_MS),
      words: options.words,
      onProgress: (progress) => tell({ kind: 'progress', job, lines: progressLines(progress) }),
    });
    drains.set(job, drain);
    const outcome = await drain.outcome;
    drains.delete(job);
    for (const result of outcome.results) tell({ kind: 'result', job, result });
    tell({ kind: 'ended', job, ...DRAIN_ENDS[outcome.end] });
  };

  return {
    reading,
    watch(urls) {
      unwatch();
      if (targets !== undefined) retire(targets);
      targets = urls.length === 0 ? undefined : openTargets(urls, options.survey);
      unwatch =
        targets?.survey.watch(options.intervalMs, (one) => {
          who.follow(one);
          tell({ kind: 'reading', reading: one });
        }) ?? (() => undefined);
    },
    async fulfil(wish) {
      switch (wish.do) {
        case 'refresh':
          await look(0);
          tell({ kind: 'reading', reading: reading() });
          return;
        case 'plan': {
          const { action, scope, isDrain } = wish;
          const now = await freshReading(FRESH_MS);
          const plan = planAction(now, action, scope, { words: options.words });
          const isRunning = plan.commands.length > 0;
          const notes = isDrain ? [...plan.notes, ...drainNotes(now, scope, { isRunning })] : plan.notes;
          tell({ kind: 'planned', plan: { ...plan, notes }, isDrain });
          return;
        }
        case 'plan-undo': {
          const plan = undoPlan(wish.results, await freshReading(0), options.words);
          tell({ kind: 'planned', plan, isDrain: false });
          return;
        }
        case 'perform':
        case 'drain':
          jobs += 1;
          try {
            await (wish.do === 'drain' ? drainJob : performJob)(wish.job, wish.plan);
          } finally {
            jobs -= 1;
            if (jobs === 0) closeRetired();
          }
          return;
        case 'end-drain':
          drains.get(wish.job)?.end('leave');
          return;
      }
    },
    async close() {
      unwatch();
      for (const drain of drains.values()) drain.end('leave');
      await who.close();
      await Promise.all([...retired, ...(targets === undefined ? [] : [targets])].map((one) => one.close()));
    },
  };
}

/** What was not said since then is no ground to act on: whoever said it counts as silent. */
function withoutLate(reading: SurveyReading, sinceMs: number): SurveyReading {
  const targets = reading.targets.map((one): TargetReading => {
    if (one.outcome !== 'read' || one.good.atMs >= sinceMs) return one;
    const error = new McmpError('timeout', 'MCMP_TIMEOUT', `${one.target} has not answered for a while`);
    const failure = { error, atMs: reading.atMs, tookMs: LOOK_MS, sinceMs: one.good.atMs, attempts: 1 };
    return { target: one.target, outcome: 'failed', failure, good: one.good };
  });
  return { ...reading, targets };
}

function endOfAction(results: readonly CommandResult[]): { readonly words: string; readonly severity: Severity } {
  const done = results.filter(({ outcome }) => outcome === 'done').length;
  if (done === results.length) return { words: 'done', severity: 'good' };
  const [first] = results.filter(({ outcome }) => outcome !== 'done');
  const why = first === undefined ? '' : `: ${labelOf(first.command.target)}: ${first.words}`;
  if (done === 0) return { words: `not done${why}`, severity: 'bad' };
  return { words: `done by ${done} of ${counted(results.length, 'command')}${why}`, severity: 'warning' };
}

const DRAIN_ENDS: Readonly<Record<DrainEnd, { readonly words: string; readonly severity: Severity }>> = {
  drained: { words: 'drained', severity: 'good' },
  'timed-out': { words: 'requests were still in flight when the time was over', severity: 'warning' },
  undone: { words: 'brought back', severity: 'plain' },
  interfered: { words: 'ended: somebody enabled it again', severity: 'warning' },
  refused: { words: 'a balancer refused', severity: 'bad' },
  unreachable: { words: 'a balancer cannot be reached', severity: 'bad' },
  'given-up': { words: 'ended early; it stays as it is', severity: 'plain' },
  nothing: { words: 'no balancer knows it', severity: 'warning' },
};

/** One line for each balancer, and how much time is left. */
function progressLines({ targets, remainingMs }: DrainProgress): string[] {
  return [
    ...targets.map(({ target, state, requests, how, why }) => {
      const inFlight = requests === undefined ? '' : `, ${requests} in flight`;
      const reason = why === '' ? '' : ` (${why})`;
      const known = how === 'only the clock' ? '; this brand tells no requests, so it waits' : '';
      return `${labelOf(target)}: ${STATE_WORDS[state]}${inFlight}${known}${reason}`;
    }),
    `${Math.ceil(remainingMs / 1000)} s left`,
  ];
}
