import { StringDecoder } from 'node:string_decoder';
import { Client } from 'undici';
import type { SurveyReading } from '../client/index.ts';
import { createConnector, type McmpClientTls } from '../client/sockets.ts';
import { bytesOf } from '../core/mcmp/bytes.ts';
import { shown } from './width.ts';

/** Who did something to a node or a context, as `mcmp serve` tells at `/api/v1/events`; no other brand does. */
export interface Doing {
  readonly key: string;
  readonly whoShown: string;
}

/** What is done to what, as a key. @param path empty for the node as a whole */
export function doingKey(target: string, route: string, path: string): string {
  return `${target}\n${route}\n${path}`;
}

const TYPES = 'context-added,context-changed,context-removed,node-added,node-state,node-removed';
/** One event is far smaller; a balancer that sends more without an end is none. */
const MOST_HELD = 1024 * 1024;
const AGAIN_MS = 5_000;

/** Listens to the events of those balancers that have them. */
export interface WhoFeed {
  /** The balancers as they are now; those that tell are listened to, others let go. */
  follow(reading: SurveyReading): void;
  close(): Promise<void>;
}

/** @param onDoing called before the next reading can show the change, most of the time */
export function createWhoFeed(tls: McmpClientTls, onDoing: (doing: Doing) => void): WhoFeed {
  const open = new Map<string, { readonly client: Client; readonly ending: AbortController }>();
  const notBefore = new Map<string, number>();

  const listen = async (target: string, client: Client, signal: AbortSignal): Promise<void> => {
    const { body, statusCode } = await client.request({
      method: 'GET',
      path: `${new URL(target).pathname.replace(/\/+$/, '')}/api/v1/events?from=now&types=${TYPES}`,
      headers: { accept: 'text/event-stream' },
      headersTimeout: AGAIN_MS,
      bodyTimeout: 0,
      signal,
    });
    if (statusCode !== 200) {
      // It is an older one, or guarded: asked again only when the program is started again.
      notBefore.set(target, Number.POSITIVE_INFINITY);
      await body.dump();
      return;
    }
    const decoder = new StringDecoder('utf8');
    let held = '';
    for await (const chunk of body) {
      held += decoder.write(chunk);
      const events = held.split('\n\n');
      held = events.pop() ?? '';
      if (held.length > MOST_HELD) return;
      for (const event of events) {
        const doing = doingOf(target, event);
        if (doing !== undefined) onDoing(doing);
      }
    }
  };

  return {
    follow({ targets }) {
      const telling = new Set(
        targets.flatMap((one) => (one.outcome === 'read' && one.good.state.brand === 'mcmp' ? [one.target] : [])),
      );
      for (const [target, { ending }] of open) if (!telling.has(target)) ending.abort();
      for (const target of telling) {
        if (open.has(target) || Date.now() < (notBefore.get(target) ?? 0)) continue;
        const url = new URL(target);
        const client = new Client(url.origin, { connect: createConnector(url, tls).connect });
        const ending = new AbortController();
        open.set(target, { client, ending });
        notBefore.set(target, Date.now() + AGAIN_MS);
        // That nothing is told is no failure: the reading says what changed, only not who did it.
        const over = (): void => {
          open.delete(target);
          client.destroy().catch(() => undefined);
        };
        listen(target, client, ending.signal).then(over, over);
      }
    },
    async close() {
      for (const { ending } of open.values()) ending.abort();
      await Promise.all([...open.values()].map(({ client }) => client.destroy()));
    },
  };
}

/** Reads one event of the stream; nothing in it is taken on trust. */
function doingOf(target: string, event: string): Doing | undefined {
  const line = event.split('\n').find((one) => one.startsWith('data: '));
  if (line === undefined) return undefined;
  let data: unknown;
  try {
    data = JSON.parse(line.slice('data: '.length));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const by = memberOf(data, 'by');
  const route = memberOf(memberOf(data, 'node'), 'route');
  const path = memberOf(memberOf(data, 'context'), 'path');
  const kind = memberOf(by, 'by');
  const peer = memberOf(by, 'peer');
  if (typeof route !== 'string' || typeof kind !== 'string') return undefined;
  return {
    key: doingKey(target, bytesOf(route), typeof path === 'string' ? bytesOf(path) : ''),
    whoShown: shown(typeof peer === 'string' ? `${kind} ${peer}` : kind),
  };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (Object.getOwnPropertyDescriptor(value, name)?.value as unknown)
    : undefined;
}
