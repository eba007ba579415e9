import { createServer } from 'node:http';
import {
  type ApplicationOptions,
  createApplication,
  type TestApplication,
} from '../../../src/node/application/application.ts';
import { freeAfter } from '../../support/cleanup.ts';

export interface ServedApplication {
  readonly port: number;
  readonly application: TestApplication;
  /** WebSocket and other connections that are open now. */
  connections(): Promise<number>;
}

/** Puts an application behind a plain server of Node for as long as the running test takes. */
export async function serveApplication(options: Partial<ApplicationOptions> = {}): Promise<ServedApplication> {
  const application = createApplication({ route: 'n1', contexts: ['/shop', '/shop/admin', '/api'], ...options });
  const server = createServer(application.request);
  server.on('upgrade', application.upgrade);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  freeAfter(() => {
    application.close();
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the test server has no TCP port');
  return {
    port: address.port,
    application,
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
      }),
  };
}

/** What the application says of a request. */
export interface Said {
  readonly route: string;
  readonly node: string;
  readonly context: string;
  readonly session: string | null;
  readonly sessionIs: string;
  readonly counter: number;
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly httpVersion: string;
  readonly remote: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: { readonly bytes: number; readonly sha256: string };
  readonly error?: string;
}
