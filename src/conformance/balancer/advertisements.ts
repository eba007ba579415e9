import { lookup } from 'node:dns/promises';
import { findInterface, listInterfaces, type NetworkInterface } from '../../advertise/interfaces.ts';
import { listenToGroups } from '../../advertise/listener.ts';
import { addressOfUrl, isLoopbackHost, parseAddress, withoutBrackets } from '../../core/address.ts';
import {
  type AdvertiseGroup,
  type AdvertisementReading,
  parseGroup,
  readAdvertisement,
} from '../../core/advertise/index.ts';
import { nowMs } from '../engine/clock.ts';
import { NotHere } from '../verdict.ts';

/** A datagram that came from the group. */
export interface HeardAdvertisement {
  readonly reading: AdvertisementReading;
  /** Monotonic, in ms. */
  readonly atMs: number;
}

/** What is heard of a group while a case runs. */
export interface Advertisements {
  readonly group: AdvertiseGroup;
  /** Where it is listened to. */
  readonly interfaces: readonly NetworkInterface[];
  /** Everything that came so far, whoever sent it. */
  readonly all: readonly HeardAdvertisement[];
  /** What the balancer that is judged sent: all of each server id that has named its address. */
  own(): readonly HeardAdvertisement[];
  /** What came, in words. */
  words(): string;
}

/**
 * Listens to a group as nodes do, until the case ends.
 * @param text `GROUP:PORT`, or `GROUP:PORT@INTERFACE`; without an interface, on all of them
 * @param mcmpUrl address by which the balancer's own advertisements are told from those of others
 * @param after takes what has to be done at the end
 * @throws NotHere when the group or the interface cannot be listened to
 */
export async function listenToAdvertisements(
  text: string,
  mcmpUrl: URL,
  after: (undo: () => Promise<void>) => void,
): Promise<Advertisements> {
  const [groupText = '', interfaceText] = text.split('@', 2);
  const group = parseGroup(groupText);
  if (typeof group === 'string') throw new NotHere(`cannot listen to ${text}: ${group}`);
  const hosts = await addressesOf(mcmpUrl);
  const balancer = parseAddress(addressOfUrl(mcmpUrl));
  const port = typeof balancer === 'string' ? 0 : balancer.port;
  const all: HeardAdvertisement[] = [];
  let interfaces: readonly NetworkInterface[] = listInterfaces().filter(({ family }) => family === group.family);
  try {
    if (interfaceText !== undefined) interfaces = [findInterface(interfaceText, group.family)];
    const listener = await listenToGroups({
      groups: [group],
      interfaces,
      onDatagram: ({ bytes }) => all.push({ reading: readAdvertisement(bytes), atMs: nowMs() }),
      // An interface that cannot be listened to is no matter while another one can.
      onFailure: () => undefined,
    });
    after(() => listener.close());
  } catch (error) {
    throw new NotHere(`cannot listen to ${text}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const isOurs = ({ reading }: HeardAdvertisement): boolean => {
    const address = parseAddress(reading.managerAddress ?? '');
    if (typeof address === 'string' || address.port !== port) return false;
    return hosts.has(withoutBrackets(address.host).toLowerCase());
  };
  return {
    group,
    interfaces,
    all,
    own() {
      const servers = new Set(all.filter(isOurs).map(({ reading }) => reading.server));
      return all.filter(({ reading }) => reading.server !== undefined && servers.has(reading.server));
    },
    words() {
      const first = all.at(-1)?.reading.text;
      return first === undefined ? 'nothing was heard' : `heard ${all.length}, the last one ${JSON.stringify(first)}`;
    },
  };
}

/** Under which names and addresses the balancer may call itself. */
async function addressesOf({ hostname }: URL): Promise<ReadonlySet<string>> {
  const host = withoutBrackets(hostname).toLowerCase();
  const found = await lookup(host, { all: true }).catch((error: Error) => {
    throw new NotHere(`cannot tell whose advertisements are those of ${host}: ${error.message}`);
  });
  const loopback = isLoopbackHost(host) ? ['localhost', '127.0.0.1', '::1'] : [];
  return new Set([host, ...found.map(({ address }) => address), ...loopback]);
}
