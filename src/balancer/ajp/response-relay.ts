import { STATUS_CODES } from 'node:http';
import { type AjpResponseHandler, AjpResponseReader, MOST_PACKET_BYTES } from '../../core/ajp/index.ts';
import { bodyOfResponse, createResponseHead, parseResponseHead, writeResponseHead } from '../../core/http/index.ts';
import type { ClientConnection } from '../client-connection.ts';
import { fillResponseOptions, responseOptions } from '../forwarding.ts';
import type { RelayOutcome, ResponseWay } from '../node-protocol.ts';
import { ResponseBodyReader } from '../response-body.ts';
import { ONE_WRITE_BYTES } from '../response-relay.ts';
import type { Upstream } from '../upstream.ts';
import type { AjpRequestRelay } from './request-relay.ts';

const LAST_CHUNK = '0\r\n\r\n';
/** A response that may be a refusal waits for its end no longer than this. */
const MOST_HELD_BYTES = 16 * 1024;

/**
 * The way of a response from a node that speaks AJP to the client. Its head is printed as HTTP and read as strictly as one of
 * an http node; the data goes on as it comes, in chunks when the node announced no length; END_RESPONSE ends it.
 */
export class AjpResponseRelay implements ResponseWay, AjpResponseHandler {
  begun = false;
  problem = '';
  sentBytes = 0;
  readonly head = createResponseHead();
  keepsConnection = false;
  readonly #request: AjpRequestRelay;
  // Nodes may be configured to send larger packets than they are sent; data is not kept here anyway.
  readonly #reader = new AjpResponseReader({ packetBytes: MOST_PACKET_BYTES });
  readonly #body = new ResponseBodyReader();
  readonly #options = responseOptions();
  /** Whose bytes are being read; only within `take`. */
  #client: ClientConnection | null = null;
  #upstream: Upstream | null = null;
  /** Written to the client in one piece at the end of what came. */
  #text = '';
  #corked = false;
  /** A head was understood. */
  #hasHead = false;
  /** It may be the node's refusal to talk with us: nothing is passed on before its end tells. */
  #held = false;
  #refused = false;
  #ended = false;

  /** @param request what the node asks for is taken from there */
  constructor(request: AjpRequestRelay) {
    this.#request = request;
  }

  reset(): void {
    this.begun = false;
    this.problem = '';
    this.sentBytes = 0;
    this.keepsConnection = false;
    this.#reader.reset();
    this.#text = '';
    this.#hasHead = false;
    this.#held = false;
    this.#refused = false;
    this.#ended = false;
  }

  get endsByClosing(): boolean {
    return this.begun && this.#options.framing === 'close';
  }

  take(client: ClientConnection, upstream: Upstream, buffer: Buffer, length: number): RelayOutcome {
    this.#client = client;
    this.#upstream = upstream;
    const read = this.#reader.read(buffer, 0, length, this);
    const { violation } = this.#reader;
    if (violation !== null && this.problem === '') this.problem = violation.message;
    const outcome = this.#outcome(read === length);
    if (outcome !== 'bad-response' && outcome !== 'refused' && !this.#held) this.#flush(client, upstream);
    if (this.#corked) {
      this.#corked = false;
      client.wire.uncork();
    }
    this.#client = null;
    this.#upstream = null;
    return outcome;
  }

  /** A node that closes too early has broken a promise, but not to a client that has everything it was promised. */
  end(): boolean {
    return this.begun && this.#body.complete;
  }

  /** There are no tunnels: a node that switches protocols has sent a bad response. */
  pass(): void {}

  // ---- what the node sends ----------------------------------------------------------------------------------------

  onHead(status: number, reason: string, headers: readonly string[]): void {
    const client = this.#client;
    if (client === null || this.problem !== '') return;
    if (status < 200) {
      this.problem = 'it sent an interim response, which AJP has none of';
      return;
    }
    const text = printed(status, reason, headers);
    const { method, minorVersion } = client.head;
    const violation = parseResponseHead(text, text.length, this.head, method, client.shared.headLimits);
    if (violation !== null) {
      this.problem = violation.message;
      return;
    }
    this.#hasHead = true;
    const kind = bodyOfResponse(this.head, method);
    this.#body.begin(kind, this.head.contentLength, minorVersion);
    fillResponseOptions(this.#options, client, this.head, kind);
    this.#text = writeResponseHead(this.head, this.#options);
    // A connection that served a request has passed the check of the secret, which does not change while it stands.
    this.#held = status === 403 && this.#upstream?.served === 0;
  }

  onData(buffer: Buffer, from: number, to: number): void {
    if (this.problem !== '') return;
    const body = this.#body;
    const end = body.kind === 'none' ? from : body.follow(buffer, from, to);
    if (from < end) this.#passOn(buffer, from, end);
    if (end < to) this.problem = 'its body is longer than it may be';
  }

  /** What came leaves at the end of `take` in any case. */
  onFlush(): void {}

  onBodyWanted(most: number): void {
    const client = this.#client;
    const upstream = this.#upstream;
    if (client === null || upstream === null || this.problem !== '') return;
    if (!this.#request.want(client, upstream, most, !this.#hasHead)) {
      this.problem = 'it asks for the body of the request in a way that cannot be answered';
    }
  }

  onEnd(reuse: boolean): void {
    if (this.problem !== '') return;
    this.#ended = true;
    this.keepsConnection = reuse;
    if (this.#held && !reuse) {
      this.#refused = true;
      this.problem = 'it refused the AJP secret of this balancer';
      return;
    }
    this.#held = false;
    if (this.#body.kind !== 'close') {
      if (!this.#body.complete) this.problem = 'its body is shorter than its Content-Length';
      return;
    }
    this.#body.complete = true;
    if (this.#body.reframing !== 'pack') return;
    this.#text += LAST_CHUNK;
    this.sentBytes += LAST_CHUNK.length;
  }

  onPong(): void {
    this.problem = 'it sent CPONG, which nobody asked for';
  }

  // ---- to the client ----------------------------------------------------------------------------------------------

  /** @param allRead nothing came behind the end */
  #outcome(allRead: boolean): RelayOutcome {
    if (this.#refused) return 'refused';
    // Who has all that was announced is not told of what the node does behind it; the connection is closed.
    const complete = this.#hasHead && this.#body.complete;
    if (this.problem !== '' && !complete) return this.begun ? 'broken-body' : 'bad-response';
    if (this.problem !== '') {
      this.#held = false;
      return 'done-and-more';
    }
    if (!this.#ended) return 'more';
    return allRead ? 'done' : 'done-and-more';
  }

  #passOn(buffer: Buffer, from: number, to: number): void {
    const client = this.#client;
    const upstream = this.#upstream;
    if (client === null || upstream === null) return;
    const sizeLine = this.#body.reframing === 'pack' ? `${(to - from).toString(16)}\r\n` : '';
    const lineEnd = sizeLine === '' ? '' : '\r\n';
    this.sentBytes += sizeLine.length + to - from + lineEnd.length;
    if (this.#held && this.#text.length + to - from > MOST_HELD_BYTES) this.#held = false;
    if (this.#held || this.#text.length + to - from <= ONE_WRITE_BYTES) {
      this.#text += sizeLine + buffer.toString('latin1', from, to) + lineEnd;
      return;
    }
    if (!this.#corked) {
      this.#corked = true;
      client.wire.cork();
    }
    this.#text += sizeLine;
    this.#flush(client, upstream);
    if (!upstream.wire.passOn(client.wire, buffer, from, to)) upstream.wire.pause();
    this.#text = lineEnd;
  }

  #flush(client: ClientConnection, upstream: Upstream): void {
    if (this.#hasHead) this.begun = true;
    if (this.#text === '') return;
    if (!client.wire.write(this.#text)) upstream.wire.pause();
    this.#text = '';
  }
}

/**
 * The head as HTTP has it. Tomcat sends the status as reason, or nothing: then the usual phrase stands there. How the body is
 * framed is said by AJP, so nothing else may say it. A 204 or 205 has no body, and Tomcat sends none; but it keeps the
 * Content-Length of what the application wrote, which over its HTTP connector it takes away.
 */
function printed(status: number, reason: string, headers: readonly string[]): string {
  const phrase = reason === '' || reason === String(status) ? (STATUS_CODES[status] ?? '') : reason;
  let text = `HTTP/1.1 ${status} ${phrase}\r\n`;
  const isEmpty = status === 204 || status === 205;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') continue;
    if (isEmpty && name.length === 14 && name.toLowerCase() === 'content-length') continue;
    text += `${name}: ${headers[i + 1] ?? ''}\r\n`;
  }
  // RFC 9110 §15.3.6 wants an end that is said.
  if (status === 205) text += 'Content-Length: 0\r\n';
  return `${text}\r\n`;
}
