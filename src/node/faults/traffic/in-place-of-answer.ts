import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AjpWire } from '../../connector/ajp/ajp-wire.ts';
import { reset } from '../../connector/endings.ts';
import type { FaultName } from '../table.ts';
import { AJP_DEEDS } from './ajp-deeds.ts';
import { FILL, GARBAGE } from './fault-words.ts';
import { type Scene, waitWhileOn } from './scene.ts';

/** A request that gets something else than an answer. */
interface Victim {
  readonly scene: Scene;
  readonly socket: Socket;
  readonly stream: Duplex;
  readonly request: IncomingMessage;
  /** Undefined for a WebSocket handshake. */
  readonly response: ServerResponse | undefined;
  readonly amount: number | undefined;
  /** Undefined when it came by HTTP. */
  readonly ajp: AjpWire | undefined;
}

const HEADER_LINE_BYTES = 1024;
const HEADER_LINES_AT_ONCE = 16;
const BETWEEN_HEADER_LINES_MS = 10;

/** What a node does in place of an answer, in the order in which it is tried. */
const DEEDS = {
  reset: ({ socket }) => reset(socket),

  'half-close': ({ request, stream }) => {
    request.resume();
    stream.end();
  },

  garbage: (victim) => sayAndClose(victim, GARBAGE),

  'wrong-length': (victim) => sayAndClose(victim, `${head(200)}Content-Length: 1000\r\n\r\n${FILL}`),

  'truncated-chunk': (victim) => sayAndClose(victim, `${head(200)}Transfer-Encoding: chunked\r\n\r\n3e8\r\n${FILL}`),

  'endless-header': (victim) => void sayHeadersForEver(victim),

  error: (victim) => {
    const { request, response, amount = 500 } = victim;
    const body = `fault: error ${amount}\n`;
    if (response === undefined) {
      sayAndClose(victim, `${head(amount)}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      return;
    }
    request.resume();
    response.writeHead(amount, { 'Content-Type': 'text/plain', 'Content-Length': String(body.length) }).end(body);
  },
} as const satisfies Partial<Record<FaultName, (victim: Victim) => void>>;

/** @returns whether a fault has taken the place of the answer */
export function strikeInPlaceOfAnswer(victim: Omit<Victim, 'amount'>): boolean {
  const { board, route } = victim.scene;
  const { ajp } = victim;
  for (const name of ajp === undefined ? HTTP_ORDER : AJP_ORDER) {
    const strike = board.strike(name, route());
    if (strike === undefined) continue;
    if (ajp !== undefined && name in AJP_DEEDS) {
      const { say, after } = AJP_DEEDS[name as keyof typeof AJP_DEEDS];
      ajp.sayInstead(say(ajp.packetBytes), after);
    } else {
      DEEDS[name as keyof typeof DEEDS]({ ...victim, amount: strike.amount });
    }
    return true;
  }
  return false;
}

const HTTP_ORDER = Object.keys(DEEDS) as (keyof typeof DEEDS)[];
/** What is not about the bytes of HTTP is the same by AJP. */
const AJP_ORDER = ['reset', ...(Object.keys(AJP_DEEDS) as (keyof typeof AJP_DEEDS)[]), 'error'] as const;

function head(status: number): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Fault'}\r\nContent-Type: text/plain\r\n`;
}

/** Closes when the request is read: unread bytes would turn the close into a reset, which may overtake what was said. */
function sayAndClose({ request, stream }: Victim, text: string): void {
  stream.end(text, 'latin1', () => {
    if (request.complete) stream.destroy();
    else request.once('end', () => stream.destroy());
  });
  request.resume();
}

/** The peer ends it, or the switching off; so fast that limits are met soon, so slow that the rest of the process lives. */
async function sayHeadersForEver({ scene, stream, request }: Victim): Promise<void> {
  request.resume();
  const say = (text: string): Promise<void> =>
    new Promise((resolve) => {
      stream.write(text, 'latin1', () => resolve());
    });
  let line = 0;
  await say(head(200));
  while (!scene.over.aborted && scene.board.isOn('endless-header', scene.route())) {
    const lines = Array.from({ length: HEADER_LINES_AT_ONCE }, () => {
      const name = `X-Endless-${++line}: `;
      return `${name}${'x'.repeat(HEADER_LINE_BYTES - name.length - 2)}\r\n`;
    });
    await say(lines.join(''));
    await waitWhileOn(scene, 'endless-header', BETWEEN_HEADER_LINES_MS);
  }
  stream.destroy();
}
