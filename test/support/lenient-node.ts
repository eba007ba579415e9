import type { Socket } from 'node:net';
import { startRawNode } from './node-server.ts';

/** Which of the two framings a lenient reader believes when a request has both, or something like it. */
export type Preference = 'length' | 'chunks';

export interface LenientNode {
  readonly port: number;
  /** Every request line the node believes it saw, in order, pings aside. */
  readonly requestLines: readonly string[];
  /** Everything that arrived on all connections, pings aside. */
  received(): string;
}

/**
 * The sloppiest node there is, for whom smuggling is meant: lines end at LF, names are trimmed, numbers are read as far as
 * they go, unknown things are skipped, and it answers whatever it takes for a request.
 */
export async function startLenientNode(
  preference: Preference,
  answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
): Promise<LenientNode> {
  const requestLines: string[] = [];
  let received = '';
  const { port } = await startRawNode((socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!text.startsWith('OPTIONS * ')) received += chunk.toString('latin1');
      text = readRequests(text, preference, (line) => respond(socket, line));
    });
    socket.on('end', () => socket.end());
  });
  const respond = (socket: Socket, line: string): void => {
    if (line.startsWith('OPTIONS * ')) {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    requestLines.push(line);
    socket.write(answer);
  };
  return { port, requestLines, received: () => received };
}

/** Calls back for each request that is complete in the sloppy reader's eyes; returns what is left. */
function readRequests(text: string, preference: Preference, onRequest: (line: string) => void): string {
  let rest = text;
  for (;;) {
    rest = rest.replace(/^[\r\n\0]+/, '');
    const end = /\r?\n[ \t]*\r?\n/.exec(rest);
    if (end === null) return rest;
    const head = rest.slice(0, end.index);
    const bodyEnd = endOfBody(head, rest, end.index + end[0].length, preference);
    if (bodyEnd === -1) return rest;
    onRequest(head.split(/[\r\n]/, 1)[0] ?? '');
    rest = rest.slice(bodyEnd);
  }
}

/** Offset behind the body, or -1 when it is not all there. */
function endOfBody(head: string, text: string, bodyStart: number, preference: Preference): number {
  const length = /^content-length[\s\0]*:[\s\0]*[+-]?(\d+)/im.exec(head.replaceAll('\r', '\n'))?.[1];
  const chunked = /^transfer-encoding[\s\S]{0,3}:[^\n]*chunked/im.test(head.replaceAll('\r', '\n'));
  if (chunked && (preference === 'chunks' || length === undefined)) return endOfChunks(text, bodyStart);
  const bodyEnd = bodyStart + Number(length ?? 0);
  return text.length < bodyEnd ? -1 : bodyEnd;
}

function endOfChunks(text: string, start: number): number {
  let at = start;
  for (;;) {
    const lineEnd = text.indexOf('\n', at);
    if (lineEnd === -1) return -1;
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    at = lineEnd + 1;
    if (!(size > 0)) break;
    at += size;
    if (text.length < at) return -1;
    while (text[at] === '\r' || text[at] === '\n') at++;
  }
  const trailerEnd = /^(?:[^\r\n]+\r?\n)*\r?\n/.exec(text.slice(at));
  return trailerEnd === null ? -1 : at + trailerEnd[0].length;
}
