import { createMcmpClient } from '../../client/client.ts';
import { parseAddress } from '../../core/address.ts';
import { McmpError } from '../../core/errors.ts';

/** Whether somebody speaks MCMP at an advertised address. */
export interface ProbeResult {
  readonly url: string;
  readonly reachable: boolean;
  readonly tookMs: number;
  /** `INFO answered`, or what went wrong. */
  readonly words: string;
}

export interface Prober {
  /** Asks the address of a datagram, unless that has been done lately. */
  look(managerAddress: string | undefined, protocol: string | undefined): void;
  /** The last result. */
  of(managerAddress: string | undefined, protocol: string | undefined): ProbeResult | undefined;
  close(): Promise<void>;
}

/** Whoever sends chooses the addresses: few at once, and not many at all. */
const MAX_ADDRESSES = 64;
const MAX_AT_ONCE = 4;
const AGAIN_AFTER_MS = 60_000;
const TIMEOUT_MS = 3000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

interface Target {
  readonly url: string;
  result: ProbeResult | undefined;
  askedAtMs: number | undefined;
}

/**
 * Asks balancers for INFO, and nothing else: a STATUS without Load puts a node into error on httpd 1.3 (reference §12.2).
 * @param ask replaced in tests
 */
export function createProber(onResult: (result: ProbeResult) => void, ask: typeof askInfo = askInfo): Prober {
  const targets = new Map<string, Target>();
  const waiting: Target[] = [];
  const running = new Set<Promise<void>>();
  const stop = new AbortController();

  const start = (): void => {
    while (running.size < MAX_AT_ONCE && !stop.signal.aborted) {
      const target = waiting.shift();
      if (target === undefined) return;
      const run = ask(target.url, stop.signal).then((result) => {
        running.delete(run);
        if (stop.signal.aborted) return;
        target.result = result;
        onResult(result);
        start();
      });
      running.add(run);
    }
  };

  return {
    look(managerAddress, protocol) {
      const url = managerUrl(managerAddress, protocol);
      if (url === undefined) return;
      const nowMs = performance.now();
      const target = targets.get(url) ?? { url, result: undefined, askedAtMs: undefined };
      if (target.askedAtMs !== undefined && nowMs - target.askedAtMs < AGAIN_AFTER_MS) return;
      if (!targets.has(url)) {
        if (targets.size >= MAX_ADDRESSES) return;
        targets.set(url, target);
      }
      target.askedAtMs = nowMs;
      waiting.push(target);
      start();
    },
    of(managerAddress, protocol) {
      const url = managerUrl(managerAddress, protocol);
      return url === undefined ? undefined : targets.get(url)?.result;
    },
    async close() {
      stop.abort();
      await Promise.all(running);
    },
  };
}

/** Where a balancer is asked for; undefined when its address is none that can be called. */
export function managerUrl(managerAddress: string | undefined, protocol: string | undefined): string | undefined {
  const address = managerAddress === undefined ? 'missing' : parseAddress(managerAddress);
  if (typeof address === 'string' || address.host === '' || address.port === 0) return undefined;
  const host = address.host.replace(/%.*$/, '');
  const url = `${protocol === 'https' ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  return URL.canParse(url) ? url : undefined;
}

/** Never rejects. */
async function askInfo(url: string, signal: AbortSignal): Promise<ProbeResult> {
  // Whether somebody is there is the question, not who: any certificate does.
  const client = createMcmpClient(url, {
    timeoutMs: TIMEOUT_MS,
    maxAnswerBytes: MAX_ANSWER_BYTES,
    tls: { insecure: true },
  });
  const startedMs = performance.now();
  const result = (reachable: boolean, words: string): ProbeResult => ({
    url,
    reachable,
    tookMs: Math.round(performance.now() - startedMs),
    words,
  });
  try {
    const { decoded, mess, status } = await client.send('INFO', [], { accept: 'text/plain', signal });
    return decoded.form === 'refusal'
      ? result(false, `INFO was refused: ${mess || status}`)
      : result(true, 'INFO answered');
  } catch (error) {
    if (error instanceof McmpError && error.code === 'MCMP_ANSWER_TOO_LONG')
      return result(true, 'INFO answered, at length');
    return result(false, error instanceof Error ? error.message : String(error));
  } finally {
    await client.close();
  }
}
