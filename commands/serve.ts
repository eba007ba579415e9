import { advertisingOf, isAdvertiseForgotten, SERVE_ADVERTISE_OPTIONS } from '../src/advertise/serve-options.ts';
import { type BalancerOptions, DEFAULT_OPTIONS } from '../src/balancer/options.ts';
import type { CertificateWarning } from '../src/cli/certificate-files.ts';
import { type ArgsOf, defineCommand } from '../src/cli/command.ts';
import { ENCRYPTION_OPTIONS, readEncryption } from '../src/cli/encryption-options.ts';
import { announceReady, runUntilStopped } from '../src/cli/lifetime.ts';
import { managementPeers } from '../src/cli/management-access.ts';
import { readAjpSecret } from '../src/cli/secret-file.ts';
import { readToken } from '../src/cli/token-file.ts';
import { readUpstreamTls, UPSTREAM_TLS_OPTIONS } from '../src/cli/upstream-tls-options.ts';
import { DEFAULT_PACKET_BYTES, MOST_PACKET_BYTES } from '../src/core/ajp/index.ts';
import { bytesOf } from '../src/core/mcmp/bytes.ts';
import { DIALECTS } from '../src/core/mcmp/dialect.ts';

const ADDRESSES = 'Addresses:';
const CLUSTER = 'Cluster:';
const LIMITS = 'Limits and time-outs:';
const REQUESTS = 'Requests:';
const SEEN = 'Being seen:';

/** Their defaults are those of `DEFAULT_OPTIONS`, as a user would write them. */
export const options = {
  listen: {
    kind: 'address',
    repeatable: true,
    default: ':8000',
    group: ADDRESSES,
    describe: 'web traffic; may be repeated',
  },
  mcmp: {
    kind: 'address',
    repeatable: true,
    default: '127.0.0.1:8090',
    group: ADDRESSES,
    describe: 'MCMP and management; may be one of the --listen addresses',
  },
  'mcmp-allow': {
    kind: 'list',
    placeholder: 'CIDR,..',
    group: ADDRESSES,
    describe: 'peers that may speak MCMP, or any; without it those on this machine',
  },
  'mcmp-host': {
    kind: 'list',
    placeholder: 'NAME,..',
    group: ADDRESSES,
    describe: 'names the management address may be called by, besides localhost and addresses',
  },

  h2c: {
    kind: 'boolean',
    group: ADDRESSES,
    describe: 'let clients begin with HTTP/2 at addresses that are not encrypted',
  },

  dialect: {
    kind: 'choice',
    choices: [...DIALECTS.keys()],
    default: 'mcmp',
    group: CLUSTER,
    describe: 'whose rules and spellings to follow',
  },
  balancer: {
    kind: 'string',
    default: 'mycluster',
    placeholder: 'NAME',
    group: CLUSTER,
    describe: 'balancer of nodes that name none',
  },
  'use-alias': { kind: 'boolean', group: CLUSTER, describe: 'match the Host header against the aliases' },
  'wait-before-remove': {
    kind: 'duration',
    default: '10s',
    group: CLUSTER,
    zero: true,
    describe: 'how long a removed node is still known',
  },
  'broken-node-timeout': {
    kind: 'duration',
    default: '60s',
    none: true,
    group: CLUSTER,
    describe: 'how long a broken node is kept',
  },
  'ping-interval': { kind: 'duration', default: '10s', group: CLUSTER, describe: 'time between two health checks' },
  'recalc-interval': {
    kind: 'duration',
    default: '5s',
    group: CLUSTER,
    describe: 'how often the numbers of the election are aged',
  },

  'session-cookie': {
    kind: 'string',
    default: '',
    placeholder: 'NAME',
    group: REQUESTS,
    form: { pattern: /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*$/, words: 'the name of a cookie, such as JSESSIONID' },
    describe: 'session cookie of nodes that announce none',
  },
  'forwarded-headers': {
    kind: 'choice',
    choices: ['x-forwarded', 'forwarded', 'both', 'none'],
    default: 'x-forwarded',
    group: REQUESTS,
    describe: 'what tells the node about the client',
  },
  via: {
    kind: 'string',
    default: 'mcmp',
    placeholder: 'NAME',
    group: REQUESTS,
    // RFC 9110 §7.6.3: a pseudonym, or host and port.
    form: { pattern: /^[!#$%&'*+\-.^_`|~0-9A-Za-z:[\]]+$/, words: 'a name without spaces, or none' },
    describe: 'name in the Via header, or none',
  },
  'proxy-protocol': {
    kind: 'list',
    placeholder: 'CIDR,..',
    group: REQUESTS,
    describe: 'proxies in front that begin each connection for web traffic with a header of the PROXY protocol',
  },
  'trust-proxy': {
    kind: 'list',
    placeholder: 'CIDR,..',
    group: REQUESTS,
    describe: 'proxies in front, whose Forwarded headers are kept',
  },

  'ajp-secret-file': {
    kind: 'string',
    placeholder: 'FILE',
    group: REQUESTS,
    describe: 'secret that is said to nodes of type ajp, in its first line',
  },
  'ajp-packet-size': {
    kind: 'number',
    integer: true,
    min: DEFAULT_PACKET_BYTES,
    max: MOST_PACKET_BYTES,
    default: DEFAULT_PACKET_BYTES,
    group: REQUESTS,
    describe:
      'the most bytes of a packet of AJP, as packetSize of the connectors; the head of a request has to fit into one',
  },

  'manager-path': {
    kind: 'string',
    default: '/mod_cluster-manager',
    placeholder: 'PATH',
    group: SEEN,
    form: { pattern: /^\/[A-Za-z0-9._~/-]+$/, words: 'a path such as /manager' },
    describe: 'where the manager page is',
  },
  'legacy-manager-get': {
    kind: 'boolean',
    group: SEEN,
    describe: 'let GET with the nonce of the page change something, for old tools',
  },
  'token-file': {
    kind: 'string',
    placeholder: 'FILE',
    group: SEEN,
    describe: 'bearer token of those who may change something from other machines',
  },
  'access-log': {
    kind: 'string',
    placeholder: 'FILE',
    group: SEEN,
    describe: 'one line for each request, to a file or - for stdout',
  },
  'access-log-format': {
    kind: 'choice',
    choices: ['json', 'combined'],
    default: 'json',
    group: SEEN,
    describe: 'how its lines look',
  },
  'ready-when': {
    kind: 'choice',
    choices: ['context', 'always'],
    default: 'context',
    group: SEEN,
    describe: 'what /readyz waits for: a context to serve, or nothing',
  },
  'metrics-nodes': {
    kind: 'number',
    integer: true,
    min: 0,
    default: 1000,
    group: SEEN,
    describe: 'nodes with metrics of their own; the rest are counted together',
  },
  'metrics-contexts': {
    kind: 'number',
    integer: true,
    min: 0,
    default: 1000,
    group: SEEN,
    describe: 'contexts with metrics of their own',
  },

  ...ENCRYPTION_OPTIONS,
  ...UPSTREAM_TLS_OPTIONS,

  ...SERVE_ADVERTISE_OPTIONS,

  'max-nodes': { kind: 'number', integer: true, min: 1, default: 100_000, group: LIMITS, describe: 'nodes' },
  'max-contexts': { kind: 'number', integer: true, min: 1, default: 1_000_000, group: LIMITS, describe: 'contexts' },
  'max-hosts': { kind: 'number', integer: true, min: 1, default: 100_000, group: LIMITS, describe: 'aliases' },
  'max-message': { kind: 'size', minBytes: 1024, default: '1MiB', group: LIMITS, describe: 'body of an MCMP message' },
  'max-header': {
    kind: 'size',
    minBytes: 1024,
    default: '16KiB',
    group: LIMITS,
    describe: 'head of a request or response',
  },
  'max-connections': {
    kind: 'number',
    integer: true,
    min: 1,
    default: 20_000,
    group: LIMITS,
    describe: 'clients at once',
  },
  'header-timeout': { kind: 'duration', default: '10s', group: LIMITS, describe: 'for a request to have its head' },
  'idle-timeout': { kind: 'duration', default: '60s', group: LIMITS, describe: 'for a quiet client connection' },
  'request-timeout': { kind: 'duration', none: true, default: 'none', group: LIMITS, describe: 'for a whole exchange' },
  'upstream-timeout': { kind: 'duration', default: '60s', group: LIMITS, describe: 'for a silent node' },
  'shutdown-timeout': {
    kind: 'duration',
    zero: true,
    default: '30s',
    group: LIMITS,
    describe: 'for what runs when stopping',
  },
} as const;

export const command = defineCommand({
  name: 'serve',
  summary: 'Run a balancer that nodes register with by MCMP',
  description:
    'Takes web traffic and spreads it over the nodes that registered themselves: WildFly, JBoss EAP, Tomcat, or anything else that speaks MCMP. Ctrl-C lets running requests finish; a second one does not. SIGHUP reads the configuration and the certificates again.',
  options,
  examples: [
    ['serve', 'web traffic on port 8000, nodes on this machine register at 8090'],
    ['serve --listen :80 --mcmp 10.0.0.1:8090 --mcmp-allow 10.0.0.0/24', 'nodes of one network may register'],
    ['serve --listen 127.0.0.1:8000 --mcmp 127.0.0.1:8000', 'one port for both'],
    ['serve --listen :443 --listen-tls site.pem,site.key', 'encrypted web traffic'],
    ['serve --upstream-ca nodes-ca.pem', 'https nodes have certificates of an authority of their own'],
    ['serve --listen :0 --mcmp 127.0.0.1:0 --json', 'free ports, told on stdout'],
    ['serve --advertise --mcmp :8090 --mcmp-allow 10.0.0.0/24', 'nodes find it by multicast'],
    ['serve --dialect httpd-2 --config cluster.yaml', 'answers as httpd does, settings from a file'],
  ],
  async run(context, args) {
    const { log } = context;
    const warn = ({ message, hint }: CertificateWarning): void => log.warn(message, { hint });
    const first = balancerOptions(args, warn);
    const advertising = advertisingOf(args);
    if (isAdvertiseForgotten(args)) log.warn('nothing is advertised', { hint: '--advertise begins it' });
    const { startAdvertisedBalancer } = await import('../src/advertise/advertised-balancer.ts');
    await runUntilStopped(context, () => startAdvertisedBalancer(first, advertising, { log }), {
      onReady: ({ addresses }) => announceReady(context, { ...addresses }),
      onReload: (balancer) => {
        const next = context.rereadArgs();
        const needRestart = balancer.reload(balancerOptions(next, warn), advertisingOf(next));
        log.info('the configuration has been read again', { needRestart: needRestart.join(',') || 'none' });
      },
    });
  },
});

/** @param warn told of certificates that will bother somebody */
export function balancerOptions(
  args: ArgsOf<typeof options, Record<never, never>>,
  warn: (warning: CertificateWarning) => void,
): BalancerOptions {
  return {
    ...DEFAULT_OPTIONS,
    listen: args.listen,
    mcmp: args.mcmp,
    mcmpAllow: managementPeers(args.mcmp, args.mcmpAllow),
    mcmpHosts: args.mcmpHost,
    h2c: args.h2c,
    defaultBalancer: args.balancer,
    useAlias: args.useAlias,
    waitBeforeRemoveMs: args.waitBeforeRemove,
    brokenNodeTimeoutMs: args.brokenNodeTimeout,
    pingIntervalMs: args.pingInterval,
    recalcIntervalMs: args.recalcInterval,
    limits: { maxNodes: args.maxNodes, maxContexts: args.maxContexts, maxHosts: args.maxHosts },
    maxMessageBytes: args.maxMessage,
    headerTimeoutMs: args.headerTimeout,
    idleTimeoutMs: args.idleTimeout,
    requestTimeoutMs: args.requestTimeout,
    upstreamTimeoutMs: args.upstreamTimeout,
    shutdownTimeoutMs: args.shutdownTimeout,
    maxConnections: args.maxConnections,
    maxHeadBytes: args.maxHeader,
    sessionCookie: args.sessionCookie,
    dialect: args.dialect,
    forwardedHeaders: args.forwardedHeaders,
    via: args.via === 'none' ? '' : args.via,
    trustProxy: args.trustProxy,
    proxyProtocolFrom: args.proxyProtocol,
    ajpSecret: args.ajpSecretFile === undefined ? '' : bytesOf(readAjpSecret(args.ajpSecretFile)),
    ajpPacketBytes: args.ajpPacketSize,
    token: args.tokenFile === undefined ? '' : readToken(args.tokenFile),
    managerPath: args.managerPath,
    legacyManagerGet: args.legacyManagerGet,
    readyWhen: args.readyWhen,
    metricsNodes: args.metricsNodes,
    metricsContexts: args.metricsContexts,
    ...readEncryption(args, warn),
    upstreamTls: readUpstreamTls(args, warn),
    accessLog: args.accessLog === undefined ? undefined : { file: args.accessLog, format: args.accessLogFormat },
  };
}
