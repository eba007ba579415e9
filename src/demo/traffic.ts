import { setMaxListeners } from 'node:events';
import { Pool } from 'undici';
import { systemClock } from '../node/index.ts';

export interface TrafficOptions {
  /** Where the web traffic goes: `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly contexts: readonly string[];
  readonly visitors?: number;
  /** Between an answer and the next request of a visitor, on average. */
  readonly pauseMs?: number;
}

export interface TrafficCounts {
  readonly requests: number;
  readonly failed: number;
  /** Sessions that another node took over. */
  readonly moved: number;
  /** Answers by the route of the node that gave them. */
  readonly byRoute: ReadonlyMap<string, number>;
  /** What the last failure was; empty when there was none. */
  readonly lastFailure: string;
}

export interface Traffic {
  counts(): TrafficCounts;
  stop(): Promise<void>;
}

const DEFAULT_VISITORS = 12;
const DEFAULT_PAUSE_MS = 180;
const REQUEST_TIMEOUT_MS = 20_000;
/** So that sessions end and new ones are spread by load, as in real life. */
const REQUESTS_PER_SESSION = 60;

/** What a node of the demo says about itself. */
interface NodeAnswer {
  readonly route: string;
  readonly session: string;
}

/** Gentle visitors: half of them keep the session cookie, the others never do. */
export function startTraffic(options: TrafficOptions): Traffic {
  const { contexts, visitors = DEFAULT_VISITORS, pauseMs = DEFAULT_PAUSE_MS } = options;
  const pool = new Pool(options.url, { connections: visitors, pipelining: 1, headersTimeout: REQUEST_TIMEOUT_MS });
  const byRoute = new Map<string, number>();
  const stopping = new AbortController();
  // Every visitor waits on it.
  setMaxListeners(visitors + 1, stopping.signal);
  let requests = 0;
  let failed = 0;
  let moved = 0;
  let lastFailure = '';

  const visit = async (path: string, session: string): Promise<string> => {
    const response = await pool.request({
      method: 'GET',
      path,
      headers: session === '' ? {} : { cookie: `JSESSIONID=${session}` },
    });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${text.trim().slice(0, 60)}`);
    const answer = readAnswer(text);
    byRoute.set(answer.route, (byRoute.get(answer.route) ?? 0) + 1);
    if (session !== '' && !session.endsWith(`.${answer.route}`)) moved += 1;
    return answer.session;
  };

  const live = async (visitor: number): Promise<void> => {
    const keepsSession = visitor % 2 === 0;
    const context = contexts[visitor % contexts.length] ?? '/';
    let session = '';
    for (let count = 1; !stopping.signal.aborted; count += 1) {
      // A little work on the node, so that there is always something in flight when one of them goes.
      const path = `${context}?sleep=${5 + Math.floor(Math.random() * 30)}`;
      try {
        const kept = await visit(path, session);
        session = keepsSession && count % REQUESTS_PER_SESSION !== 0 ? kept : '';
      } catch (error) {
        if (stopping.signal.aborted) return;
        failed += 1;
        lastFailure = error instanceof Error ? error.message : String(error);
      }
      requests += 1;
      await systemClock.sleep(pauseMs * (0.5 + Math.random()), stopping.signal);
    }
  };
  const visits = Promise.all(Array.from({ length: visitors }, (_, visitor) => live(visitor)));

  return {
    counts: () => ({ requests, failed, moved, byRoute, lastFailure }),
    async stop() {
      stopping.abort();
      // Requests under way are answered before the nodes go.
      await visits;
      await pool.close();
    },
  };
}

function readAnswer(text: string): NodeAnswer {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && 'route' in value && 'session' in value) {
    const { route, session } = value;
    if (typeof route === 'string' && typeof session === 'string') return { route, session };
  }
  throw new Error(`an answer that no node of the demo gives: ${text.slice(0, 60)}`);
}
