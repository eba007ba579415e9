import {
  type ChunkScanner,
  checkPartialHead,
  createChunkScanner,
  createRequestHead,
  createResponseHead,
  findHeadEnd,
  type HeadLimits,
  parseRequestHead,
  parseResponseHead,
  type RequestHead,
  type ResponseHead,
} from '../../../src/core/http/index.ts';

export const LIMITS: HeadLimits = { maxHeadBytes: 16 * 1024, maxHeaderLines: 100 };

/** What became of bytes: the code of a violation, `ok` for a whole message, `incomplete` when more would have to come. */
export interface Outcome<Head> {
  readonly code: string;
  readonly head: Head;
  /** Bytes behind the message. */
  readonly rest: string;
  /** Decoded body. */
  readonly body: string;
  readonly trailer: string;
}

/** Reads one request as a connection would that receives the bytes in pieces of the given size. */
export function driveRequest(bytes: string, pieceBytes = bytes.length, limits = LIMITS): Outcome<RequestHead> {
  const head = createRequestHead();
  const { code, headEnd } = driveHead(bytes, pieceBytes, limits, (text, end) =>
    parseRequestHead(text, end, head, limits),
  );
  if (code !== 'ok') return { code, head, rest: '', body: '', trailer: '' };
  const rest = bytes.slice(headEnd);
  if (head.chunked) return { head, ...driveChunks(rest, pieceBytes) };
  const length = Math.max(0, head.contentLength);
  if (rest.length < length) return { code: 'incomplete', head, rest: '', body: rest, trailer: '' };
  return { code: 'ok', head, rest: rest.slice(length), body: rest.slice(0, length), trailer: '' };
}

/** Reads one response head in the same way; what follows it is `rest`. */
export function driveResponse(
  bytes: string,
  pieceBytes = bytes.length,
  method = 'GET',
  limits = LIMITS,
): Outcome<ResponseHead> {
  const head = createResponseHead();
  for (let end = Math.min(pieceBytes, bytes.length); ; end = Math.min(end + pieceBytes, bytes.length)) {
    const text = bytes.slice(0, end);
    const headEnd = findHeadEnd(text, 0);
    if (headEnd !== -1) {
      const violation = parseResponseHead(text, headEnd, head, method, limits);
      return { code: violation?.code ?? 'ok', head, rest: bytes.slice(headEnd), body: '', trailer: '' };
    }
    if (end === bytes.length) return { code: 'incomplete', head, rest: '', body: '', trailer: '' };
  }
}

type Parse = (text: string, headEnd: number) => { code: string } | null;

function driveHead(
  bytes: string,
  pieceBytes: number,
  limits: HeadLimits,
  parse: Parse,
): { code: string; headEnd: number } {
  let before = 0;
  for (let end = Math.min(pieceBytes, bytes.length); ; end = Math.min(end + pieceBytes, bytes.length)) {
    const text = bytes.slice(0, end);
    const headEnd = findHeadEnd(text, Math.max(0, before - 3));
    if (headEnd !== -1) return { code: parse(text, headEnd)?.code ?? 'ok', headEnd };
    const violation = checkPartialHead(text, limits);
    if (violation !== null) return { code: violation.code, headEnd: -1 };
    if (end === bytes.length) return { code: 'incomplete', headEnd: -1 };
    before = end;
  }
}

/** Reads a chunked body in pieces of the given size. */
export function driveChunks(
  bytes: string,
  pieceBytes = bytes.length,
  scanner: ChunkScanner = createChunkScanner(),
): Omit<Outcome<never>, 'head'> {
  const buffer = Buffer.from(bytes, 'latin1');
  let body = '';
  let pos = 0;
  while (pos < buffer.length && !scanner.done && scanner.violation === null) {
    const end = Math.min(pos + Math.max(1, pieceBytes), buffer.length);
    pos += scanner.scan(buffer, pos, end, (from, to) => {
      body += buffer.toString('latin1', from, to);
    });
  }
  const code = scanner.violation?.code ?? (scanner.done ? 'ok' : 'incomplete');
  return { code, body, trailer: scanner.trailerText, rest: buffer.toString('latin1', pos) };
}
