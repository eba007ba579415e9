import { join } from 'node:path';
import type { Mutant } from './mutant.ts';

const FORWARD_REQUEST = 'src/balancer/ajp/forward-request.ts';
const REQUEST_RELAY = 'src/balancer/ajp/request-relay.ts';
const RESPONSE_RELAY = 'src/balancer/ajp/response-relay.ts';
const HEADER_CODES = 'src/core/ajp/header-codes.ts';
const SECRET_LINE = "  if (ajpSecret !== '') writer.attribute(AJP_ATTRIBUTE.secret, ajpSecret);\n";

const QUERY_LINE = '  if (mark >= 0) writer.attribute(AJP_ATTRIBUTE.query_string, target.slice(mark + 1));\n';

/** A balancer whose nodes speak AJP. */
const WITH_AJP: Required<Pick<Mutant, 'direction' | 'features'>> = { direction: 'balancer', features: [['ajp', '']] };

const WITH_SECRET: Required<Pick<Mutant, 'direction' | 'flags' | 'features'>> = {
  direction: 'balancer',
  flags: ['--ajp-secret-file', join(import.meta.dirname, 'ajp-secret.txt')],
  features: [
    ['ajp', ''],
    ['ajp-secret', 's3cret'],
  ],
};

const OVER_TLS: Required<Pick<Mutant, 'direction' | 'features' | 'encrypted'>> = { ...WITH_AJP, encrypted: true };

/** Balancers that speak AJP wrongly. */
export const AJP_MUTANTS: readonly Mutant[] = [
  {
    id: 'ajp/cping-by-http',
    fault: 'asks AJP nodes by OPTIONS *',
    ...WITH_AJP,
    file: 'src/balancer/ping.ts',
    find: "if (scheme === 'ajp') {",
    replace: "if (scheme === 'ajp-only') {",
    aims: ['status/pings-an-ajp-node'],
  },
  {
    id: 'ajp/any-pong',
    fault: 'takes any answer to CPING for CPONG',
    ...WITH_AJP,
    file: 'src/balancer/ping.ts',
    find: 'received.subarray(0, CPONG.length).equals(CPONG)',
    replace: 'received.length > 0',
    aims: ['status/ajp-node-without-pong'],
  },
  {
    id: 'ajp/pong-not-awaited',
    fault: 'sends the request right behind CPING',
    ...WITH_AJP,
    file: 'src/balancer/upstream.ts',
    find: '    this.ready = false;\n    this.#pongBytes = 0;\n    this.wire.write(CPING);',
    replace: '    this.wire.write(CPING);\n    this.#pongBytes = 0;',
    aims: ['proxy/ajp-silent-connection'],
  },
  {
    id: 'ajp/never-asks',
    fault: 'trusts every kept connection to an AJP node',
    ...WITH_AJP,
    file: 'src/balancer/upstream.ts',
    find: 'if (this.asks && (idleMs > FRESH_ENOUGH_MS || !repeatable)) upstream.ask();',
    replace: '',
    aims: ['proxy/ajp-silent-connection'],
  },
  {
    id: 'ajp/query-in-path',
    fault: 'leaves the query in the path',
    ...WITH_AJP,
    file: FORWARD_REQUEST,
    find: 'mark < 0 ? target : target.slice(0, mark),',
    replace: 'target,',
    aims: ['proxy/ajp-request'],
  },
  {
    id: 'ajp/another-route',
    fault: 'says the address of the client as the route of the session',
    ...WITH_AJP,
    file: FORWARD_REQUEST,
    find: 'writer.attribute(AJP_ATTRIBUTE.jvm_route, decision.sessionRoute);',
    replace: 'writer.attribute(AJP_ATTRIBUTE.jvm_route, identity.address);',
    aims: ['proxy/ajp-request'],
  },
  {
    id: 'ajp/no-route',
    fault: 'does not say the route of the session',
    ...WITH_AJP,
    file: FORWARD_REQUEST,
    find: 'writer.attribute(AJP_ATTRIBUTE.jvm_route, decision.sessionRoute);',
    replace: 'decision.sessionRoute;',
    aims: ['proxy/ajp-request'],
  },
  {
    id: 'ajp/header-codes-exchanged',
    fault: 'writes Referer with the code of User-Agent, and the other way round',
    ...WITH_AJP,
    file: HEADER_CODES,
    find: "  'Referer',\n  'User-Agent',\n",
    replace: "  'User-Agent',\n  'Referer',\n",
    aims: ['proxy/ajp-request'],
  },
  {
    id: 'ajp/secret-behind-query',
    fault: 'sends the secret behind another attribute',
    ...WITH_SECRET,
    file: FORWARD_REQUEST,
    find: `${SECRET_LINE}${QUERY_LINE}`,
    replace: `${QUERY_LINE}${SECRET_LINE}`,
    aims: ['proxy/ajp-secret'],
  },
  {
    id: 'ajp/no-secret',
    fault: 'does not say the secret',
    ...WITH_SECRET,
    file: FORWARD_REQUEST,
    find: SECRET_LINE,
    replace: '',
    aims: ['proxy/ajp-secret'],
  },
  {
    id: 'ajp/key-size-as-text',
    fault: 'writes the size of the key as a string',
    ...OVER_TLS,
    file: FORWARD_REQUEST,
    find: 'writer.keySize(tls.keyBits);',
    replace: 'writer.keySizeAsText(String(tls.keyBits));',
    aims: ['proxy/ajp-key-size'],
  },
  {
    id: 'ajp/not-over-tls',
    fault: 'says of requests over TLS that they came without',
    ...OVER_TLS,
    file: FORWARD_REQUEST,
    find: '    isSsl,\n  );',
    replace: '    false,\n  );',
    aims: ['proxy/ajp-key-size'],
  },
  {
    id: 'ajp/length-lost',
    fault: 'does not say how long the body is',
    ...WITH_AJP,
    file: FORWARD_REQUEST,
    find: "  'transfer-encoding',\n",
    replace: "  'transfer-encoding',\n  'content-length',\n",
    aims: ['proxy/ajp-post'],
  },
  {
    id: 'ajp/first-packet-awaited',
    fault: 'waits to be asked for the first packet of a body too',
    ...WITH_AJP,
    file: REQUEST_RELAY,
    find: ': head.contentLength > 0;',
    replace: ': head.contentLength < 0;',
    aims: ['proxy/ajp-post'],
  },
  {
    id: 'ajp/bytes-exchanged',
    fault: 'puts the last byte of each packet of a body in the place of its first',
    ...WITH_AJP,
    file: REQUEST_RELAY,
    find: 'this.#queue.take(packet, BODY_HEAD_BYTES, length);',
    replace: 'this.#queue.take(packet, BODY_HEAD_BYTES, length - 1); this.#queue.take(packet, BODY_HEAD_BYTES, 1);',
    aims: ['proxy/ajp-post', 'proxy/ajp-chunked-post'],
  },
  {
    id: 'ajp/chunks-unasked',
    fault: 'sends the first packet of a body in chunks unasked',
    ...WITH_AJP,
    file: REQUEST_RELAY,
    find: 'head.chunked ? client.bodyDone && this.#queue.bytes > 0 :',
    replace: 'head.chunked ? true :',
    aims: ['proxy/ajp-chunked-post'],
  },
  {
    id: 'ajp/no-empty-packet',
    fault: 'never says that a body in chunks is over',
    ...WITH_AJP,
    file: REQUEST_RELAY,
    find: 'upstream.wire.write(EMPTY_BODY_PACKET);',
    replace: '',
    aims: ['proxy/ajp-chunked-post'],
  },
  {
    id: 'ajp/always-reused',
    fault: 'keeps connections of which the node said that they cannot be used again',
    ...WITH_AJP,
    file: RESPONSE_RELAY,
    find: 'this.keepsConnection = reuse;',
    replace: 'this.keepsConnection = true;',
    aims: ['proxy/ajp-no-reuse'],
  },
  {
    id: 'ajp/status-lost',
    fault: 'gives every client of an AJP node the status 200',
    ...WITH_AJP,
    file: RESPONSE_RELAY,
    find: 'const text = printed(status, reason, headers);',
    replace: 'const text = printed(200, reason, headers);',
    aims: ['proxy/ajp-response'],
  },
  {
    id: 'ajp/answer-codes-exchanged',
    fault: 'reads the code of Set-Cookie as that of Location',
    ...WITH_AJP,
    file: HEADER_CODES,
    find: "  'Location',\n  'Set-Cookie',\n",
    replace: "  'Set-Cookie',\n  'Location',\n",
    aims: ['proxy/ajp-response'],
  },
];
