import { type Advertisement, printAdvertiseDate, printAdvertisement } from '../core/advertise/index.ts';

interface AdvertiseFaultRow {
  /** What the datagram is, in lower case and without a full stop. */
  readonly describe: string;
  /** What real nodes do about it, from what was measured with them. */
  readonly effect: string;
  /** It ends discovery in every real node that hears it. */
  readonly kills: boolean;
  readonly make: (advertisement: Advertisement, key: string | undefined) => Buffer;
}

const print = (advertisement: Advertisement, key: string | undefined): Buffer =>
  printAdvertisement(advertisement, key === undefined ? {} : { key });
const without =
  (line: string) =>
  (advertisement: Advertisement, key: string | undefined): Buffer =>
    edited(advertisement, key, new RegExp(`^${line}: .*\r\n`, 'm'), '');

function edited(advertisement: Advertisement, key: string | undefined, pattern: RegExp, replacement: string): Buffer {
  return Buffer.from(print(advertisement, key).toString('latin1').replace(pattern, replacement), 'latin1');
}

const REPLAYED_SEQUENCE = '7';
const OLD_DATE_MS = Date.UTC(2001, 0, 1);
/** The name, and 12 of its 32 digits. */
const DIGEST_LEFT_BYTES = 20;
const IGNORED = 'nodes ignore it';
const KILLS = 'ends discovery in every Tomcat and WildFly that hears it, until they restart';

/** Datagrams that no balancer should send, by the name under which `--fault` asks for them. */
export const ADVERTISE_FAULTS = {
  'wrong-key': {
    describe: 'signed with another key',
    effect: IGNORED,
    kills: false,
    make: (advertisement, key) => print(advertisement, `not ${key ?? 'this'}`),
  },
  truncated: {
    describe: 'cut in the middle of the Digest',
    effect: 'nodes ignore it: there is no Server line',
    kills: false,
    make: (advertisement, key) => {
      const whole = print(advertisement, key);
      return whole.subarray(0, whole.indexOf('Digest: ') + DIGEST_LEFT_BYTES);
    },
  },
  'old-date': {
    describe: 'dated 2001',
    effect: 'Java nodes join all the same; node-sim --require-key refuses it',
    kills: false,
    make: (advertisement, key) => print({ ...advertisement, date: printAdvertiseDate(OLD_DATE_MS) }, key),
  },
  replay: {
    describe: 'the same sequence number each time',
    effect: 'Java nodes do not notice; node-sim --require-key refuses it',
    kills: false,
    make: (advertisement, key) => print({ ...advertisement, sequence: REPLAYED_SEQUENCE }, key),
  },
  wildcard: {
    describe: 'with 0.0.0.0 for an address',
    effect: 'nodes try to register with themselves',
    kills: false,
    make: (advertisement, key) =>
      print(
        {
          ...advertisement,
          managerAddress: `0.0.0.0:${/\d+$/.exec(advertisement.managerAddress ?? '')?.[0] ?? '8090'}`,
        },
        key,
      ),
  },
  'lf-lines': {
    describe: 'with lines that end with LF alone',
    effect: IGNORED,
    kills: false,
    make: (advertisement, key) => edited(advertisement, key, /\r\n/g, '\n'),
  },
  'no-address': {
    describe: 'without X-Manager-Address',
    effect: 'Java nodes remember the Server id and ignore its later address',
    kills: false,
    make: without('X-Manager-Address'),
  },
  'no-digest': { describe: 'without Digest', effect: KILLS, kills: true, make: without('Digest') },
  'no-date': { describe: 'without Date', effect: KILLS, kills: true, make: without('Date') },
  'no-sequence': { describe: 'without Sequence', effect: KILLS, kills: true, make: without('Sequence') },
  'bad-status': {
    describe: 'with a status that is no number',
    effect: KILLS,
    kills: true,
    make: (advertisement, key) => edited(advertisement, key, /^HTTP\/1\.0 \d+/, 'HTTP/1.0 abc'),
  },
  'bad-port': {
    describe: 'with a port that is no number',
    effect: KILLS,
    kills: true,
    make: (advertisement, key) =>
      print({ ...advertisement, managerAddress: (advertisement.managerAddress ?? '').replace(/\d+$/, 'port') }, key),
  },
} as const satisfies Record<string, AdvertiseFaultRow>;

export type AdvertiseFaultName = keyof typeof ADVERTISE_FAULTS;

export function advertiseFault(name: AdvertiseFaultName): AdvertiseFaultRow {
  return ADVERTISE_FAULTS[name];
}
