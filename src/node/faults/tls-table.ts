import type { FaultRow } from './table.ts';

/** Faults of nodes that speak TLS. They strike new connections; those that are open stay as they are. */
export const TLS_FAULTS = {
  'tls-expired': {
    side: 'traffic',
    class: 'certificates',
    describe: 'shows a certificate that has expired',
    amount: 'none',
    detail:
      'Of the same authority as its right one, where the node has one to issue it (--node-ca, or none given at all).',
    webSocket: 'handshake',
    example: 'tls-expired@30s..45s',
    connector: 'tls',
  },
  'tls-wrong-host': {
    side: 'traffic',
    class: 'certificates',
    describe: 'shows a certificate for another host',
    amount: 'none',
    detail: 'For wrong.host.invalid, else as tls-expired.',
    webSocket: 'handshake',
    example: 'tls-wrong-host',
    connector: 'tls',
  },
  'tls-obsolete': {
    side: 'traffic',
    class: 'handshakes',
    describe: 'speaks nothing newer than TLS 1.1',
    amount: 'none',
    webSocket: 'handshake',
    example: 'tls-obsolete',
    connector: 'tls',
  },
  'tls-silent': {
    side: 'traffic',
    class: 'handshakes',
    describe: 'takes connections and never answers the first words of a handshake',
    amount: 'none',
    detail: 'Switched off, the handshakes that wait go on.',
    webSocket: 'handshake',
    example: 'tls-silent@30s..45s',
    connector: 'tls',
  },
  'tls-close': {
    side: 'traffic',
    class: 'handshakes',
    describe: 'closes the connection when the handshake is done',
    amount: 'none',
    webSocket: 'handshake',
    example: 'tls-close:0.2',
    connector: 'tls',
  },
  'tls-plain': {
    side: 'traffic',
    class: 'handshakes',
    describe: 'answers a handshake with HTTP in clear, then closes',
    amount: 'none',
    detail: 'A 400, as a port of HTTP says to who speaks TLS.',
    webSocket: 'handshake',
    example: 'tls-plain',
    connector: 'tls',
  },
} as const satisfies Record<string, FaultRow>;
