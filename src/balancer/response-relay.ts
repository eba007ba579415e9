import { bodyOfResponse, type ResponseBody, type ResponseHead, writeResponseHead } from '../core/http/index.ts';
import type { ClientConnection } from './client-connection.ts';
import { fillResponseOptions, responseOptions } from './forwarding.ts';
import type { RelayOutcome, ResponseWay } from './node-protocol.ts';
import { ResponseBodyReader } from './response-body.ts';
import { ResponseHeadReader } from './response-head-reader.ts';
import type { Upstream } from './upstream.ts';

/** Up to this size, a head and what came of its body leave as one string: one copy, but one system call. */
export const ONE_WRITE_BYTES = 16 * 1024;
/** 1xx responses to one request; each goes to the client at once, whether it reads or not. */
const MOST_INTERIM_RESPONSES = 64;
const LAST_CHUNK = '0\r\n\r\n';

/** The way of a response from a node that speaks HTTP to the client. */
export class ResponseRelay implements ResponseWay {
  begun = false;
  problem = '';
  sentBytes = 0;
  readonly #reader = new ResponseHeadReader();
  readonly #body = new ResponseBodyReader();
  readonly #options = responseOptions();
  #interimResponses = 0;

  reset(): void {
    this.begun = false;
    this.sentBytes = 0;
    this.#interimResponses = 0;
    this.#reader.reset();
  }

  get head(): ResponseHead {
    return this.#reader.head;
  }

  get endsByClosing(): boolean {
    return this.begun && this.#options.framing === 'close';
  }

  get keepsConnection(): boolean {
    return this.head.keepAlive;
  }

  take(client: ClientConnection, upstream: Upstream, buffer: Buffer, length: number): RelayOutcome {
    if (this.begun) return this.#passBody(client, upstream, buffer, 0, length);
    const { head } = this.#reader;
    let from = 0;
    do {
      const found = this.#reader.read(buffer, from, length, client.head.method, client.shared.headLimits);
      if (found === 'more') return 'more';
      if (found === 'broken') return this.#bad(this.#reader.problem);
      from = this.#reader.bodyStart;
      if (head.status === 101 && !switchesAsAsked(head.upgrade, client.head.upgrade)) {
        return this.#bad('it switched to a protocol that nobody asked for');
      }
      if (head.status >= 200 || head.status === 101) return this.#start(client, upstream, buffer, from, length);
      this.#interimResponses++;
      if (this.#interimResponses > MOST_INTERIM_RESPONSES) return this.#bad('it sends interim responses without end');
      if (client.head.minorVersion === 1) client.wire.write(this.#print(client, 'none'));
    } while (from < length);
    return 'more';
  }

  end(client: ClientConnection): boolean {
    if (!this.begun || this.#body.kind !== 'close') return false;
    if (this.#body.reframing === 'pack') {
      client.wire.write(LAST_CHUNK);
      this.sentBytes += LAST_CHUNK.length;
    }
    return true;
  }

  /** Passes bytes on as the response's framing wants them; of a tunnel, as they are. */
  pass(client: ClientConnection, upstream: Upstream, buffer: Buffer, from: number, to: number): void {
    if (from === to) return;
    const { wire } = client;
    this.sentBytes += to - from;
    if (this.#body.reframing === 'pack') {
      const sizeLine = `${(to - from).toString(16)}\r\n`;
      this.sentBytes += sizeLine.length + 2;
      wire.cork();
      wire.write(sizeLine);
      upstream.wire.passOn(wire, buffer, from, to);
      if (!wire.write('\r\n')) upstream.wire.pause();
      wire.uncork();
    } else if (!upstream.wire.passOn(wire, buffer, from, to)) {
      upstream.wire.pause();
    }
  }

  #start(client: ClientConnection, upstream: Upstream, buffer: Buffer, from: number, end: number): RelayOutcome {
    const { head, text, textEnd } = this.#reader;
    const body = this.#body;
    const kind = bodyOfResponse(head, client.head.method);
    body.begin(kind, head.contentLength, client.head.minorVersion);
    const printed = this.#print(client, kind);
    this.begun = true;
    if (kind === 'tunnel') {
      client.wire.write(printed);
      this.pass(client, upstream, buffer, from, end);
      return 'tunnel';
    }
    if (body.complete || from === end) {
      client.wire.write(printed);
      return body.complete ? doneAt(from, end) : 'more';
    }
    if (body.reframing !== 'pack' && end - from <= ONE_WRITE_BYTES && textEnd + end - from <= text.length) {
      return this.#startAsOneString(client, upstream, buffer, from, end, printed);
    }
    client.wire.cork();
    client.wire.write(printed);
    const outcome = this.#passBody(client, upstream, buffer, from, end);
    client.wire.uncork();
    return outcome;
  }

  /** What came of the body is small and stands in the head reader's text, too: head and body leave as one string. */
  #startAsOneString(
    client: ClientConnection,
    upstream: Upstream,
    buffer: Buffer,
    from: number,
    end: number,
    printed: string,
  ): RelayOutcome {
    const { text, textEnd } = this.#reader;
    const body = this.#body;
    const shift = textEnd - from;
    let unpacked = '';
    const unpacks = body.reframing === 'unpack';
    const to = unpacks
      ? body.follow(buffer, from, end, (a, b) => {
          unpacked += text.slice(a + shift, b + shift);
        })
      : body.follow(buffer, from, end);
    if (body.violation !== null) {
      this.begun = false;
      return this.#bad(body.violation.message);
    }
    const data = unpacks ? unpacked : text.slice(textEnd, to + shift);
    this.sentBytes += data.length;
    if (!client.wire.write(printed + data)) upstream.wire.pause();
    return body.complete ? doneAt(to, end) : 'more';
  }

  #passBody(client: ClientConnection, upstream: Upstream, buffer: Buffer, from: number, end: number): RelayOutcome {
    const body = this.#body;
    const unpacks = body.reframing === 'unpack';
    const to = unpacks
      ? body.follow(buffer, from, end, (a, b) => this.pass(client, upstream, buffer, a, b))
      : body.follow(buffer, from, end);
    if (body.violation !== null) return this.#broken(body.violation.message);
    if (!unpacks) this.pass(client, upstream, buffer, from, to);
    return body.complete ? doneAt(to, end) : 'more';
  }

  #print(client: ClientConnection, body: ResponseBody): string {
    fillResponseOptions(this.#options, client, this.#reader.head, body);
    return writeResponseHead(this.#reader.head, this.#options);
  }

  #bad(problem: string): RelayOutcome {
    this.problem = problem;
    return 'bad-response';
  }

  #broken(problem: string): RelayOutcome {
    this.problem = problem;
    return 'broken-body';
  }
}

function doneAt(to: number, end: number): RelayOutcome {
  return to === end ? 'done' : 'done-and-more';
}

/** Whether a node that says 101 switches to one of the protocols that the client offered (RFC 9110 §7.8). */
function switchesAsAsked(to: string, offered: string): boolean {
  const protocols = offered.toLowerCase().split(/[ \t]*,[ \t]*/);
  return to !== '' && protocols.includes(to.toLowerCase());
}
