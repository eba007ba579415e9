import { Client } from 'undici';
import { addressOfUrl } from '../core/address.ts';
import { McmpError } from '../core/errors.ts';
import type { HttpAnswer, Pair } from './answer.ts';
import { encodeText } from './body.ts';
import { isLostConnection, slowFailure, transportFailure } from './failures.ts';
import { createConnector, type McmpClientTls } from './sockets.ts';

export interface McmpClientOptions {
  /** For one exchange, connecting included; default 10 s. */
  readonly timeoutMs?: number;
  /** Answers longer than this are refused; default 256 MiB (INFO of a million contexts takes 60). */
  readonly maxAnswerBytes?: number;
  readonly userAgent?: string;
  readonly tls?: McmpClientTls;
}

export interface SendOptions {
  /** Node-wide form: the target becomes `/*`. */
  readonly wildcard?: boolean;
  /** Request target, when `/` and `/*` are not meant. */
  readonly target?: string;
  /** Accept header: `text/xml` asks httpd for XML. */
  readonly accept?: string;
  /** Gives up early; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Instead of the client's own. */
  readonly timeoutMs?: number;
}

/** One MCMP endpoint over one kept connection; requests go out one after the other, as nodes send them (reference §9.2). */
export interface McmpConnection {
  /** As shown to people: `127.0.0.1:8090`, with the scheme when it is https. */
  readonly address: string;
  /**
   * Sends one command and reads the whole answer, whatever it is.
   * @throws McmpError when no HTTP answer came (unreachable, TLS, timed out, broken)
   */
  exchange(method: string, pairs: readonly Pair[], options?: SendOptions): Promise<HttpAnswer>;
  close(): Promise<void>;
}

interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  readonly accept: string | undefined;
  readonly signal: AbortSignal;
}

export const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** Longer than any balancer keeps an idle connection: it is the balancer that decides. */
const KEEP_IDLE_MS = 10 * 60_000;

/** A connection to the MCMP endpoint at `url`; its path, if any, is put in front of every target (`proxyURL`). */
export function createMcmpConnection(url: URL | string, options: McmpClientOptions = {}): McmpConnection {
  const base = new URL(url);
  const address = addressOfUrl(base);
  const prefix = base.pathname.replace(/\/+$/, '');
  const connector = createConnector(base, options.tls ?? {});
  const client = new Client(base.origin, {
    connect: connector.connect,
    pipelining: 1,
    keepAliveTimeout: KEEP_IDLE_MS,
    keepAliveMaxTimeout: KEEP_IDLE_MS,
    maxHeaderSize: 64 * 1024,
    // One deadline for the whole exchange instead (see `exchange`).
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  // Exchanges answered on the connection that is open now.
  let answered = 0;
  client.on('disconnect', () => {
    answered = 0;
  });

  const once = async ({ method, target, body, accept, signal }: Exchange): Promise<HttpAnswer> => {
    const startedMs = performance.now();
    const response = await client.request({
      method,
      path: target,
      headers: { 'user-agent': options.userAgent ?? 'mcmp', ...(accept === undefined ? {} : { accept }) },
      body: body === '' ? null : body,
      signal,
      // Without it undici closes the connection after every method it does not know to be idempotent.
      reset: false,
    });
    const text = await readBody(response.body, options.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES, address);
    answered += 1;
    return {
      method,
      target,
      status: response.statusCode,
      statusText: response.statusText,
      headers: headerMap(response.headers),
      body: text,
      elapsedMs: performance.now() - startedMs,
    };
  };

  return {
    address,
    close() {
      connector.drop();
      return client.destroy();
    },
    async exchange(method, pairs, sendOptions = {}) {
      const target = prefix + (sendOptions.target ?? (sendOptions.wildcard === true ? '/*' : '/'));
      const deadline = AbortSignal.timeout(sendOptions.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      const signal = sendOptions.signal === undefined ? deadline : AbortSignal.any([deadline, sendOptions.signal]);
      signal.addEventListener('abort', connector.drop, { once: true });
      const request = { method, target, body: encodeText(pairs), accept: sendOptions.accept, signal };
      try {
        const reused = answered > 0;
        try {
          return await once(request);
        } catch (error) {
          // The balancer closed a kept connection just as we spoke: not its fault, not ours. Every MCMP command may be
          // repeated, and Java nodes do the same (reference §9.2).
          if (!reused || !isLostConnection(error)) throw error;
          return await once(request);
        }
      } catch (error) {
        if (error instanceof McmpError) throw error;
        if (sendOptions.signal?.aborted === true) throw sendOptions.signal.reason;
        if (deadline.aborted) throw slowFailure(address, `${method} ${target}`, error);
        throw transportFailure(connector.reasonOf(error), address, `${method} ${target}`);
      } finally {
        signal.removeEventListener('abort', connector.drop);
      }
    },
  };
}

async function readBody(body: AsyncIterable<Buffer>, maxBytes: number, address: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new McmpError('protocol', 'MCMP_ANSWER_TOO_LONG', `${address} answered with more than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('latin1');
}

function headerMap(headers: Readonly<Record<string, string | string[] | undefined>>): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value);
  }
  return map;
}
