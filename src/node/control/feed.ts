import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { type NodeDocument, nodeDocument, SCHEMA_VERSION } from '../simulator/documents.ts';
import type { Fleet, SimulatedNode } from '../simulator/types.ts';
import type { ControlEvent, FaultDocument } from './documents.ts';
import { faultDocuments } from './fault-documents.ts';
import { Refusal } from './refusal.ts';

const MAX_READERS = 16;
/** Large fleets are looked at less often, so that watching them costs about the same. */
const LOOK_EVERY_MS = 250;
const LOOK_MS_PER_NODE = 0.2;
/** A comment now and then, so that nobody on the way takes the stream for dead. */
const SIGN_OF_LIFE_MS = 15_000;
/** What a reader may have before it, beyond what sockets hold. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** Who reads nothing for so long is cut off. */
const MAX_BEHIND_MS = 30_000;

interface Reader {
  readonly response: ServerResponse;
  /** Since when it has too much before it; what happens meanwhile is not queued but told as a whole afterwards. */
  behindSinceMs: number | undefined;
  missed: boolean;
}

/** The changes of a fleet, for any number of readers up to a limit. Without readers it does nothing. */
export interface Feed {
  /** Makes a stream of events of a response. @throws Refusal 503 when there are too many */
  attach(response: ServerResponse): void;
  /** Looks at these nodes, and at the faults, at once instead of at the next turn. */
  look(routes?: readonly string[]): void;
  close(): void;
}

export function createFeed(fleet: Fleet, clock: Clock): Feed {
  const readers = new Set<Reader>();
  const toldNodes = new Map<string, string>();
  let toldFaults = '';
  const unseen = new Set<string>();
  let lookScheduled = false;
  let turns: AbortController | undefined;
  const stopListening = fleet.faults.onChange(() => feed.look());

  const write = (reader: Reader, text: string): void => {
    const { response } = reader;
    if (response.write(text) || response.writableLength <= MAX_UNREAD_BYTES) return;
    reader.behindSinceMs = clock.nowMs();
    response.once('drain', () => {
      reader.behindSinceMs = undefined;
      if (!reader.missed) return;
      reader.missed = false;
      write(reader, eventText(snapshot()));
    });
  };
  const tell = (event: ControlEvent): void => {
    const text = eventText(event);
    for (const reader of readers) {
      if (reader.behindSinceMs === undefined) write(reader, text);
      else reader.missed = true;
    }
  };
  const snapshot = (): ControlEvent => ({
    schemaVersion: SCHEMA_VERSION,
    kind: 'snapshot',
    nodes: [...fleet.nodes.values()].map(nodeDocument),
    faults: faultDocuments(fleet.faults),
  });

  /** Tells what is not as it was told last. */
  const lookNow = (nodes: Iterable<SimulatedNode>): void => {
    for (const node of nodes) {
      const document = nodeDocument(node);
      const worthTelling = nodeText(document);
      if (toldNodes.get(node.route) === worthTelling) continue;
      toldNodes.set(node.route, worthTelling);
      tell({ schemaVersion: SCHEMA_VERSION, kind: 'node', node: document });
    }
    const faults = faultDocuments(fleet.faults);
    const worthTelling = faultsText(faults);
    if (toldFaults !== worthTelling) {
      toldFaults = worthTelling;
      tell({ schemaVersion: SCHEMA_VERSION, kind: 'faults', faults });
    }
  };

  const takeTurns = async (signal: AbortSignal): Promise<void> => {
    let quietMs = 0;
    while (!signal.aborted) {
      const pauseMs = Math.max(LOOK_EVERY_MS, fleet.nodes.size * LOOK_MS_PER_NODE);
      await clock.sleep(pauseMs, signal);
      if (signal.aborted) return;
      lookNow(fleet.nodes.values());
      quietMs += pauseMs;
      for (const reader of readers) {
        if (reader.behindSinceMs === undefined) {
          if (quietMs >= SIGN_OF_LIFE_MS) write(reader, ':\n\n');
        } else if (clock.nowMs() - reader.behindSinceMs > MAX_BEHIND_MS) {
          // Nothing may be written to it from now on, and its `close` comes later.
          readers.delete(reader);
          reader.response.destroy();
        }
      }
      if (quietMs >= SIGN_OF_LIFE_MS) quietMs = 0;
    }
  };

  const feed: Feed = {
    attach(response) {
      if (readers.size >= MAX_READERS) {
        throw new Refusal(503, 'MCMP_TOO_MANY_READERS', `${MAX_READERS} readers of events are connected already`, {
          hint: 'End one of them, such as a forgotten mcmp node-sim ctl watch.',
          headers: { 'Retry-After': '5' },
        });
      }
      if (response.destroyed) return;
      // What has changed since the last look is news to those who were here before, and part of the snapshot to this one.
      lookNow(fleet.nodes.values());
      const reader: Reader = { response, behindSinceMs: undefined, missed: false };
      readers.add(reader);
      response.once('close', () => {
        readers.delete(reader);
        if (readers.size > 0) return;
        turns?.abort();
        turns = undefined;
      });
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      write(reader, eventText(snapshot()));
      if (turns !== undefined) return;
      turns = new AbortController();
      void takeTurns(turns.signal);
    },
    look(routes = []) {
      if (readers.size === 0) return;
      for (const route of routes) unseen.add(route);
      if (lookScheduled) return;
      lookScheduled = true;
      setImmediate(() => {
        const nodes = [...unseen].flatMap((route) => fleet.nodes.get(route) ?? []);
        unseen.clear();
        lookScheduled = false;
        if (readers.size > 0) lookNow(nodes);
      });
    },
    close() {
      stopListening();
      turns?.abort();
      for (const { response } of readers) response.end();
    },
  };
  return feed;
}

/** One event as the stream carries it (WHATWG HTML, section 9.2): JSON has no line break of its own. */
function eventText(event: ControlEvent): string {
  return `event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** What of a node makes an event: not the counters of its traffic, which would never stop. */
function nodeText({ route, port, condition, contexts, balancers }: NodeDocument): string {
  const deployed = contexts.map(({ path, state, references }) => [path, state, references]);
  return JSON.stringify([route, port, condition, deployed, balancers]);
}

function faultsText(faults: readonly FaultDocument[]): string {
  return JSON.stringify(faults.map(({ id, text }) => [id, text]));
}
