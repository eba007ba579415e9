import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

export const MAX_BODY_BYTES = 64 * 1024;

/**
 * Reads a JSON object, which is all that bodies of this API are; nothing at all is the empty object.
 *
 * @returns its members by name
 * @throws Refusal 400 or 413
 */
export async function readBody(request: IncomingMessage): Promise<ReadonlyMap<string, unknown>> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  if (bytes === 0) return new Map();
  const value = parse(Buffer.concat(chunks, bytes));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal(400, 'MCMP_BAD_BODY', 'the body has to be a JSON object');
  }
  return new Map<string, unknown>(Object.entries(value));
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(400, 'MCMP_BAD_BODY', `the body is not JSON: ${why}`, { cause });
  }
}

function tooLarge(): Refusal {
  return new Refusal(413, 'MCMP_BODY_TOO_LARGE', `the body is larger than ${MAX_BODY_BYTES} bytes`);
}
