import { randomUUID } from 'node:crypto';
import { type Advertisement, printAdvertisement } from '../core/advertise/datagram.ts';
import { printAdvertiseDate } from '../core/advertise/date.ts';
import type { AdvertiseGroup } from '../core/advertise/group.ts';
import { type AdvertiseManners, OUR_MANNERS } from '../core/advertise/manners.ts';
import { McmpError } from '../core/errors.ts';
import { sendFailure } from './failures.ts';
import type { NetworkInterface } from './interfaces.ts';
import { type AdvertiseSender, openSender } from './sender.ts';

export interface AdvertiserOptions {
  readonly group: AdvertiseGroup;
  readonly interface: NetworkInterface | undefined;
  readonly ttl: number;
  readonly frequencyMs: number;
  readonly key?: string;
  /** Default: ours. */
  readonly manners?: AdvertiseManners;
  /** Where nodes shall register; its path becomes X-Manager-Url. */
  readonly manager: URL;
  /** A network that is away for a while must not end a balancer: said once until it works again. */
  readonly onFailure: (failure: McmpError) => void;
  readonly onRecovery: () => void;
}

/**
 * Speaks of one balancer at one address. Another address needs another advertiser, which has an id of its own: Java nodes
 * keep the first address of an id for ever (reference §7.5).
 */
export interface Advertiser {
  /** Id that nodes know the balancer by. */
  readonly server: string;
  /** Says goodbye: 403, then 410, as httpd does (reference §7.4), if that is among its manners. */
  close(): Promise<void>;
  /** Ends without a word. */
  closeNow(): void;
}

/**
 * Advertises a balancer: at once, then every `frequencyMs`.
 * @throws McmpError `MCMP_MULTICAST_SEND` when the first datagram cannot be sent
 */
export async function startAdvertiser(options: AdvertiserOptions): Promise<Advertiser> {
  const { group, key, manners = OUR_MANNERS } = options;
  const server = randomUUID();
  const managerLines = linesOf(
    options.manager,
    manners.managerUrl === 'path' ? options.manager.pathname : `/${server}`,
  );
  let sequence = BigInt(manners.firstSequence);
  let failing = false;
  /** Undefined after a failure: an interface that went and came back is another one to a socket. */
  let sender: AdvertiseSender | undefined = await openSender(options);

  const send = async (status: number, reason: string): Promise<void> => {
    const bytes = printAdvertisement(
      {
        status,
        reason,
        date: printAdvertiseDate(Date.now(), manners.date),
        sequence: String(sequence),
        server,
        ...(status === 200 ? managerLines : {}),
      },
      { emptyLine: manners.emptyLine, ...(key === undefined ? {} : { key }) },
    );
    sequence += 1n;
    sender ??= await openSender(options);
    try {
      await sender.send(bytes);
    } catch (error) {
      await sender.close();
      sender = undefined;
      throw error;
    }
  };
  const sendOrTell = async (status: number, reason: string): Promise<void> => {
    try {
      await send(status, reason);
      if (failing) options.onRecovery();
      failing = false;
    } catch (error) {
      if (!failing) options.onFailure(error instanceof McmpError ? error : sendFailure(group, '', error));
      failing = true;
    }
  };

  await send(200, 'OK');
  let underWay: Promise<void> | undefined;
  const timer = setInterval(() => {
    underWay ??= sendOrTell(200, 'OK').finally(() => {
      underWay = undefined;
    });
  }, options.frequencyMs);

  return {
    server,
    async close() {
      clearInterval(timer);
      await underWay;
      if (manners.goodbye) {
        await sendOrTell(403, 'Forbidden');
        await sendOrTell(410, 'Gone');
      }
      await sender?.close();
      sender = undefined;
    },
    closeNow() {
      clearInterval(timer);
      void sender?.close();
      sender = undefined;
    },
  };
}

function linesOf({ hostname, port, protocol }: URL, managerUrl: string): Partial<Advertisement> {
  const secure = protocol === 'https:';
  return {
    managerAddress: `${hostname}:${port === '' ? (secure ? '443' : '80') : port}`,
    managerUrl,
    managerProtocol: secure ? 'https' : 'http',
    managerHost: hostname,
  };
}
