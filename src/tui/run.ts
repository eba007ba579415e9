import process from 'node:process';
import { type DiscoverOptions, discoverBalancers } from '../advertise/index.ts';
import { createSurvey, type SurveyReading } from '../client/index.ts';
import type { SurveyOptions } from '../client/survey.ts';
import { createOperator, type Operator } from './operator.ts';
import { runSession } from './session.ts';
import { labelOf } from './tables.ts';
import type { Message } from './update.ts';

export interface RunTuiOptions {
  /** Balancers that are looked at all the time. */
  readonly balancers: readonly URL[];
  /** Further ones are found; undefined: not looked for. */
  readonly discovery: DiscoverOptions | undefined;
  readonly survey: SurveyOptions;
  /** The words of a command line that mean the TLS settings of `survey`. */
  readonly words: readonly string[];
  readonly intervalMs: number;
  readonly drainTimeoutMs: number;
  readonly readOnly: boolean;
  readonly ascii: boolean;
  readonly color: boolean;
  readonly stop: AbortSignal;
}

/** The terminal manager, until somebody quits. */
export async function runTui(options: RunTuiOptions): Promise<void> {
  const { balancers, discovery, stop } = options;
  const urls = new Map(balancers.map((url) => [url.href, url]));
  let operator: Operator | undefined;
  let tellNow = (_: Message): void => undefined;
  const look = (): void => operator?.watch([...urls.values()]);
  const found = await (discovery === undefined
    ? undefined
    : discoverBalancers(discovery, {
        onJoin: ({ url }) => {
          urls.set(url, new URL(url));
          tellNow({ kind: 'note', severity: 'good', words: `${labelOf(url)} advertises itself` });
          look();
        },
        onLeave: ({ url }) => {
          // What was named is looked at whatever is advertised.
          if (balancers.some(({ href }) => href === url)) return;
          urls.delete(url);
          tellNow({ kind: 'note', severity: 'warning', words: `${labelOf(url)} said goodbye` });
          look();
        },
        onTrouble: ({ message }) => tellNow({ kind: 'note', severity: 'bad', words: message }),
      }));
  try {
    await runSession({
      settings: { readOnly: options.readOnly, ascii: options.ascii, intervalMs: options.intervalMs },
      color: options.color,
      stdin: process.stdin,
      stdout: process.stdout,
      stop,
      connect(tell) {
        tellNow = tell;
        operator = createOperator(tell, options);
        look();
        return operator;
      },
    });
  } finally {
    await found?.close();
  }
}

/** One look at all balancers, for `--once`. */
export async function readOnce(
  balancers: readonly URL[],
  discovery: DiscoverOptions | undefined,
  options: SurveyOptions,
  stop: AbortSignal,
): Promise<SurveyReading> {
  const urls = [...balancers, ...(discovery === undefined ? [] : await advertised(discovery, stop))];
  if (urls.length === 0) return { atMs: Date.now(), targets: [] };
  const survey = createSurvey(urls, options);
  try {
    return await survey.read();
  } finally {
    await survey.close();
  }
}

/** A balancer advertises itself every 10 s, unless it was told otherwise. */
const LISTEN_MS = 11_000;

async function advertised(discovery: DiscoverOptions, stop: AbortSignal): Promise<URL[]> {
  const found = await discoverBalancers(discovery, { onJoin: () => undefined, onLeave: () => undefined });
  try {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LISTEN_MS);
      stop.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    return found.joined().map(({ url }) => new URL(url));
  } finally {
    await found.close();
  }
}
