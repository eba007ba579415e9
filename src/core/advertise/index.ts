/**
 * The advertise protocol (reference §7): the datagram written and read, its digest, what a Java node makes of it, and a lint
 * with stable ids. Pure: the sockets are in `src/advertise`.
 */
export { type Advertisement, type AdvertisementReading, printAdvertisement, readAdvertisement } from './datagram.ts';
export { printAdvertiseDate, readAdvertiseDate } from './date.ts';
export { advertiseDigest } from './digest.ts';
export {
  createDiscovery,
  DEFAULT_DISCOVERY,
  type DiscoveredBalancer,
  type Discovery,
  type DiscoveryRules,
  type DiscoveryStep,
} from './discovery.ts';
export { type AdvertiseGroup, DEFAULT_GROUP, formatGroup, parseGroup } from './group.ts';
export { createJavaListener, type JavaListener, type JavaVerdict } from './java-listener.ts';
export {
  ADVERTISE_LINTS,
  type AdvertiseFinding,
  type AdvertiseLintId,
  type DigestVerdict,
  judgeDigest,
  type LintContext,
  lintAdvertisement,
  type ServerHistory,
  type Severity,
  sequenceOf,
} from './lint.ts';
export { type AdvertiseManners, advertiseManners, OUR_MANNERS } from './manners.ts';
