import type { RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { openConnector } from '../../../src/node/connector/connector.ts';
import type { Application, Connector, ConnectorOptions } from '../../../src/node/connector/types.ts';
import { freeAfter } from '../../support/cleanup.ts';

/** Answers with its route and the target; a path with `wait` only when the test releases it. */
export interface TestApplication extends Application {
  /** Answers the requests that wait. */
  release(): void;
}

export function testApplication(route: string): TestApplication {
  const waiting: (() => void)[] = [];
  const request: RequestListener = (incoming, response) => {
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    incoming.on('end', () => {
      const body = `${route} ${incoming.method} ${incoming.url} ${bytes}`;
      const answer = (): void => {
        response.setHeader('Content-Length', String(body.length));
        response.end(body);
      };
      if (incoming.url?.startsWith('/wait') === true) waiting.push(answer);
      else answer();
    });
  };
  const upgrade = (_request: unknown, socket: Duplex, head: Buffer): void => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.write(head);
    socket.pipe(socket);
  };
  return {
    request,
    upgrade,
    release: () => {
      for (const answer of waiting.splice(0)) answer();
    },
  };
}

export interface Served {
  readonly connector: Connector;
  readonly port: number;
  release(): void;
}

/** A connector on a free port of 127.0.0.1 with an application that says who it is. */
export async function serve(options: Partial<ConnectorOptions> = {}): Promise<Served> {
  const route = options.route ?? 'n1';
  const application = testApplication(route);
  const connector = await openConnector({ route, host: '127.0.0.1', port: 0, application, ...options });
  freeAfter(() => connector.kill());
  return { connector, port: connector.port, release: application.release };
}

export function get(path: string, ...headers: readonly string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');
}
