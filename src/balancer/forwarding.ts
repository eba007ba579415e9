import {
  type ClientIdentity,
  createRequestWriteOptions,
  createResponseWriteOptions,
  type RequestWriteOptions,
  type ResponseBody,
  type ResponseHead,
  type ResponseWriteOptions,
  targetWithoutSession,
} from '../core/http/index.ts';
import type { Decision } from '../core/routing/index.ts';
import type { ClientConnection } from './client-connection.ts';
import { reframingOf } from './response-body.ts';

/** How the options of `mcmp serve` and one routing decision become the two lists of changes to the heads. */

export function requestOptionsFor(client: ClientIdentity): RequestWriteOptions {
  return { ...createRequestWriteOptions(client), passExpect: true, passTrailers: true };
}

export function responseOptions(): ResponseWriteOptions {
  return createResponseWriteOptions();
}

/** Set for each request: most of it may change with SIGHUP. */
export function fillRequestOptions(options: RequestWriteOptions, client: ClientConnection, decision: Decision): void {
  const { head, shared } = client;
  options.forwardedHeaders = shared.options.forwardedHeaders;
  options.trusted = client.isTrustedProxy;
  options.via = shared.options.via;
  options.receivedAsHttp2 = client.peer.httpVersion === '2';
  options.upgrade = head.upgrade !== '';
  options.removeCookie = decision.removeSessionCookie;
  options.target =
    decision.removeSessionPath === '' ? '' : targetWithoutSession(head.target, decision.removeSessionPath);
  if (decision.node !== null && head.host === '') options.hostForNode = `${decision.node.host}:${decision.node.port}`;
}

/** @param body how the node ends it */
export function fillResponseOptions(
  options: ResponseWriteOptions,
  client: ClientConnection,
  head: ResponseHead,
  body: ResponseBody,
): void {
  const { minorVersion } = client.head;
  options.clientMinorVersion = minorVersion;
  const reframing = reframingOf(body, minorVersion);
  if (reframing === 'pack') options.framing = 'chunk';
  else options.framing = reframing === 'unpack' || body === 'close' ? 'close' : 'keep';
  if (options.framing === 'close') client.closeAfterResponse();
  options.keepAlive = head.status < 200 || body === 'tunnel' || client.settleKeepAlive();
  options.date = client.shared.clock.httpDate;
}
