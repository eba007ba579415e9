import { findInterface } from '../../src/advertise/interfaces.ts';
import { type ListenerOptions, listenToGroups } from '../../src/advertise/listener.ts';
import { type AdvertiseGroup, type AdvertisementReading, readAdvertisement } from '../../src/core/advertise/index.ts';
import { freeAfter } from '../support/cleanup.ts';

export const loopback = findInterface('127.0.0.1', 'IPv4');

/** A group of its own for each test: what another test, or another program, sends is not heard. */
export function freshGroup(): AdvertiseGroup {
  const byte = (): number => 1 + Math.floor(Math.random() * 250);
  return {
    host: `239.${byte()}.${byte()}.${byte()}`,
    port: 20_000 + Math.floor(Math.random() * 10_000),
    family: 'IPv4',
  };
}

/** All that is heard of a group on loopback until the test ends. */
export async function hear(
  group: AdvertiseGroup,
  options: Partial<ListenerOptions> = {},
): Promise<readonly AdvertisementReading[]> {
  const heard: AdvertisementReading[] = [];
  const listener = await listenToGroups({
    groups: [group],
    interfaces: [loopback],
    onDatagram: ({ bytes }) => heard.push(readAdvertisement(bytes)),
    onFailure: (failure) => {
      throw failure;
    },
    ...options,
  });
  freeAfter(() => listener.close());
  return heard;
}
