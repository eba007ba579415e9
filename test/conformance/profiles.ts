import type { BalancerAdvertising } from '../../src/advertise/balancer.ts';
import type { BalancerOptions } from '../../src/balancer/index.ts';
import type { BalancerCase } from '../../src/conformance/balancer/trial.ts';
import type { JudgedDialect } from '../../src/conformance/dialects.ts';
import type { Need } from '../../src/conformance/needs.ts';
import { advertiseManners, formatGroup } from '../../src/core/advertise/index.ts';
import { freshGroup } from '../advertise/group.ts';
import { testCertificates } from '../support/certificates.ts';
import { listenTls, mcmpTls } from '../support/listen-tls.ts';

/** A way to configure a balancer, and the cases that are judged there. */
export interface Profile {
  readonly name: string;
  readonly options: Partial<BalancerOptions>;
  /** What `--with` would say of it. */
  readonly features: readonly (readonly [Need, string])[];
  readonly cases: (one: BalancerCase) => boolean;
  /** Web traffic and MCMP come to one port. */
  readonly oneAddress?: true;
  /** How it advertises itself; left out: not at all. */
  readonly advertising?: (dialect: JudgedDialect) => BalancerAdvertising;
}

const needs =
  (need: Need) =>
  (one: BalancerCase): boolean =>
    one.needs.includes(need);

/** Others who run the same tests on this machine have another one. */
const GROUP = freshGroup();
const GROUP_ON_LOOPBACK = `${formatGroup(GROUP)}@127.0.0.1`;
const FREQUENCY_MS = 500;

const advertising =
  (key?: string) =>
  (dialect: JudgedDialect): BalancerAdvertising => ({
    url: undefined,
    group: GROUP,
    interface: '127.0.0.1',
    frequencyMs: FREQUENCY_MS,
    ttl: advertiseManners(dialect).ttl,
    key,
    manners: advertiseManners(dialect),
  });

const AJP_SECRET = 's3cret';

const MANAGER_PATH = '/mod_cluster-manager';

/** All ways in which our own balancer is judged. Together they leave no case out (a test says so). */
export const PROFILES: readonly Profile[] = [
  {
    name: 'as it comes',
    options: { managerPath: MANAGER_PATH },
    features: [
      ['manager', MANAGER_PATH],
      ['manager-read-only', ''],
      ['websocket', ''],
      // Of httpd: how we carry requests in every dialect.
      ['preserve-host', ''],
      ['nocanon', ''],
    ],
    cases: () => true,
  },
  { name: 'with aliases', options: { useAlias: true }, features: [['use-alias', '']], cases: needs('use-alias') },
  {
    name: 'with small tables',
    options: { limits: { maxNodes: 4, maxContexts: 8, maxHosts: 8 }, waitBeforeRemoveMs: 100 },
    features: [
      ['small-tables', '4'],
      ['patience', ''],
    ],
    cases: needs('small-tables'),
  },
  {
    name: 'with short messages',
    options: { maxMessageBytes: 2048 },
    features: [['message-limit', '2048']],
    cases: needs('message-limit'),
  },
  {
    name: 'with nodes that speak AJP',
    options: { ajpSecret: AJP_SECRET },
    features: [
      ['ajp', ''],
      ['ajp-secret', AJP_SECRET],
    ],
    cases: needs('ajp'),
  },
  {
    name: 'that speaks nothing but TLS',
    options: {
      listenTls: listenTls(testCertificates().server),
      mcmpTls: mcmpTls(testCertificates().server),
      ajpSecret: AJP_SECRET,
    },
    features: [
      ['ajp', ''],
      ['ajp-secret', AJP_SECRET],
      ['websocket', ''],
      ['preserve-host', ''],
    ],
    cases: ({ id, tags }) => tags.includes('ajp') || id.startsWith('proxy/'),
  },
  {
    name: 'with one address for everything',
    options: {},
    features: [],
    cases: (one) => one.tags.includes('security'),
    oneAddress: true,
  },
  {
    name: 'that one address may not manage',
    options: { mcmpAllow: ['127.0.0.1'] },
    features: [['foreign-address', '127.0.0.2']],
    cases: needs('foreign-address'),
  },
  {
    name: 'with a manager page that carries commands out by GET',
    options: { managerPath: MANAGER_PATH, legacyManagerGet: true },
    features: [
      ['manager', MANAGER_PATH],
      ['manager-commands', ''],
    ],
    cases: needs('manager-commands'),
  },
  {
    name: 'that advertises itself',
    options: {},
    features: [
      ['advertise', GROUP_ON_LOOPBACK],
      ['advertise-frequency', `${FREQUENCY_MS}ms`],
      ['patience', ''],
    ],
    cases: needs('advertise'),
    advertising: advertising(),
  },
  {
    name: 'that advertises itself with a key',
    options: {},
    features: [
      ['advertise', GROUP_ON_LOOPBACK],
      ['advertise-key', 'k\u00e4se'],
    ],
    cases: needs('advertise-key'),
    advertising: advertising('k\u00e4se'),
  },
  {
    name: 'that does not advertise itself',
    options: {},
    features: [['no-advertise', GROUP_ON_LOOPBACK]],
    cases: needs('no-advertise'),
  },
  {
    name: 'with quick health checks',
    options: {
      pingIntervalMs: 200,
      recalcIntervalMs: 500,
      brokenNodeTimeoutMs: 1500,
      waitBeforeRemoveMs: 500,
      headerTimeoutMs: 1000,
    },
    features: [
      ['quick-health', ''],
      ['patience', ''],
    ],
    cases: (one) => one.needs.includes('quick-health') || one.needs.includes('patience'),
  },
];
