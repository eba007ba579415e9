import { UsageError } from '../../core/errors.ts';
import { systemClock } from '../clock.ts';
import { connectorTypeOf } from './connector-types.ts';
import { moveIn, openPort, type Port } from './port.ts';
import { createResident } from './resident.ts';
import type { Connector, ConnectorOptions } from './types.ts';

/** Behind which port a connector is, for those who want to share it. */
const ports = new WeakMap<Connector, Port>();

/**
 * Listens for the requests of balancers and hands them to the application. `OPTIONS *` is answered here with 200 and not
 * counted: balancers ping HTTP nodes that way (reference §5.2).
 * @throws McmpError `MCMP_LISTEN`
 * @throws UsageError for a type that cannot be served
 */
export async function openConnector(options: ConnectorOptions): Promise<Connector> {
  connectorTypeOf(options);
  const clock = options.clock ?? systemClock;
  const resident = createResident(options);
  const port = options.shareWith === undefined ? await openPort(resident) : portOfConnector(options.shareWith);
  if (options.shareWith !== undefined) moveIn(port, resident);

  /** @returns whether it was the last */
  const moveOut = (): boolean => {
    const at = port.residents.indexOf(resident);
    if (at !== -1 && port.residents.length > 1) port.residents.splice(at, 1);
    return port.residents.every((one) => one === resident);
  };

  const connector: Connector = {
    port: port.number,
    requestCount: () => resident.requests,
    inFlight: () => resident.inFlight,
    async close(timeoutMs) {
      resident.leaving = true;
      const isLast = moveOut();
      if (isLast) {
        port.shut();
        port.finish();
      }
      const done = isLast ? port.empty() : new Promise<void>((resolve) => whenIdle(resident, resolve));
      const finished = new AbortController();
      const cutOff = clock.sleep(timeoutMs, finished.signal).then(() => {
        if (!finished.signal.aborted) port.cutOff('close', isLast ? undefined : resident);
      });
      await done;
      finished.abort();
      await cutOff;
    },
    async kill() {
      resident.leaving = true;
      const isLast = moveOut();
      if (isLast) port.shut();
      port.cutOff('reset', isLast ? undefined : resident);
      if (isLast) await port.empty();
    },
  };
  ports.set(connector, port);
  return connector;
}

function whenIdle(resident: { inFlight: number; onOver: () => void }, resolve: () => void): void {
  resident.onOver = () => {
    if (resident.inFlight === 0) resolve();
  };
  resident.onOver();
}

function portOfConnector(connector: Connector): Port {
  const port = ports.get(connector);
  if (port === undefined) throw new UsageError('only a connector of this process can be shared');
  return port;
}
