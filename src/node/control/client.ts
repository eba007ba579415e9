import { Client, type Dispatcher } from 'undici';
import { slowFailure, transportFailure } from '../../client/failures.ts';
import { addressOfUrl } from '../../core/address.ts';
import { type FailureKind, McmpError } from '../../core/errors.ts';
import { SCHEMA_VERSION } from '../simulator/documents.ts';
import type { Answers, ControlEvent } from './documents.ts';
import { readEvents } from './read-events.ts';
import { type RouteName, routeRow } from './routes.ts';

export interface ControlClientOptions {
  readonly token?: string;
  /** For one exchange, connecting included; the wait for an action comes on top. */
  readonly timeoutMs: number;
}

/** What stands in the braces, behind the question mark and in the body of a call. */
export interface CallValues {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** How long the answer may take beyond the time-out. */
  readonly waitMs?: number;
}

/** A control API seen from outside. Everything throws McmpError: the API's own errors come through as they are. */
export interface ControlClient {
  /** As shown to people: `127.0.0.1:8099`. */
  readonly address: string;
  call<Name extends keyof Answers>(name: Name, values?: CallValues): Promise<Answers[Name]>;
  /** Events until the signal is aborted. @throws McmpError when the other side ends them */
  events(signal: AbortSignal): AsyncGenerator<ControlEvent>;
  close(): Promise<void>;
}

const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const START_HINT = 'Is node-sim running there, and was it started with --control? mcmp node-sim --help shows how.';

export function createControlClient(url: URL, options: ControlClientOptions): ControlClient {
  const address = addressOfUrl(url);
  const client = new Client(url.origin, { headersTimeout: 0, bodyTimeout: 0 });
  const headers = {
    'user-agent': 'mcmp',
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
  };

  const request = async (
    name: RouteName,
    values: CallValues,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> => {
    const { method } = routeRow(name);
    const hasBody = method !== 'GET' && method !== 'DELETE';
    return await client.request({
      method,
      path: targetOf(name, values),
      headers: hasBody ? { ...headers, 'content-type': 'application/json' } : headers,
      body: hasBody ? JSON.stringify(values.body ?? {}) : null,
      signal,
    });
  };

  return {
    address,
    async call<Name extends keyof Answers>(name: Name, values: CallValues = {}) {
      const exchange = `${routeRow(name).method} ${targetOf(name, values)}`;
      const deadline = AbortSignal.timeout(options.timeoutMs + (values.waitMs ?? 0));
      try {
        const response = await request(name, values, deadline);
        const document = parse(await readText(response.body, address), response.statusCode, address);
        // The other side has the same table and the same version of the documents.
        return document as Answers[Name];
      } catch (error) {
        if (deadline.aborted) throw withHint(slowFailure(address, exchange, error));
        throw error instanceof McmpError ? error : withHint(transportFailure(error, address, exchange));
      }
    },
    async *events(signal) {
      const connected = AbortSignal.timeout(options.timeoutMs);
      const answered = new AbortController();
      const abort = (): void => answered.abort();
      connected.addEventListener('abort', abort);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      try {
        const response = await request('watch', {}, answered.signal);
        connected.removeEventListener('abort', abort);
        if (response.statusCode !== 200) parse(await readText(response.body, address), response.statusCode, address);
        yield* readEvents(response.body, address);
      } catch (error) {
        if (signal.aborted) return;
        if (connected.aborted && error === answered.signal.reason) throw withHint(slowFailure(address, 'GET', error));
        throw error instanceof McmpError ? error : withHint(transportFailure(error, address, 'GET /v1/events'));
      } finally {
        signal.removeEventListener('abort', abort);
        connected.removeEventListener('abort', abort);
      }
      if (!signal.aborted) throw new McmpError('unreachable', 'MCMP_CONTROL_GONE', `${address} has ended the events`);
    },
    close: () => client.destroy(),
  };
}

/** The request target of a call. */
function targetOf(name: RouteName, { params = {}, query = {} }: CallValues): string {
  const path = routeRow(name).path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ''));
  const search = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return search.length === 0 ? path : `${path}?${search.join('&')}`;
}

async function readText(body: AsyncIterable<Buffer>, address: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw notControl(address, 'an answer that is far too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}

/** The document of an answer. @throws McmpError the one that the answer holds, or one that says it is no answer of ours */
function parse(text: string, status: number, address: string): object {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw notControl(address, `HTTP ${status} and no JSON`, cause);
  }
  if (typeof document !== 'object' || document === null || !('schemaVersion' in document)) {
    throw notControl(address, `HTTP ${status} and other JSON`);
  }
  if ('error' in document) throw errorOf(document.error, status, address);
  if (document.schemaVersion !== SCHEMA_VERSION) {
    throw new McmpError('protocol', 'MCMP_OTHER_VERSION', `${address} speaks another version of the control API`, {
      hint: 'Use the mcmp that node-sim runs with.',
    });
  }
  return document;
}

function errorOf(error: unknown, status: number, address: string): McmpError {
  if (typeof error !== 'object' || error === null) return notControl(address, `HTTP ${status}`);
  const fields = new Map<string, unknown>(Object.entries(error));
  const code = fields.get('code');
  const message = fields.get('message');
  const hint = fields.get('hint');
  if (typeof code !== 'string' || typeof message !== 'string') return notControl(address, `HTTP ${status}`);
  return new McmpError(
    KINDS.find((kind) => kind === fields.get('kind')) ?? 'protocol',
    code.startsWith('MCMP_') ? `MCMP_${code.slice(5)}` : 'MCMP_REFUSED',
    message,
    typeof hint === 'string' ? { hint } : {},
  );
}

/** A bug over there is none of the program that asked. */
const KINDS: readonly FailureKind[] = ['check-failed', 'usage', 'unreachable', 'refused', 'protocol', 'timeout'];

function notControl(address: string, answer: string, cause?: unknown): McmpError {
  return new McmpError(
    'protocol',
    'MCMP_NOT_CONTROL',
    `${address} is no control API of node-sim: it answers ${answer}`,
    {
      hint: 'The address is the one given to node-sim as --control, not that of a balancer or of a node.',
      cause,
    },
  );
}

function withHint({ kind, code, message, cause }: McmpError): McmpError {
  return new McmpError(kind, code.startsWith('MCMP_') ? `MCMP_${code.slice(5)}` : 'MCMP_FAILED', message, {
    hint: START_HINT,
    cause,
  });
}
