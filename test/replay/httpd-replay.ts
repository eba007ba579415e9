import { bodyOf, type Exchange } from '../support/recordings.ts';
import type { McmpPeer } from './mcmp-peer.ts';

/** What is compared of an answer: everything but `Server`, ids, and the pages that httpd makes of errors. */
export interface ComparableAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly version: string;
  readonly type: string;
  readonly mess: string;
  readonly body: string;
}

/** Ports of the recorded nodes, and those of the servers that stand for them. */
export type PortMap = ReadonlyMap<number, number>;

const HTML_ERROR = '(an HTML error page)';

export function recordedAnswer({ response }: Exchange): ComparableAnswer {
  const { status = 0, headers = {}, body = '' } = response;
  const header = (name: string): string => headers[name] ?? '';
  return {
    status,
    contentType: header('content-type'),
    version: header('version'),
    type: header('type'),
    mess: header('mess'),
    body,
  };
}

/** Sends a recorded request over a socket. Headers go out as recorded, and `Host` and `Content-Length`. */
export async function replay(peer: McmpPeer, { request }: Exchange, ports: PortMap): Promise<ComparableAnswer> {
  const body = renumber(bodyOf(request), ports);
  const recorded = Object.entries(request.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = request.body === undefined ? '' : `Content-Length: ${body.length}\r\n`;
  const answer = await peer.ask(
    `${request.method} ${request.uri} HTTP/1.1\r\nHost: 127.0.0.1\r\n${recorded.join('')}${length}\r\n${body}`,
  );
  const header = (name: string): string => answer.headers.get(name) ?? '';
  const isErrorPage = answer.status >= 400 && answer.body.startsWith('<!DOCTYPE html>');
  return {
    status: answer.status,
    contentType: header('content-type'),
    version: header('version'),
    type: header('type'),
    mess: header('mess'),
    body: isErrorPage ? HTML_ERROR : renumber(answer.body, swapped(ports)).replace(/id=\d+/, 'id=GENERATION'),
  };
}

/**
 * A page of httpd that carries out a command makes later answers what they are. The page has no counterpart yet, so its
 * command is given by MCMP.
 */
export async function doPageCommand(peer: McmpPeer, { request }: Exchange): Promise<void> {
  if (request.method !== 'GET') return;
  const query = new URL(request.uri, 'http://balancer').searchParams;
  if (query.get('Range') !== 'CONTEXT') return;
  const body = `JVMRoute=${query.get('JVMRoute')}&Alias=${query.get('Alias')}&Context=${query.get('Context')}`;
  const head = `${query.get('Cmd')} / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n`;
  await peer.ask(head + body);
}

/** Replaces whole numbers. */
function renumber(text: string, ports: PortMap): string {
  return text.replace(/\d+/g, (digits) => String(ports.get(Number(digits)) ?? digits));
}

function swapped(ports: PortMap): PortMap {
  return new Map([...ports].map(([recorded, real]) => [real, recorded]));
}
