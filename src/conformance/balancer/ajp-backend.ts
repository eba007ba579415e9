import type { Socket } from 'node:net';
import {
  type AjpForwardRequest,
  AjpRequestReader,
  CPONG,
  END_RESPONSE_REUSE,
  MOST_PACKET_BYTES,
  writeSendHeaders,
} from '../../core/ajp/index.ts';
import { type BackendOptions, SERVED_BY } from './backend.ts';

/**
 * An AJP server of ours: answers CPING, writes requests down, and answers each with 200. It asks for no body.
 * @param requests where they are written, `OPTIONS *` left out
 * @param problems where it is written what was against AJP/1.3
 */
export function ajpBackend(requests: AjpForwardRequest[], problems: string[], route: () => string): BackendOptions {
  return {
    raw(socket) {
      // Whoever configured the balancer chose the size of its packets; all are taken.
      const reader = new AjpRequestReader({ packetBytes: MOST_PACKET_BYTES });
      const handler = {
        onForwardRequest(request: AjpForwardRequest) {
          if (request.uri !== '*') requests.push(request);
          answer(socket, route());
        },
        onCping: () => socket.write(CPONG),
        onShutdown: () => socket.destroy(),
        // Bodies are nobody's matter here.
        onBody: () => undefined,
        onBodyPacketEnd: () => undefined,
        onBodyEnd: () => undefined,
      };
      socket.on('data', (chunk: Buffer) => {
        reader.read(chunk, 0, chunk.length, handler);
        if (reader.violation === null) return;
        problems.push(`${reader.violation.message} (${reader.violation.code})`);
        socket.destroy();
      });
    },
  };
}

/** 200 without a body, and leave to use the connection again. */
function answer(socket: Socket, route: string): void {
  const headers = [
    [SERVED_BY, route],
    ['Content-Length', '0'],
  ] as const;
  const head = writeSendHeaders(200, 'OK', headers, MOST_PACKET_BYTES);
  if (head !== null) socket.write(Buffer.concat([head, END_RESPONSE_REUSE]));
}
