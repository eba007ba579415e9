import { createMcmpConnection } from '../../client/connection.ts';
import type { McmpClientTls } from '../../client/sockets.ts';
import type { McmpWire } from '../wire/types.ts';

/** Speaks to the balancer at `url` over one kept connection. */
export function openWire(url: URL, options: { readonly timeoutMs: number; readonly tls: McmpClientTls }): McmpWire {
  const connection = createMcmpConnection(url, { ...options, userAgent: 'mcmp-node' });
  return {
    address: connection.address,
    localAddress: () => undefined,
    exchange: ({ method, target, pairs }, signal) =>
      connection.exchange(method, pairs, { wildcard: target === '/*', signal }),
    disconnect: () => {},
    close: () => connection.close(),
  };
}
