/**
 * Discovery by multicast (reference §7): what is sent, what is heard, and how a node joins by it. The datagrams themselves
 * are in `core/advertise`.
 */

export { type AdvertisedBalancer, startAdvertisedBalancer } from './advertised-balancer.ts';
export { type Advertiser, type AdvertiserOptions, startAdvertiser } from './advertiser.ts';
export { type Advertising, advertiseBalancer, type BalancerAdvertising } from './balancer.ts';
export { type BalancerDiscovery, type DiscoverHooks, type DiscoverOptions, discoverBalancers } from './discover.ts';
export { findInterface, listInterfaces, type NetworkInterface } from './interfaces.ts';
export {
  type AdvertiseListener,
  type HeardDatagram,
  type ListenerCounts,
  type ListenerOptions,
  listenToGroups,
} from './listener.ts';
export { type AdvertiseSender, openSender, type SenderOptions } from './sender.ts';
export { type AdvertiseTracker, createAdvertiseTracker, type HeardBalancer, type Judgement } from './tracker.ts';
