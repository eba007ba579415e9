import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import { isInContext } from '../in-context.ts';
import type { ConnectorAddress } from './types.ts';

/** A connector as the registrars of a node see it. */
export interface ConnectorSource {
  /** Undefined while it does not listen and never did. */
  address(): { readonly host: string; readonly port: number; readonly type: string } | undefined;
  /** Whether requests can come in; else the load is -1 (reference NODE-52). */
  isOpen(): boolean;
  /** Requests being answered now, in one context or in all; undefined: not known. */
  inFlight(path?: string): number | undefined;
  close(): void;
}

export interface ConnectorListener {
  /** It listens, perhaps elsewhere than before. */
  readonly opened: () => void;
  /** A request to that path is over. */
  readonly requestEnded: (path: string) => void;
}

/** Follows a server of the application, or takes an address as it is. */
export function connectorSource(
  connector: HttpServer | ConnectorAddress,
  listener: ConnectorListener,
): ConnectorSource {
  return 'listen' in connector ? followServer(connector, listener) : fixedAddress(connector, listener);
}

function fixedAddress(connector: ConnectorAddress, listener: ConnectorListener): ConnectorSource {
  const { host, port, type = 'http' } = connector;
  const stop = connector.onRequestEnded?.(listener.requestEnded);
  return {
    address: () => ({ host, port, type }),
    isOpen: () => connector.isOpen?.() ?? true,
    inFlight: (path) => connector.inFlight?.(path),
    close: () => stop?.(),
  };
}

function followServer(server: HttpServer, listener: ConnectorListener): ConnectorSource {
  const type = server instanceof HttpsServer ? 'https' : 'http';
  const running = new Map<ServerResponse, string>();
  let last: { host: string; port: number; type: string } | undefined;
  const look = (): void => {
    const address = server.address();
    if (address !== null && typeof address === 'object') last = { host: address.address, port: address.port, type };
  };
  const listening = (): void => {
    look();
    listener.opened();
  };
  const request = (message: IncomingMessage, response: ServerResponse): void => {
    // Pings of balancers (reference §5.2); they must not keep a context from being empty.
    if (message.method === 'OPTIONS' && message.url === '*') return;
    const path = pathOf(message.url ?? '/');
    running.set(response, path);
    response.once('close', () => {
      running.delete(response);
      listener.requestEnded(path);
    });
  };
  look();
  server.on('listening', listening);
  // Before the application's own listener, which may answer at once.
  server.prependListener('request', request);
  return {
    address: () => last,
    isOpen: () => server.listening,
    inFlight: (context) => {
      if (context === undefined || context === '/') return running.size;
      let count = 0;
      for (const path of running.values()) if (isInContext(path, context)) count += 1;
      return count;
    },
    close: () => {
      server.off('listening', listening);
      server.off('request', request);
    },
  };
}

function pathOf(target: string): string {
  const path = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)/i.exec(target)?.[1] ?? '';
  return path === '' ? '/' : path.replace(/;[^/]*/g, '');
}
