import { randomUUID } from 'node:crypto';
import {
  type AdvertiseGroup,
  formatGroup,
  printAdvertiseDate,
  printAdvertisement,
  readAdvertisement,
} from '../../core/advertise/index.ts';
import type { NetworkInterface } from '../interfaces.ts';
import { openSender } from '../sender.ts';

/** Whether a datagram of our own came back to us. */
export interface SelfTestResult {
  readonly group: string;
  /** Empty: the one that the system chose. */
  readonly interface: string;
  readonly heard: boolean;
  /** Why it could not be sent; undefined when it was. */
  readonly failure: string | undefined;
}

export interface SelfTest {
  /**
   * Sends one datagram to each group through each interface, and waits for them to come back. Never rejects.
   * @param joined the groups that are listened to, with the interface of each
   */
  run(joined: readonly Joined[]): Promise<readonly SelfTestResult[]>;
  /** Whether a datagram is of such a test, ours or another's, and so nobody's advertisement. */
  claims(bytes: Buffer): boolean;
}

interface Joined {
  readonly group: AdvertiseGroup;
  /** Undefined: the system chooses. */
  readonly interface: NetworkInterface | undefined;
}

const WAIT_MS = 1000;
/** Another `advertise listen` on this machine knows our tests by it. */
const PREFIX = 'mcmp-self-test-';
/** The kernel gives a copy to listeners on this machine, and sends nothing out (Linux: TTL 0). */
const TTL = 0;

/**
 * A datagram that harms nobody: 410 and no address, under an id that is used for nothing else, with a good digest, so that
 * no node joins by it and no Java listener ends by it. With TTL 0 it does not leave this machine.
 */
export function selfTestDatagram(server: string, nowMs: number, key?: string): Buffer {
  return printAdvertisement(
    { status: 410, reason: 'Gone', date: printAdvertiseDate(nowMs), sequence: '1', server },
    key === undefined ? {} : { key },
  );
}

export function createSelfTest(key: string | undefined): SelfTest {
  const waiting = new Map<string, () => void>();
  const run = randomUUID();

  const one = async ({ group, interface: via }: Joined, index: number): Promise<SelfTestResult> => {
    const server = `${PREFIX}${run}-${index}`;
    const result = { group: formatGroup(group), interface: via?.name ?? '' };
    let timer: NodeJS.Timeout | undefined;
    const back = new Promise<boolean>((resolve) => {
      waiting.set(server, () => resolve(true));
      timer = setTimeout(() => resolve(false), WAIT_MS);
    });
    try {
      const sender = await openSender({ group, interface: via, ttl: TTL });
      try {
        await sender.send(selfTestDatagram(server, Date.now(), key));
        return { ...result, heard: await back, failure: undefined };
      } finally {
        await sender.close();
      }
    } catch (error) {
      return { ...result, heard: false, failure: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
      waiting.delete(server);
    }
  };

  return {
    run: (joined) => Promise.all(joined.map(one)),
    claims(bytes) {
      // All others pay for this search, so it comes before the reading.
      if (bytes.indexOf(PREFIX, 0, 'latin1') < 0) return false;
      const { server, status, date, sequence, digest, managerAddress } = readAdvertisement(bytes);
      // Whatever else bears the name is judged like any other datagram.
      const isHarmless = date !== undefined && sequence !== undefined && digest !== undefined;
      if (server?.startsWith(PREFIX) !== true || status !== 410 || managerAddress !== undefined || !isHarmless) {
        return false;
      }
      waiting.get(server)?.();
      return true;
    },
  };
}
