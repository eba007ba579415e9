import type { Socket } from 'node:net';
import { startRawNode } from './node-server.ts';

export interface ScriptedNode {
  readonly port: number;
  /** Whole requests as they arrived, pings aside. */
  readonly requests: readonly string[];
  /** Connections that carried at least one request, pings aside. */
  connections(): number;
}

/**
 * A node that answers each request (without a body) with whatever bytes it is told, right or wrong, and pings properly.
 *
 * @param act called with the request text and its number on this connection, from 0
 */
export async function startScriptedNode(
  act: (socket: Socket, request: string, number: number) => void,
): Promise<ScriptedNode> {
  const requests: string[] = [];
  let connections = 0;
  const { port } = await startRawNode((socket) => {
    let text = '';
    let number = 0;
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end + 4);
        text = text.slice(end + 4);
        if (request.startsWith('OPTIONS * ')) {
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
          return;
        }
        if (number === 0) connections++;
        requests.push(request);
        act(socket, request, number++);
      }
    });
    socket.on('end', () => socket.end());
  });
  return { port, requests, connections: () => connections };
}
