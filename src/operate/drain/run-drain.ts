import type { McmpClientOptions, SurveyReading } from '../../client/index.ts';
import { UsageError } from '../../core/errors.ts';
import { escapeForTerminal } from '../../core/text.ts';
import { planAction } from '../plan.ts';
import { readTargets, selectOn } from '../select.ts';
import { type OpenTargets, openTargets } from '../targets.ts';
import type { Plan, Scope } from '../types.ts';
import { undoPlan } from '../undo.ts';
import { scopeWords } from '../words.ts';
import { startDrain } from './drain.ts';
import { drainScope } from './drain-scope.ts';
import { createNarrator } from './narrator.ts';
import { drainNotes } from './notes.ts';
import { observe } from './observe.ts';
import { END_OUTCOMES, outcomeDocument, outcomeLine, planDocument, targetLine } from './report.ts';
import type { DrainScreen } from './screen.ts';
import type { Drain, DrainOptions, DrainOutcome, TargetDrain } from './types.ts';
import { openWitness } from './witness.ts';

export interface RunDrainOptions
  extends Pick<DrainOptions, 'timeoutMs' | 'intervalMs' | 'waitMs' | 'quietMs' | 'remove' | 'undoOnTimeout' | 'words'> {
  /** `ROUTE` or `ROUTE:CONTEXT`. */
  readonly what: string;
  readonly balancers: readonly URL[];
  readonly client: McmpClientOptions;
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** Do not ask. */
  readonly yes: boolean;
  /** The wish to stop: Ctrl-C. Called when there is something to stop. */
  readonly takeOver: () => AbortSignal;
}

export interface DrainRunResult {
  readonly outcome: 'done' | 'check-failed' | 'usage' | 'unreachable' | 'timeout';
  /** The signal that ended it. */
  readonly signal?: 'SIGINT' | 'SIGTERM';
}

/**
 * `mcmp drain`: says what will be done, asks where that is dangerous, does it, tells how far it has come and how it ended.
 *
 * @throws UsageError when there is nothing to drain, or nobody to ask; McmpError when no balancer answers
 */
export async function runDrain(options: RunDrainOptions, screen: DrainScreen): Promise<DrainRunResult> {
  const targets = openTargets(options.balancers, options.client);
  try {
    const reading = await targets.survey.read();
    const scope = drainScope(options.what, reading);
    const plan = planOf(reading, scope, options);
    showPlan(plan, reading, screen);
    if (options.dryRun) {
      showCommands(reading, scope, options, screen);
      return { outcome: 'done' };
    }
    if (!(await isConfirmed(plan, options, screen))) {
      screen.line('Nothing was done.');
      return { outcome: 'check-failed' };
    }
    // Who was asked may have taken his time.
    const isOld = plan.danger.level === 'type' && !options.yes;
    return await carryOut(targets, isOld ? await targets.survey.read() : reading, scope, options, screen);
  } finally {
    await targets.close();
  }
}

/** That of STOP-APP, which is what it comes to, with what is to be known about a drain. */
function planOf(reading: SurveyReading, scope: Scope, options: RunDrainOptions): Plan {
  const plan = planAction(reading, 'stop', scope, { plain: true, words: options.words ?? [] });
  const { commands, counts, title } = plan;
  const notes = [...plan.notes, ...drainNotes(reading, scope, { ...options, isRunning: commands.length > 0 })];
  return {
    ...plan,
    title: counts.nodes === 0 ? `Drain ${scopeWords(scope)}: it is stopped already` : title.replace(/^Stop/, 'Drain'),
    notes,
  };
}

function showPlan(plan: Plan, reading: SurveyReading, screen: DrainScreen): void {
  if (screen.json) {
    screen.document(planDocument(plan, howKnown(reading, plan.scope)));
    return;
  }
  screen.line(plan.title);
  for (const note of plan.notes) screen.line(`  note: ${note}`);
  if (plan.danger.level === 'type') screen.line(`  danger: ${plan.danger.why}`);
}

function howKnown(reading: SurveyReading, scope: Scope): TargetDrain[] {
  return readTargets(reading).map(({ target, brand, nodes }) => {
    const { how, requests } = observe(brand, selectOn(target, brand, nodes, scope));
    return { target, brand, state: 'disabling', how, requests, requestsAtStart: undefined, why: '' };
  });
}

function showCommands(reading: SurveyReading, scope: Scope, options: RunDrainOptions, screen: DrainScreen): void {
  const more = { plain: true, words: options.words ?? [] };
  const plans = [
    planAction(reading, 'disable', scope, { ...more, only: ['ENABLED'] }),
    planAction(reading, 'stop', scope, more),
    ...(options.remove === true ? [planAction(reading, 'remove', scope, { words: more.words })] : []),
  ];
  const lines = plans.flatMap(({ commands }) => commands.map(({ commandLine }) => commandLine));
  if (screen.json) screen.document({ schemaVersion: 1, event: 'commands', commands: lines });
  else for (const line of lines) screen.line(escapeForTerminal(line));
}

async function isConfirmed({ danger }: Plan, { yes }: RunDrainOptions, screen: DrainScreen): Promise<boolean> {
  if (danger.level !== 'type' || yes) return true;
  if (!screen.interactive || screen.json) {
    throw new UsageError(`this is dangerous: ${danger.why}`, {
      code: 'MCMP_UNCONFIRMED',
      hint: 'With --yes it is done without a question.',
    });
  }
  const typed = await screen.ask(`Type ${danger.word} to go on: `, new AbortController().signal);
  return typed === danger.word;
}

async function carryOut(
  targets: OpenTargets,
  reading: SurveyReading,
  scope: Scope,
  options: RunDrainOptions,
  screen: DrainScreen,
): Promise<DrainRunResult> {
  const stop = options.takeOver();
  const narrator = createNarrator(screen);
  const witness = openWitness(reading, scope, options.client.tls);
  const { whoEnabled } = witness;
  const drain = startDrain({ ...options, ...targets, scope, reading, onProgress: narrator.tell, whoEnabled });
  const over = new AbortController();
  let signal: DrainRunResult['signal'];
  const onSignal = (): void => {
    // A reader of stdout that has gone is no wish to stop.
    if (stop.reason !== 'SIGINT' && stop.reason !== 'SIGTERM') return;
    void askHowToEnd(drain, narrator, options, screen, stop.reason === 'SIGINT', over.signal).then((ends) => {
      if (ends) signal = stop.reason;
    });
  };
  if (stop.aborted) onSignal();
  else stop.addEventListener('abort', onSignal, { once: true });
  try {
    const outcome = await drain.outcome;
    over.abort();
    narrator.end();
    await showOutcome(outcome, targets, options, screen);
    const result = { outcome: END_OUTCOMES[outcome.end] };
    return signal === undefined ? result : { ...result, signal };
  } finally {
    over.abort();
    stop.removeEventListener('abort', onSignal);
    await witness.close();
  }
}

/** @returns whether the drain ends because of the signal */
async function askHowToEnd(
  drain: Drain,
  narrator: { pause(): void; resume(): void },
  { undoOnTimeout }: RunDrainOptions,
  screen: DrainScreen,
  byKey: boolean,
  over: AbortSignal,
): Promise<boolean> {
  if (!byKey || !screen.interactive || screen.json) {
    drain.end(undoOnTimeout === true ? 'undo' : 'leave');
    return true;
  }
  narrator.pause();
  const question = 'The drain goes on. End it and [u]ndo, end it and [l]eave everything as it is, or [g]o on? ';
  let typed = await screen.ask(question, over);
  // A slip of the finger is no answer: whoever has pressed Ctrl-C wants one of the three.
  while (typed !== undefined && !WISHES.has(firstLetter(typed))) {
    typed = await screen.ask('Type u, l or g: ', over);
  }
  narrator.resume();
  const wish = typed === undefined ? 'go on' : (WISHES.get(firstLetter(typed)) ?? 'go on');
  if (wish === 'go on') {
    if (!over.aborted) screen.line('It goes on. Ctrl-C now ends it at once and leaves everything as it is then.');
    return false;
  }
  drain.end(wish);
  return true;
}

/** Enter alone goes on. */
function firstLetter(typed: string): string {
  return typed === '' ? 'g' : typed.slice(0, 1).toLowerCase();
}

const WISHES: ReadonlyMap<string, 'undo' | 'leave' | 'go on'> = new Map([
  ['u', 'undo'],
  ['l', 'leave'],
  ['g', 'go on'],
]);

async function showOutcome(
  outcome: DrainOutcome,
  { survey }: OpenTargets,
  { words }: RunDrainOptions,
  screen: DrainScreen,
): Promise<void> {
  const isLeft = !['drained', 'undone', 'nothing'].includes(outcome.end) && outcome.results.length > 0;
  const undo = isLeft ? undoPlan(outcome.results, await survey.read(), words) : outcome.undo?.plan;
  const lines = isLeft ? (undo?.commands ?? []).map(({ commandLine }) => commandLine) : [];
  if (screen.json) {
    screen.document(outcomeDocument(outcome, lines));
    return;
  }
  for (const target of outcome.targets) screen.line(targetLine(target));
  screen.line(outcomeLine(outcome));
  if (outcome.end === 'undone') for (const note of undo?.notes ?? []) screen.line(`  note: ${note}`);
  if (lines.length > 0) {
    screen.line('What was changed stays so. To undo it:');
    for (const line of lines) screen.line(`  ${escapeForTerminal(line)}`);
  }
}
