import { AJP_FAULTS } from './ajp-table.ts';
import { TLS_FAULTS } from './tls-table.ts';

/** Where a fault strikes: in the traffic that balancers send to the node, or in what the node says by MCMP. */
export type FaultSide = 'traffic' | 'mcmp';

/** What the number of a fault means; `none`: it takes only a chance. */
export type FaultAmount = 'none' | 'duration' | 'bytes' | 'rate' | 'count' | 'status';

/** HTTP (by TLS, too), AJP, or TLS. */
export type FaultConnector = 'http' | 'ajp' | 'tls';

export interface FaultRow {
  readonly side: FaultSide;
  /** What goes wrong, as a person names it: connections, timing, responses, requests, health; for MCMP: registration, reports, wire. */
  readonly class: string;
  /** What the node then does, in lower case and without a full stop. */
  readonly describe: string;
  readonly amount: FaultAmount;
  /** Amount of a fault that names none, as a user would write it. */
  readonly default?: string;
  /** It is a state of the node and not something that happens to a request, so it takes no chance. */
  readonly lasts?: true;
  /** What it does to WebSockets: it strikes their handshake like any request, or also what goes over them; absent: nothing. */
  readonly webSocket?: 'handshake' | 'bytes';
  /** What the nodes have to speak; absent: anything. */
  readonly connector?: FaultConnector;
  /** What somebody who relies on it should know, as whole sentences; for docs/faults.md. */
  readonly detail?: string;
  /** A whole use of it, as a user would type it. */
  readonly example: string;
}

/** All faults, by the name under which they are switched. `--help`, docs/faults.md, the control API and the tests read it. */
export const FAULTS = {
  refuse: {
    side: 'traffic',
    class: 'connections',
    describe: 'refuses connections: the port is closed',
    amount: 'none',
    lasts: true,
    webSocket: 'handshake',
    detail:
      'Connections that idle are closed with the port, and busy ones with their response. Switched off, the same port opens again; should another program have taken it meanwhile, the node tries again until it is free.',
    example: 'refuse@30s..45s',
  },
  hang: {
    side: 'traffic',
    class: 'connections',
    describe: 'takes connections and requests, and never answers',
    amount: 'none',
    webSocket: 'bytes',
    detail:
      'Bodies are not read, pings get nothing either, and the messages of open WebSockets wait. Switched off, everything that waits is answered, as by a process that was stopped and goes on.',
    example: 'hang@30s..45s',
  },
  'hang-after': {
    side: 'traffic',
    class: 'responses',
    describe: 'falls silent after so many bytes of a response',
    amount: 'bytes',
    default: '100',
    webSocket: 'bytes',
    detail:
      'Head and body count; a response that is not longer is not touched. Switched off, the rest follows. On a WebSocket the bytes count from the handshake on.',
    example: 'hang-after:1KiB',
  },
  latency: {
    side: 'traffic',
    class: 'timing',
    describe: 'answers so much later',
    amount: 'duration',
    default: '200ms',
    webSocket: 'bytes',
    detail:
      'Waits before the first byte of each response or ping, and before each message of a WebSocket. Switched off, what waits goes at once.',
    example: 'latency:200ms±50ms@node2',
  },
  bandwidth: {
    side: 'traffic',
    class: 'timing',
    describe: 'sends responses with so many bytes a second',
    amount: 'rate',
    default: '64KiB',
    webSocket: 'bytes',
    detail: 'In twenty portions a second, each after its time. Switched off, the rest goes at once.',
    example: 'bandwidth:64KiB',
  },
  reset: {
    side: 'traffic',
    class: 'responses',
    describe: 'resets the connection instead of answering',
    amount: 'none',
    webSocket: 'handshake',
    detail: 'A RST when the head has come; no byte is sent. Pings are answered.',
    example: 'reset:0.05',
  },
  'reset-after': {
    side: 'traffic',
    class: 'responses',
    describe: 'resets the connection after so many bytes of a response',
    amount: 'bytes',
    default: '100',
    webSocket: 'bytes',
    detail:
      'Head and body count; a response that is not longer is not touched. The RST follows 20 ms after the last byte, so that the balancer can read it. On a WebSocket the bytes count from the handshake on.',
    example: 'reset-after:10KiB,0.1',
  },
  'half-close': {
    side: 'traffic',
    class: 'responses',
    describe: 'ends its side of the connection (FIN) instead of answering, and goes on reading',
    amount: 'none',
    webSocket: 'handshake',
    detail: 'The connection is over when the balancer closes its side.',
    example: 'half-close:1%',
  },
  garbage: {
    side: 'traffic',
    class: 'responses',
    describe: 'answers with bytes that are no HTTP and no AJP',
    amount: 'none',
    webSocket: 'handshake',
    detail: 'Then closes.',
    example: 'garbage:0.2',
  },
  'wrong-length': {
    side: 'traffic',
    class: 'responses',
    describe: 'announces more bytes than it sends, then closes',
    amount: 'none',
    webSocket: 'handshake',
    detail: 'A head with Content-Length: 1000, 100 bytes, and a FIN; by AJP without END_RESPONSE.',
    example: 'wrong-length',
  },
  'truncated-chunk': {
    side: 'traffic',
    class: 'responses',
    describe: 'ends in the middle of a chunk',
    amount: 'none',
    webSocket: 'handshake',
    detail: 'A chunk that says 1000 bytes, 100 of them, and a FIN. By AJP a SEND_BODY_CHUNK.',
    example: 'truncated-chunk',
  },
  'endless-header': {
    side: 'traffic',
    class: 'responses',
    describe: 'sends header lines for ever',
    amount: 'none',
    webSocket: 'handshake',
    detail:
      'Lines of 1 KiB, 16 each 10 ms, until the balancer closes the connection or the fault is switched off. A head of AJP has a length, so it cannot.',
    example: 'endless-header',
    connector: 'http',
  },
  error: {
    side: 'traffic',
    class: 'responses',
    describe: 'answers with an error of the application',
    amount: 'status',
    default: '500',
    webSocket: 'handshake',
    detail: 'The connection stays open.',
    example: 'error:503,10%',
  },
  close: {
    side: 'traffic',
    class: 'connections',
    describe: 'closes the connection after each response',
    amount: 'none',
    detail: 'With Connection: close, by AJP an END_RESPONSE that does not allow reuse, so that the balancer knows.',
    example: 'close',
  },
  'keep-alive-race': {
    side: 'traffic',
    class: 'connections',
    describe: 'closes a kept connection at the moment when the next request comes in',
    amount: 'none',
    webSocket: 'handshake',
    detail:
      'A FIN in answer to the first byte of the next request, without a byte and without an announcement: what a balancer sees when the idle time of the node is over just then.',
    example: 'keep-alive-race:0.5',
  },
  'slow-read': {
    side: 'traffic',
    class: 'requests',
    describe: 'reads request bodies with so many bytes a second',
    amount: 'rate',
    default: '16KiB',
    detail:
      'What fits into the buffers of both kernels, some megabytes, is taken at once all the same; the answer comes when the body is read.',
    example: 'slow-read:16KiB',
  },
  'options-501': {
    side: 'traffic',
    class: 'health',
    describe: 'answers OPTIONS * with 501',
    amount: 'none',
    example: 'options-501',
    connector: 'http',
  },
  'options-silent': {
    side: 'traffic',
    class: 'health',
    describe: 'answers OPTIONS * with nothing',
    amount: 'none',
    detail: 'Switched off, the pings that wait are answered.',
    example: 'options-silent@1m..',
    connector: 'http',
  },
  ...AJP_FAULTS,
  ...TLS_FAULTS,
  'skip-status': {
    side: 'mcmp',
    class: 'reports',
    describe: 'leaves STATUS out',
    amount: 'none',
    example: 'skip-status:0.3',
  },
  'duplicate-route': {
    side: 'mcmp',
    class: 'registration',
    describe: 'registers with the route of the first node',
    amount: 'none',
    example: 'duplicate-route@node2',
  },
  'duplicate-address': {
    side: 'mcmp',
    class: 'registration',
    describe: 'registers a second route with the same host and port',
    amount: 'none',
    example: 'duplicate-address@node2',
  },
  'changed-port': {
    side: 'mcmp',
    class: 'registration',
    describe: 'registers again with another port, where nobody listens',
    amount: 'none',
    example: 'changed-port@node1',
  },
  'config-flood': {
    side: 'mcmp',
    class: 'registration',
    describe: 'says CONFIG so many times where once is enough',
    amount: 'count',
    default: '100',
    example: 'config-flood:1000',
  },
  'wrong-order': {
    side: 'mcmp',
    class: 'registration',
    describe: 'says ENABLE-APP or STATUS before CONFIG',
    amount: 'none',
    example: 'wrong-order',
  },
  'byte-by-byte': {
    side: 'mcmp',
    class: 'wire',
    describe: 'sends its messages one byte at a time',
    amount: 'none',
    example: 'byte-by-byte',
  },
  'connection-left-open': {
    side: 'mcmp',
    class: 'wire',
    describe: 'opens a connection for each message and leaves the old ones open',
    amount: 'none',
    example: 'connection-left-open',
  },
  oversized: {
    side: 'mcmp',
    class: 'wire',
    describe: 'sends fields of so many bytes',
    amount: 'bytes',
    default: '64KiB',
    detail: 'At most 16 MiB, whatever is asked for.',
    example: 'oversized:64KiB,0.1',
  },
  vanish: {
    side: 'mcmp',
    class: 'registration',
    describe: 'goes without REMOVE-APP',
    amount: 'none',
    example: 'vanish',
  },
} as const satisfies Record<string, FaultRow>;

export type FaultName = keyof typeof FAULTS;

/** The row of a fault as the table's general type, with what only some rows have. */
export function faultRow(name: FaultName): FaultRow {
  return FAULTS[name];
}
