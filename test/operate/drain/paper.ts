import type { Brand } from '../../../src/client/brand.ts';
import { decodeAnswer } from '../../../src/client/decode.ts';
import type { McmpAnswer, McmpClient, Survey, SurveyClock, SurveyReading } from '../../../src/client/index.ts';
import type { ContextStatus } from '../../../src/core/cluster/records.ts';
import { startDrain } from '../../../src/operate/drain/drain.ts';
import type { DrainOptions, DrainOutcome } from '../../../src/operate/drain/types.ts';
import { read, readingOf, silent, sketch } from '../readings.ts';

/** A balancer on paper, with node n1 and one virtual host; time passes only while somebody sleeps. */
export interface PaperBalancer {
  readonly brand: Brand;
  readonly contexts: Map<string, ContextStatus>;
  /** Commands as they came: `STOP-APP /app`. */
  readonly said: string[];
  /** `Requests=` of the next answers to STOP-APP, one after the other; the last one stays. */
  requests?: number[];
  refuses?: string;
  isSilent?: boolean;
  /** Called before it is read, with how often that has been, from 1. */
  onRead?: (time: number) => void;
  /** The next answer is so old: what it says is of then. */
  readonly stale?: (time: number) => { readonly contexts: ReadonlyMap<string, ContextStatus> } | undefined;
}

export function paperBalancer(
  brand: Brand,
  contexts: Readonly<Record<string, ContextStatus>>,
  more: Partial<Omit<PaperBalancer, 'brand' | 'contexts' | 'said'>> = {},
): PaperBalancer {
  return { brand, contexts: new Map(Object.entries(contexts)), said: [], ...more };
}

const BECOMES: ReadonlyMap<string, ContextStatus> = new Map([
  ['ENABLE-APP', 'ENABLED'],
  ['DISABLE-APP', 'DISABLED'],
  ['STOP-APP', 'STOPPED'],
]);
const INTERVAL_MS = 1_000;
const ANSWER_MS = 5;

/** Drains node n1 at these balancers, in no time. */
export async function drainOnPaper(
  balancers: readonly PaperBalancer[],
  wishes: Partial<DrainOptions> = {},
): Promise<DrainOutcome> {
  let nowMs = 1_000_000;
  const alarms: { readonly atMs: number; readonly ring: () => void }[] = [];
  const clock: SurveyClock = {
    nowMs: () => nowMs,
    random: () => 0.5,
    async sleep(ms, signal) {
      if (ms > INTERVAL_MS) {
        // The deadline: time passes while somebody waits between two looks.
        const atMs = nowMs + ms;
        await new Promise<void>((resolve) => {
          alarms.push({ atMs, ring: resolve });
          signal.addEventListener('abort', () => resolve());
        });
        return;
      }
      nowMs += ms;
      for (const { atMs, ring } of alarms) if (atMs <= nowMs) ring();
    },
  };
  const named = balancers.map((balancer, index) => [`http://lb${index + 1}:8090`, balancer] as const);
  const times = new Map<PaperBalancer, number>();
  const readOne = (target: string, balancer: PaperBalancer) => {
    const time = (times.get(balancer) ?? 0) + 1;
    times.set(balancer, time);
    balancer.onRead?.(time);
    if (balancer.isSilent === true) return silent(target);
    const stale = balancer.stale?.(time);
    const contexts = stale?.contexts ?? balancer.contexts;
    const view = sketch({ route: 'n1', vhosts: { localhost: Object.fromEntries(contexts) } });
    const one = read(target, balancer.brand, view);
    // An old answer was asked for long before.
    return {
      ...one,
      good: { ...(one.outcome === 'read' ? one.good : never()), atMs: nowMs, tookMs: stale ? 60_000 : 0 },
    };
  };
  const readAll = (only?: readonly string[]): SurveyReading => ({
    ...readingOf(...named.flatMap(([name, one]) => (only?.includes(name) === false ? [] : [readOne(name, one)]))),
    atMs: nowMs,
  });
  const survey: Survey = {
    targets: named.map(([name]) => name),
    current: () => readAll(),
    read: async (options) => readAll(options?.only),
    watch: never,
    close: async () => undefined,
  };
  const clientOf = ([target, balancer]: (typeof named)[number]): [string, McmpClient] => [
    target,
    {
      address: target,
      readState: never,
      close: async () => undefined,
      async send(method, pairs = []): Promise<McmpAnswer> {
        const fields = new Map(pairs);
        const path = fields.get('Context') ?? '/*';
        balancer.said.push(`${method} ${path}`);
        nowMs += ANSWER_MS;
        const isRefused = balancer.refuses === method;
        const to = BECOMES.get(method);
        const paths = balancer.brand === 'undertow' ? [path] : path.split(',');
        if (!isRefused && to !== undefined) for (const one of paths) balancer.contexts.set(one, to);
        const [requests] = balancer.requests ?? [];
        if (method === 'STOP-APP' && (balancer.requests?.length ?? 0) > 1) balancer.requests?.shift();
        const counts = method === 'STOP-APP' && requests !== undefined;
        const answer = {
          method,
          target: '/',
          status: isRefused ? 500 : 200,
          statusText: '',
          headers: new Map(isRefused ? [['mess', 'MEM: no']] : []),
          body: counts ? `Type=STOP-APP-RSP,JvmRoute=n1Alias=localhostContext=${path}Requests=${requests}` : '',
          elapsedMs: ANSWER_MS,
        };
        return { ...answer, type: '', mess: '', decoded: decodeAnswer(answer) };
      },
    },
  ];
  return startDrain({
    survey,
    clients: new Map(named.map(clientOf)),
    scope: { kind: 'node', route: 'n1' },
    timeoutMs: 600_000,
    intervalMs: INTERVAL_MS,
    clock,
    ...wishes,
  }).outcome;
}

function never(): never {
  throw new Error('nobody should have asked for this');
}
