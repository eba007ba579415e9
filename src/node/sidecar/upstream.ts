import { withoutBrackets, withoutUserinfo } from '../../core/address.ts';
import { UsageError } from '../../core/errors.ts';
import type { ConnectorType } from '../../core/mcmp/connector-types.ts';

export type UpstreamType = ConnectorType;

/** Where the application is. */
export interface Upstream {
  readonly type: UpstreamType;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Where probes go, and how: `http://127.0.0.1:3000`, `ajp://127.0.0.1:8009`. */
  readonly origin: URL;
}

interface SchemeRow {
  readonly type: UpstreamType;
  readonly probedBy: 'http:' | 'https:' | 'ajp:';
  readonly port: number;
}

const SCHEMES: ReadonlyMap<string, SchemeRow> = new Map<string, SchemeRow>([
  ['http:', { type: 'http', probedBy: 'http:', port: 80 }],
  ['https:', { type: 'https', probedBy: 'https:', port: 443 }],
  ['ws:', { type: 'ws', probedBy: 'http:', port: 80 }],
  // The port of Tomcat and WildFly.
  ['ajp:', { type: 'ajp', probedBy: 'ajp:', port: 8009 }],
  ['wss:', { type: 'wss', probedBy: 'https:', port: 443 }],
]);

/** An application that listens on all addresses is probed on this machine's own. */
const LOOPBACK_FOR: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['[::]', '[::1]'],
]);

/**
 * Reads the address of an application.
 * @throws UsageError when it is no URL of http, https, ws, wss or ajp, or has more than scheme, host and port
 */
export function readUpstream(text: string): Upstream {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url === undefined ? undefined : SCHEMES.get(url.protocol);
  if (url === undefined || scheme === undefined) {
    throw new UsageError(`'${withoutUserinfo(text)}' is no address of an application`, {
      hint: 'Write http://HOST:PORT; https, ws, wss and ajp are possible, too.',
    });
  }
  const { username, password, pathname, search, hash } = url;
  if (username !== '' || password !== '' || (pathname !== '/' && pathname !== '') || search !== '' || hash !== '') {
    throw new UsageError(`'${withoutUserinfo(text)}' has more than a scheme, a host and a port`, {
      hint: 'Balancers send requests with their paths as they are: name the paths with --contexts, a path to probe with --probe-path.',
    });
  }
  const { hostname } = url;
  const port = url.port === '' ? scheme.port : Number(url.port);
  if (port === 0)
    throw new UsageError(`'${withoutUserinfo(text)}' has port 0`, {
      hint: 'Name the port on which the application listens.',
    });
  const origin = new URL(`${scheme.probedBy}//${LOOPBACK_FOR.get(hostname) ?? hostname}:${port}`);
  return { type: scheme.type, host: withoutBrackets(hostname), port, origin };
}
