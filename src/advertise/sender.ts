import { DgramAsPromised } from 'dgram-as-promised';
import type { AdvertiseGroup } from '../core/advertise/group.ts';
import { sendFailure } from './failures.ts';
import { type NetworkInterface, socketInterface } from './interfaces.ts';

export interface SenderOptions {
  readonly group: AdvertiseGroup;
  /** Undefined: where the system sends multicast, by its routes. */
  readonly interface: NetworkInterface | undefined;
  /** How many routers a datagram may pass; 0 stays on this machine, 1 in this network. */
  readonly ttl: number;
}

export interface AdvertiseSender {
  /** @throws McmpError `MCMP_MULTICAST_SEND` */
  send(bytes: Buffer, ttl?: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * A socket that sends to a group. Nodes on this machine hear it too: IP_MULTICAST_LOOP stays on.
 * @throws McmpError `MCMP_MULTICAST_SEND` when the socket cannot be had
 */
export async function openSender({ group, interface: via, ttl }: SenderOptions): Promise<AdvertiseSender> {
  const opened = DgramAsPromised.createSocket({ type: group.family === 'IPv6' ? 'udp6' : 'udp4', reuseAddr: true });
  const name = via?.name ?? '';
  try {
    // Any free port: the group's own would take datagrams away from a listener on this machine.
    await opened.bind({ port: 0 });
    if (via !== undefined) opened.socket.setMulticastInterface(socketInterface(via));
    opened.socket.setMulticastTTL(ttl);
    opened.socket.setMulticastLoopback(true);
  } catch (error) {
    await opened.close();
    throw sendFailure(group, name, error);
  }
  // What goes wrong while sending comes back from `send`; an error nobody listens to would end the process.
  opened.socket.on('error', () => undefined);
  let currentTtl = ttl;
  return {
    async send(bytes, thisTtl = ttl) {
      try {
        if (thisTtl !== currentTtl) opened.socket.setMulticastTTL(thisTtl);
        currentTtl = thisTtl;
        await opened.send(bytes, group.port, group.host);
      } catch (error) {
        throw sendFailure(group, name, error);
      }
    },
    async close() {
      await opened.close();
    },
  };
}
