import type { Mutant } from './mutant.ts';

const WRITE_REQUEST = 'src/core/http/write-request.ts';
const WRITE_RESPONSE = 'src/core/http/write-response.ts';
const REQUEST_RELAY = 'src/balancer/request-relay.ts';
const RESPONSE_RELAY = 'src/balancer/response-relay.ts';
const FORWARDING = 'src/balancer/forwarding.ts';
const CLIENT = 'src/balancer/client-connection.ts';
const WRITES_COOKIES =
  'if (kind === HEADER.cookie || kind === HEADER.transferEncoding) out += replaced(head, i, kind, options);';
/** Host is dropped, and this stands in its place. */
const ANOTHER_HOST = {
  file: WRITE_REQUEST,
  find: `} else if (HOP_BY_HOP[kind] === KEEP && keeps(head, i, kind, options)) continue;
    const lineStart = offsets[i * 4] as number;
    if (from < lineStart) out += text.slice(from, lineStart);
    from = i + 1 < count ? (offsets[i * 4 + 4] as number) : end;
    ${WRITES_COOKIES}`,
  replace: `} else if (HOP_BY_HOP[kind] === KEEP && kind !== HEADER.host && keeps(head, i, kind, options)) continue;
    const lineStart = offsets[i * 4] as number;
    if (from < lineStart) out += text.slice(from, lineStart);
    from = i + 1 < count ? (offsets[i * 4 + 4] as number) : end;
    ${WRITES_COOKIES}
    if (kind === HEADER.host) out += 'Host: elsewhere\\r\\n';`,
} as const;
const ASKED = "const asked = options.target === '' ? head.target : options.target;";
const TIDIED = "const asked = head.target.replaceAll('%7E', '~');";

/** Balancers that carry requests wrongly. */
export const PROXIED_MUTANTS: readonly Mutant[] = [
  {
    id: 'proxy/another-host',
    fault: 'The node sees another Host than the client sent.',
    direction: 'balancer',
    ...ANOTHER_HOST,
    aims: ['proxy/host'],
  },
  {
    id: 'proxy/another-host-as-httpd',
    fault: 'The node sees another Host than the client sent, with ProxyPreserveHost On.',
    direction: 'balancer',
    ...ANOTHER_HOST,
    dialect: 'httpd-2',
    features: [['preserve-host', '']],
    aims: ['proxy/host-preserved'],
  },
  {
    id: 'proxy/no-forwarded-host',
    fault: 'X-Forwarded-Host has another name.',
    direction: 'balancer',
    file: WRITE_REQUEST,
    find: 'xForwardedLines}X-Forwarded-Host: $',
    replace: 'xForwardedLines}X-Forwarded-Name: $',
    aims: ['proxy/x-forwarded'],
  },
  {
    id: 'proxy/client-believed',
    fault: "A client's own X-Forwarded-For reaches the node.",
    direction: 'balancer',
    file: WRITE_REQUEST,
    find: 'return options.trusted && !addsXForwarded(options);',
    replace: 'return true;',
    aims: ['proxy/x-forwarded-for-of-client'],
  },
  {
    id: 'proxy/cookies-lost',
    fault: 'Set-Cookie of the node does not reach the client.',
    direction: 'balancer',
    file: WRITE_RESPONSE,
    find: '  HEADER.proxyAuthenticate,\n',
    replace: '  HEADER.proxyAuthenticate,\n  HEADER.setCookie,\n',
    aims: ['proxy/response-headers'],
  },
  {
    id: 'proxy/target-tidied',
    fault: 'The node sees the target with a needless escape decoded.',
    direction: 'balancer',
    file: WRITE_REQUEST,
    find: ASKED,
    replace: TIDIED,
    aims: ['proxy/target-untouched'],
  },
  {
    id: 'proxy/target-tidied-as-httpd',
    fault: 'The node sees the target with a needless escape decoded, with UseNocanon On.',
    direction: 'balancer',
    file: WRITE_REQUEST,
    find: ASKED,
    replace: TIDIED,
    dialect: 'httpd-2',
    features: [['nocanon', '']],
    aims: ['proxy/nocanon'],
  },
  {
    id: 'proxy/named-headers-pass',
    fault: 'Headers that Connection names reach the node.',
    direction: 'balancer',
    file: WRITE_REQUEST,
    find: 'if (!named || !isNamed(head, i)) continue;',
    replace: 'continue;',
    aims: ['proxy/named-by-connection'],
  },
  {
    id: 'proxy/keep-alive-passes',
    fault: 'Keep-Alive of the client reaches the node.',
    direction: 'balancer',
    file: WRITE_REQUEST,
    find: '  HEADER.keepAlive,\n',
    replace: '',
    aims: ['proxy/hop-by-hop-headers'],
  },
  {
    id: 'proxy/named-headers-of-node-pass',
    fault: 'Headers that Connection of the node names reach the client.',
    direction: 'balancer',
    file: WRITE_RESPONSE,
    find: 'if (!named || !isNamed(head, i)) continue;',
    replace: 'continue;',
    aims: ['proxy/named-by-connection-of-node'],
  },
  {
    id: 'proxy/byte-of-upload-lost',
    fault: 'A byte is lost where a body goes on in another read.',
    direction: 'balancer',
    file: REQUEST_RELAY,
    find: "if (head === '') return client.wire.passOn(upstream.wire, buffer, from, to);",
    replace: "if (head === '') return client.wire.passOn(upstream.wire, buffer, from, to - 1);",
    aims: ['proxy/chunked-post', 'proxy/long-post'],
  },
  {
    id: 'proxy/byte-of-response-lost',
    fault: 'A byte is lost where a response goes on in another read.',
    direction: 'balancer',
    file: RESPONSE_RELAY,
    find: '} else if (!upstream.wire.passOn(wire, buffer, from, to)) {',
    replace: '} else if (!upstream.wire.passOn(wire, buffer, from, to - 1)) {',
    aims: ['proxy/long-responses'],
  },
  {
    id: 'proxy/nobody-says-continue',
    fault: 'Expect is kept from the node, and nobody tells the client to go on.',
    direction: 'balancer',
    file: FORWARDING,
    find: 'passExpect: true,',
    replace: 'passExpect: false,',
    aims: ['proxy/continue'],
  },
  {
    id: 'proxy/responses-gathered',
    fault: 'The beginning of a response is held back.',
    direction: 'balancer',
    file: RESPONSE_RELAY,
    find: 'if (!client.wire.write(printed + data)) upstream.wire.pause();',
    replace: 'if (!body.complete) client.wire.cork(); if (!client.wire.write(printed + data)) upstream.wire.pause();',
    aims: ['proxy/streaming'],
  },
  {
    id: 'proxy/trailers-among-headers',
    fault: 'Trailer fields of a short request body are copied into its head.',
    direction: 'balancer',
    file: REQUEST_RELAY,
    find: 'upstream.wire.write(text);\n    for (const piece',
    replace:
      "const found = /\\r\\n0\\r\\n((?:[^\\r\\n]+\\r\\n)+)\\r\\n$/.exec(Buffer.concat(this.#held.pieces).toString('latin1')); upstream.wire.write(text.slice(0, -2) + (found?.[1] ?? '') + '\\r\\n');\n    for (const piece",
    aims: ['proxy/trailers-of-request'],
  },
  {
    id: 'proxy/trailers-unknown',
    fault: 'A body with a trailer section that has a field of routing or credentials breaks the exchange.',
    direction: 'balancer',
    file: 'src/core/http/violations.ts',
    find: "'HTTP_TRAILER_FORBIDDEN',\n    400,",
    replace: "'HTTP_TRAILER_FORBIDDEN',\n    500,",
    aims: ['proxy/forbidden-trailers'],
  },
  {
    id: 'proxy/trailers-of-node-among-headers',
    fault: 'Trailer fields of a short response are copied into its head.',
    direction: 'balancer',
    file: RESPONSE_RELAY,
    find: 'if (!client.wire.write(printed + data)) upstream.wire.pause();',
    replace:
      "const found = /\\r\\n0\\r\\n((?:[^\\r\\n]+\\r\\n)+)\\r\\n$/.exec(data); if (!client.wire.write(printed.slice(0, -2) + (found?.[1] ?? '') + '\\r\\n' + data)) upstream.wire.pause();",
    aims: ['proxy/trailers-of-response'],
  },
  {
    id: 'proxy/connection-for-each',
    fault: 'Every request opens a connection to the node.',
    direction: 'balancer',
    file: 'src/balancer/node-attempt.ts',
    find: 'if (reusable) upstream.pool.release(upstream, keepAliveSeconds);',
    replace: 'if (reusable && keepAliveSeconds > 1e9) upstream.pool.release(upstream, keepAliveSeconds);',
    aims: ['proxy/kept-connections'],
  },
  {
    id: 'proxy/pipelined-lost',
    fault: 'What came behind a request is dropped.',
    direction: 'balancer',
    file: CLIENT,
    find: 'this.#rest = this.#rest === null ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);',
    replace: 'this.#rest = null;',
    aims: ['proxy/pipelined'],
  },
  {
    id: 'proxy/head-has-body',
    fault: 'The answer to HEAD is waited for as if it had the body that its length tells of.',
    direction: 'balancer',
    file: 'src/core/http/response-head.ts',
    find: "|| requestMethod === 'HEAD') return 'none';",
    replace: ") return 'none';",
    aims: ['proxy/head'],
  },
  {
    id: 'proxy/chunks-for-old-clients',
    fault: 'A client of HTTP/1.0 gets the chunks as they came.',
    direction: 'balancer',
    file: 'src/balancer/response-body.ts',
    find: "return body === 'chunked' && clientMinorVersion === 0 ? 'unpack' : 'keep';",
    replace: "return 'keep';",
    aims: ['proxy/http-10-chunks'],
  },
  {
    id: 'proxy/old-clients-kept',
    fault: 'The connection of a client of HTTP/1.0 is kept though it did not ask for that.',
    direction: 'balancer',
    file: 'src/core/http/request-head.ts',
    find: '(options & CLOSE) === 0 && (head.minorVersion === 1 || (options & KEEP_ALIVE) !== 0);',
    replace: '(options & CLOSE) === 0;',
    aims: ['proxy/http-10-closes'],
  },
  {
    id: 'proxy/no-upgrades',
    fault: 'Upgrade does not reach the node.',
    direction: 'balancer',
    file: FORWARDING,
    find: "options.upgrade = head.upgrade !== '';",
    replace: 'options.upgrade = false;',
    aims: ['proxy/websocket', 'proxy/other-upgrade'],
  },
  {
    id: 'proxy/tunnel-in-one-direction',
    fault: 'Bytes of the client in a tunnel go nowhere.',
    direction: 'balancer',
    file: CLIENT,
    find: "      case 'tunnel':\n        this.#handler?.onBody(buffer, 0, length);",
    replace: "      case 'tunnel':",
    aims: ['proxy/websocket', 'proxy/other-upgrade'],
  },
  {
    id: 'proxy/h2c-passes',
    fault: 'An upgrade to HTTP/2 reaches the node.',
    direction: 'balancer',
    file: 'src/core/http/request-head.ts',
    find: "return lower !== '' && !lower.includes('h2')",
    replace: "return lower !== ''",
    aims: ['proxy/upgrade-to-h2c'],
  },
];
