import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Real exchanges, from `fixtures/recordings`. */

const ROOT = join(import.meta.dirname, '../../fixtures/recordings');

export interface RecordedRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A long body is described: so many bytes that begin like this. */
  readonly body?: string | { readonly starts: string; readonly repeat: string; readonly length: number };
}

export interface RecordedResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly outcome?: string;
}

/** One exchange with a balancer. */
export interface Exchange {
  readonly request: RecordedRequest;
  readonly response: RecordedResponse;
}

export type Balancer = 'mod_proxy_cluster-2.0.0.Dev' | 'undertow-2.3.27.Final' | 'nginx_mod_cluster_module';

export interface Recording<T> {
  readonly file: string;
  readonly exchanges: readonly T[];
}

function readAll<T>(folder: string): Recording<T>[] {
  const path = join(ROOT, folder);
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((file) => ({ file, exchanges: JSON.parse(readFileSync(join(path, file), 'utf8')) as T[] }));
}

export function balancerRecordings(balancer: Balancer): Recording<Exchange>[] {
  return readAll<Exchange>(balancer);
}

/** One exchange of a node with a balancer, or something that happened. */
export interface NodeExchange {
  readonly atMs: number;
  readonly event?: string;
  readonly request?: {
    readonly line: string;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly response?: {
    readonly line?: string;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

export const NODE_FOLDERS = [
  'tomcat-9.0.123-mod_cluster-2.1.0-http',
  'tomcat-9.0.123-mod_cluster-2.1.0-ajp',
  'tomcat-9.0.123-mod_cluster-1.4.4-http',
] as const;

export function nodeRecordings(folder: (typeof NODE_FOLDERS)[number]): Recording<NodeExchange>[] {
  return readAll<NodeExchange>(join('nodes', folder));
}

/** One packet of an AJP connection, or the end of the connection. */
export interface AjpPacket {
  readonly connection: number;
  readonly from: 'balancer' | 'node';
  readonly type: string;
  /** In bytes; missing when the connection ended. */
  readonly length?: number;
  /** The whole packet. Of a long one only `hexOfFirst64` and `sha256` are recorded. */
  readonly hex?: string;
  readonly hexOfFirst64?: string;
  readonly sha256?: string;
}

/** What went over the connections between a balancer and a Tomcat during one test. */
export interface AjpRecording {
  readonly client: string;
  readonly about: string;
  /** The lines that the client of the balancer got; missing where there was none, or a long one. */
  readonly answer?: readonly string[];
  readonly packets: readonly AjpPacket[];
}

export function ajpRecordings(): (AjpRecording & { readonly file: string })[] {
  const path = join(ROOT, 'ajp');
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((file) => ({ file, ...(JSON.parse(readFileSync(join(path, file), 'utf8')) as AjpRecording) }));
}

/** The body that was sent; of a long one, an equal beginning and length. */
export function bodyOf({ body }: RecordedRequest): string {
  if (body === undefined || typeof body === 'string') return body ?? '';
  return body.starts.padEnd(body.length, body.starts.slice(-1));
}
