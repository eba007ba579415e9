import { Client } from 'undici';
import type { McmpClientTls, SurveyReading } from '../../client/index.ts';
import { createConnector } from '../../client/sockets.ts';
import { textOf } from '../../core/mcmp/bytes.ts';
import type { Scope } from '../types.ts';
import { shown } from '../words.ts';

/** Remembers who enabled what is drained, where the balancer tells its events: `mcmp serve` does. */
export interface Witness {
  /** In words: `ENABLE-APP from 10.0.0.7`; undefined where it was not told. */
  whoEnabled(target: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/** A change shows in the tables a moment before it is told. */
const PATIENCE_MS = 500;
/** No event that counts is nearly as long; a snapshot is not asked for. */
const MOST_CHARACTERS = 1024 * 1024;

/** Listens to the events of all balancers that have them. Who cannot be listened to has nothing to say, and no more. */
export function openWitness(reading: SurveyReading, scope: Scope, tls: McmpClientTls = {}): Witness {
  const clients: Client[] = [];
  const told = new Map<string, { words: string | undefined; readonly onTold: Set<() => void> }>();
  for (const one of reading.targets) {
    if (one.outcome !== 'read' || one.good.state.facts === undefined) continue;
    const base = new URL(one.target);
    const client = new Client(base.origin, { connect: createConnector(base, tls).connect, bodyTimeout: 0 });
    clients.push(client);
    const place = { words: undefined, onTold: new Set<() => void>() };
    told.set(one.target, place);
    void listen(client, (event) => {
      const words = wordsOf(event, scope);
      if (words === undefined) return;
      told.set(one.target, { ...place, words });
      for (const tell of place.onTold) tell();
    });
  }
  return {
    async whoEnabled(target) {
      const place = told.get(target);
      if (place !== undefined && place.words === undefined) await oneOf(place.onTold);
      return told.get(target)?.words;
    },
    async close() {
      await Promise.all(clients.map((client) => client.destroy()));
    },
  };
}

function oneOf(listeners: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      listeners.delete(finish);
      resolve();
    };
    const timer = setTimeout(finish, PATIENCE_MS);
    listeners.add(finish);
  });
}

/** Reads server-sent events (WHATWG HTML, section 9.2) until the stream ends, for whatever reason. */
async function listen(client: Client, onEvent: (event: unknown) => void): Promise<void> {
  let unread = '';
  try {
    const path = '/api/v1/events?from=now&types=context-changed,context-added';
    const { statusCode, body } = await client.request({ method: 'GET', path, headersTimeout: 10_000 });
    if (statusCode !== 200) {
      await body.dump();
      return;
    }
    body.setEncoding('utf8');
    for await (const chunk of body) {
      unread += String(chunk);
      const lines = unread.split('\n');
      unread = lines.pop() ?? '';
      if (unread.length > MOST_CHARACTERS) return;
      for (const line of lines) if (line.startsWith('data: ')) onEvent(parsed(line.slice('data: '.length)));
    }
  } catch (error) {
    // A balancer that goes away is noticed by who reads its tables; here only a name is missing then.
    if (!(error instanceof Error)) throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Who did it, when the event says that something of the scope was enabled. */
function wordsOf(event: unknown, scope: Scope): string | undefined {
  if (scope.kind !== 'node' && scope.kind !== 'context') return undefined;
  const origin = memberOf(event, 'by');
  const [by, peer, command] = [memberOf(origin, 'by'), memberOf(origin, 'peer'), memberOf(event, 'command')];
  const [node, context] = ['node', 'context'].map((name) => memberOf(event, name));
  if (memberOf(context, 'status') !== 'ENABLED' || memberOf(node, 'route') !== textOf(scope.route)) return undefined;
  if (scope.kind === 'context' && memberOf(context, 'path') !== textOf(scope.path)) return undefined;
  if (typeof by !== 'string' || typeof command !== 'string') return undefined;
  const from = typeof peer === 'string' ? ` from ${shown(peer)}` : '';
  return `${shown(command)}${from}${by === 'mcmp' ? '' : ` (${shown(by)})`}`;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
