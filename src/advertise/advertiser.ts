import { randomUUID } from 'node:crypto';
import { printAdvertisement } from '../core/advertise/datagram.ts';
import { printAdvertiseDate } from '../core/advertise/date.ts';
import type { AdvertiseGroup } from '../core/advertise/group.ts';
import { McmpError } from '../core/errors.ts';
import { sendFailure } from './failures.ts';
import type { NetworkInterface } from './interfaces.ts';
import { openSender } from './sender.ts';

export interface AdvertiserOptions {
  readonly group: AdvertiseGroup;
  readonly interface: NetworkInterface | undefined;
  readonly ttl: number;
  readonly frequencyMs: number;
  readonly key?: string;
  /** Where nodes shall register; its path becomes X-Manager-Url. */
  readonly manager: URL;
  /** A network that is away for a while must not end a balancer: said once until it works again. */
  readonly onFailure: (failure: McmpError) => void;
  readonly onRecovery: () => void;
}

export interface Advertiser {
  /** Id that nodes know the balancer by. */
  readonly server: () => string;
  readonly sent: () => number;
  /** Advertises another address, under a new id: Java nodes keep the first address of an id for ever (reference §7.5). */
  setManager(manager: URL): void;
  /** Says goodbye: 403, then 410, as httpd does (reference §7.4). */
  close(): Promise<void>;
}

/**
 * Advertises a balancer: at once, then every `frequencyMs`.
 * @throws McmpError `MCMP_MULTICAST_SEND` when the first datagram cannot be sent
 */
export async function startAdvertiser(options: AdvertiserOptions): Promise<Advertiser> {
  const { key } = options;
  let manager = options.manager;
  let server = randomUUID();
  let sequence = 0n;
  let sent = 0;
  let failing = false;
  const sender = await openSender(options);

  const send = async (status: number, reason: string): Promise<void> => {
    sequence += 1n;
    const port = manager.port === '' ? (manager.protocol === 'https:' ? '443' : '80') : manager.port;
    const bytes = printAdvertisement(
      {
        status,
        reason,
        date: printAdvertiseDate(Date.now()),
        sequence: String(sequence),
        server,
        ...(status === 200
          ? {
              managerAddress: `${manager.hostname}:${port}`,
              managerUrl: manager.pathname,
              managerProtocol: manager.protocol.slice(0, -1),
              managerHost: manager.hostname,
            }
          : {}),
      },
      key === undefined ? {} : { key },
    );
    await sender.send(bytes);
    sent += 1;
  };
  const sendOrTell = async (status: number, reason: string): Promise<void> => {
    try {
      await send(status, reason);
      if (failing) options.onRecovery();
      failing = false;
    } catch (error) {
      if (!failing) options.onFailure(error instanceof McmpError ? error : sendFailure(options.group, '', error));
      failing = true;
    }
  };

  try {
    await send(200, 'OK');
  } catch (error) {
    await sender.close();
    throw error;
  }
  let last = Promise.resolve();
  const timer = setInterval(() => {
    last = last.then(() => sendOrTell(200, 'OK'));
  }, options.frequencyMs);

  return {
    server: () => server,
    sent: () => sent,
    setManager(next) {
      if (next.href === manager.href) return;
      manager = next;
      server = randomUUID();
      sequence = 0n;
      last = last.then(() => sendOrTell(200, 'OK'));
    },
    async close() {
      clearInterval(timer);
      await last;
      await sendOrTell(403, 'Forbidden');
      await sendOrTell(410, 'Gone');
      await sender.close();
    },
  };
}
