import { discoverFlags } from '../../advertise/discover-options.ts';
import { DEFAULT_PACKET_BYTES, MOST_PACKET_BYTES } from '../../core/ajp/index.ts';
import { CONNECTOR_TYPE_NAMES } from '../../core/mcmp/connector-types.ts';
import { PROBE_DEFAULTS } from '../sidecar/settings.ts';
import { configFlags } from './config-flags.ts';

const NODES = 'Nodes:';
const REGISTRATION = 'Registration:';
const BEHAVIOUR = 'Behaviour:';
const SIDECAR = 'Sidecar:';
const TLS = 'TLS for MCMP:';

/** Options of `mcmp node-sim`. */
export const NODE_SIM_OPTIONS = {
  balancer: {
    kind: 'url',
    repeatable: true,
    group: REGISTRATION,
    describe: 'MCMP address to register with; may be repeated [http://127.0.0.1:8090, unless --discover is given]',
  },
  discover: {
    kind: 'boolean',
    group: REGISTRATION,
    describe: 'register with every balancer that advertises itself, until it says goodbye',
  },
  ...discoverFlags(REGISTRATION),
  'status-interval': {
    kind: 'duration',
    default: '10s',
    group: REGISTRATION,
    describe: 'time between two STATUS',
  },
  load: {
    kind: 'string',
    default: '100',
    placeholder: 'SPEC',
    group: REGISTRATION,
    describe: 'what STATUS says: a number (100 idle, 1 busy), cpu, busy, sine:30,90,60s and more, see docs/node-sim.md',
  },
  'java-manners': {
    kind: 'boolean',
    group: REGISTRATION,
    describe: 'react exactly as the Java node does, its weaknesses included',
  },
  'mcmp-timeout': { kind: 'duration', group: REGISTRATION, describe: 'for one MCMP exchange; else 10s, Java 20s' },

  nodes: {
    kind: 'number',
    integer: true,
    min: 1,
    max: 10_000,
    default: 1,
    group: NODES,
    describe: 'how many',
  },
  route: {
    kind: 'string',
    default: 'node',
    placeholder: 'NAME',
    group: NODES,
    describe: 'JVMRoute; several nodes are called NAME1, NAME2, ..',
  },
  type: {
    kind: 'choice',
    choices: CONNECTOR_TYPE_NAMES,
    group: NODES,
    describe: 'protocol of the connector [http]',
  },
  'node-tls': {
    kind: 'string',
    placeholder: 'CERT,KEY[,CA]',
    group: NODES,
    describe:
      'certificate and key of nodes of type https or wss; with a CA, balancers have to show a certificate of it',
  },
  'node-ca': {
    kind: 'string',
    placeholder: 'CERT,KEY',
    group: NODES,
    describe:
      'authority that issues certificates that are not given, and the wrong ones of faults [one that nobody knows]',
  },
  'ajp-secret-file': {
    kind: 'string',
    placeholder: 'FILE',
    group: NODES,
    describe: 'secret that balancers have to say to nodes of type ajp, in its first line; without it none is asked for',
  },
  'ajp-packet-size': {
    kind: 'number',
    integer: true,
    min: DEFAULT_PACKET_BYTES,
    max: MOST_PACKET_BYTES,
    default: DEFAULT_PACKET_BYTES,
    group: NODES,
    describe: 'the most bytes of a packet of AJP',
  },
  host: {
    kind: 'string',
    placeholder: 'NAME',
    group: NODES,
    describe: 'where they listen, told to the balancers [127.0.0.1]',
  },
  port: {
    kind: 'number',
    integer: true,
    min: 0,
    max: 65_535,
    group: NODES,
    describe: 'port of the first, the others count on [free ones]',
  },
  'share-port': {
    kind: 'boolean',
    group: NODES,
    describe: 'all at one port, where the balancer permits it (Undertow does)',
  },
  contexts: {
    kind: 'list',
    placeholder: 'PATH,..',
    group: NODES,
    describe: 'context paths; / is the root [/app, of a sidecar /]',
  },
  alias: {
    kind: 'list',
    default: 'localhost',
    placeholder: 'NAME,..',
    group: NODES,
    describe: 'host names of the virtual host',
  },
  exclude: {
    kind: 'list',
    placeholder: 'PATH,..',
    group: NODES,
    describe: 'contexts that are never told; HOST:PATH for one host',
  },
  born: {
    kind: 'choice',
    choices: ['enabled', 'disabled', 'stopped'],
    default: 'enabled',
    group: NODES,
    describe: 'what contexts are at first; stopped: as a server started suspended',
  },

  fault: {
    kind: 'string',
    repeatable: true,
    placeholder: 'SPEC',
    group: BEHAVIOUR,
    describe: "go wrong on purpose: 'reset:0.05', 'latency:200ms±50ms@node2'; see docs/faults.md",
  },
  seed: { kind: 'number', integer: true, default: 0, group: BEHAVIOUR, describe: 'the same seed has the same luck' },
  control: { kind: 'address', group: BEHAVIOUR, describe: 'JSON API for mcmp node-sim ctl, such as 127.0.0.1:8099' },
  'control-token-file': {
    kind: 'string',
    placeholder: 'FILE',
    group: BEHAVIOUR,
    describe: 'token that users of the API must have; needed off this machine',
  },
  duration: { kind: 'duration', group: BEHAVIOUR, describe: 'leave by themselves after this time' },
  stay: { kind: 'boolean', group: BEHAVIOUR, describe: 'end without telling the balancers' },
  'drain-timeout': {
    kind: 'duration',
    default: '10s',
    group: BEHAVIOUR,
    describe: 'how long requests may take to end when a node leaves',
  },
  'drain-sessions': {
    kind: 'boolean',
    group: BEHAVIOUR,
    describe: 'wait for the sessions to end, too, within the same time',
  },

  upstream: {
    kind: 'string',
    placeholder: 'URL',
    group: SIDECAR,
    describe: 'register the application that runs there, and watch it, instead of simulating one',
  },
  'probe-path': { kind: 'string', placeholder: 'PATH', group: SIDECAR, describe: 'asked for [the first context]' },
  'probe-status': {
    kind: 'string',
    default: PROBE_DEFAULTS.status,
    placeholder: 'CODES',
    group: SIDECAR,
    describe: 'answers that mean it is well',
  },
  'probe-interval': { kind: 'duration', default: '2s', group: SIDECAR, describe: 'time between two probes' },
  'probe-timeout': { kind: 'duration', default: '1s', group: SIDECAR, describe: 'for one probe' },
  'probe-fall': {
    kind: 'number',
    integer: true,
    min: 1,
    default: PROBE_DEFAULTS.fall,
    group: SIDECAR,
    describe: 'bad probes in a row that make it sick',
  },
  'probe-rise': {
    kind: 'number',
    integer: true,
    min: 1,
    default: PROBE_DEFAULTS.rise,
    group: SIDECAR,
    describe: 'good probes in a row that make it well',
  },
  'on-sick': {
    kind: 'choice',
    choices: ['disable', 'stop'],
    default: 'disable',
    group: SIDECAR,
    describe: 'disable: its sessions may go on; stop: nothing goes there',
  },
  'blind-drain': {
    kind: 'duration',
    zero: true,
    default: '5s',
    group: SIDECAR,
    describe: 'waited for requests to end when the balancer does not count them',
  },

  ...configFlags('Parameters of CONFIG (sent only if given):'),

  'mcmp-ca': {
    kind: 'string',
    placeholder: 'FILE',
    group: TLS,
    describe: 'CA of the certificates of the balancers (PEM)',
  },
  'mcmp-cert': { kind: 'string', placeholder: 'FILE', group: TLS, describe: 'client certificate (PEM)' },
  'mcmp-key': { kind: 'string', placeholder: 'FILE', group: TLS, describe: 'its key (PEM)' },
  'mcmp-insecure': { kind: 'boolean', group: TLS, describe: 'take any certificate of the balancers' },
} as const;
