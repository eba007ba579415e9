import { transportFailure } from '../../client/failures.ts';
import type { McmpClientTls } from '../../client/index.ts';
import { openSocket } from '../../client/sockets.ts';
import { McmpError } from '../../core/errors.ts';

const WHERE = 'Is this where the balancer takes web traffic (--traffic), and is the scheme of the URL the right one?';

/**
 * Opens a connection to the address of the web traffic, its TLS handshake included, and sends nothing: what is wrong with the
 * address is said once, and not by every case that needs it.
 *
 * @param timeoutMs for both
 * @throws McmpError `MCMP_NO_TRAFFIC` when it cannot be connected to, or its certificate is not accepted
 */
export async function checkTraffic(
  url: URL,
  { tls, timeoutMs }: { readonly tls: McmpClientTls; readonly timeoutMs: number },
): Promise<void> {
  const failure = await new Promise<Error | null>((resolve) => {
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    const socket = openSocket(url, tls, (error, opened) => {
      clearTimeout(timer);
      // It is not needed any more, however it ends.
      opened.on('error', () => opened.destroy());
      opened.destroy();
      resolve(error);
    });
  });
  if (failure === null) return;
  const { kind, message, hint } = transportFailure(failure, url.origin, 'a connection');
  const isAddress = kind === 'unreachable' || hint === undefined;
  throw new McmpError(kind, 'MCMP_NO_TRAFFIC', `web traffic: ${message}`, {
    hint: isAddress ? WHERE : hint,
    cause: failure,
  });
}
