/**
 * Discovery by multicast (reference §7): how a node finds its balancers, how a balancer is found, and what is sent and heard
 * for it. The datagrams themselves are in `core/advertise`; `advertise listen` is in `listen/`, and each command's options
 * in a file of their own, which costs nothing until it runs.
 */

export { type AdvertisedBalancer, startAdvertisedBalancer } from './advertised-balancer.ts';
export { type BalancerDiscovery, type DiscoverHooks, type DiscoverOptions, discoverBalancers } from './discover.ts';
export { type AdvertiseListener, type HeardDatagram, type ListenerOptions, listenToGroups } from './listener.ts';
export { type AdvertiseSender, openSender, type SenderOptions } from './sender.ts';
