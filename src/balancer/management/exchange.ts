import { isExpectedHost } from '../../core/address.ts';
import { headerValue } from '../../core/http/find-header.ts';
import { type HttpViolation, responseHead, simpleResponse, targetPath } from '../../core/http/index.ts';
import { ABOUT_HEADER, commandOf } from '../../core/mcmp/commands.ts';
import type { Dialect } from '../../core/mcmp/dialect.ts';
import { refusal } from '../../core/mcmp/errors.ts';
import { httpAnswer } from '../../core/mcmp/http-answer.ts';
import { answerOldCommand, type OldCommand, oldCommandOf } from '../../core/mcmp/old-commands.ts';
import { messageLimit } from '../../core/mcmp/parse.ts';
import type { McmpMethod, McmpReply } from '../../core/mcmp/types.ts';
import { errorAnswer } from '../answers.ts';
import type { ClientConnection, RequestHandler } from '../client-connection.ts';
import type { Origin } from '../cluster.ts';
import { certificateNameOf } from '../front/client-peer.ts';
import { carryOut, refused } from './carry-out.ts';
import { isForwarded } from './guard.ts';
import {
  errorOf,
  type ManagementAnswer,
  type ManagementRoute,
  type StreamedAnswer,
  type WholeAnswer,
} from './route.ts';
import { RunningStream } from './stream.ts';

const NO_BODY = Buffer.alloc(0);
const SMALLEST_BODY_BUFFER = 512;
/** Methods of HTTP (RFC 9110 §9, RFC 5789). */
const HTTP_METHODS: ReadonlySet<string> = new Set('GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH'.split(' '));
/** What is refused below is refused in JSON, as docs/api has it. */
const API_PATHS = '/api/';
const API_CODES: ReadonlyMap<number, string> = new Map([
  [403, 'MCMP_NOT_ALLOWED'],
  [404, 'MCMP_NO_SUCH_PATH'],
  [405, 'MCMP_WRONG_METHOD'],
  [408, 'MCMP_TIMED_OUT'],
  [413, 'MCMP_BODY_TOO_LARGE'],
  [421, 'MCMP_WRONG_HOST'],
  [503, 'MCMP_TOO_MANY_READERS'],
]);
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/**
 * A request to the management address: an MCMP message, or one of the paths of `routes.ts`. Peers are checked before a
 * byte of the body is read; a command is applied whole or not at all.
 */
export class ManagementExchange implements RequestHandler {
  readonly wantsDecodedBody = true;
  readonly #client: ClientConnection;
  /** Has room for more than came so far, so that a body in many small pieces costs no more than in one. */
  #body: Buffer = NO_BODY;
  #bodyBytes = 0;
  #maxBytes = 0;
  #truncates = false;
  /** All of the body that came, the part that is cut off included. */
  #seenBytes = 0;
  /** A message that is cut went on for too long: it is carried out, and no more of it is looked at. */
  #isCut = false;
  /** The request is answered or gone: what else comes is not looked at. */
  #over = false;
  /** When the body has to be there, however much of it drips in. */
  #deadlineMs = 0;
  #stream: RunningStream | null = null;
  #servedRequests = 0;

  constructor(client: ClientConnection) {
    this.#client = client;
  }

  /**
   * On a port that takes web traffic too, MCMP messages are meant for the balancer, and its own paths when whoever asks
   * may manage it, by one of its names, and no proxy stands between. Everybody else gets what the nodes serve under such a
   * path.
   */
  static isFor(client: ClientConnection): boolean {
    const { head, role, shared } = client;
    if (!role.traffic || isMessage(head.method, shared.cluster.dialect)) return true;
    const route = shared.routes.get(targetPath(head.target).path);
    return (
      route !== undefined &&
      route.onMcmpAlone !== true &&
      shared.mcmpAllowed(client.peer.remoteAddress) &&
      isExpectedHost(head.host, shared.options.mcmpHosts) &&
      !isForwarded(head)
    );
  }

  begin(): void {
    const client = this.#client;
    const { head, shared } = client;
    this.#body = NO_BODY;
    this.#bodyBytes = 0;
    this.#seenBytes = 0;
    this.#isCut = false;
    this.#over = false;
    this.#servedRequests++;
    this.#deadlineMs = shared.clock.nowMs + shared.options.headerTimeoutMs;
    if (!shared.mcmpAllowed(client.peer.remoteAddress)) {
      shared.log.warn('A peer that is not in --mcmp-allow was refused', {
        peer: client.peer.remoteAddress,
        method: head.method,
      });
      this.#refuse(
        403,
        'this address may not manage the balancer; the operator allows addresses with --mcmp-allow',
        'acl',
      );
      return;
    }
    if (!this.#isHonestHost()) {
      this.#refuse(421, 'this host name is not one of the management address; see --mcmp-host', 'host');
      return;
    }
    const { dialect } = shared.cluster;
    if (this.#isMessage && head.target === '*' && dialect.http.asteriskTarget === 'refuse') {
      this.#client.closeAfterResponse();
      this.#refuse(400, 'a message is sent to a path: /, or /* for a whole node', 'management', [], true);
      return;
    }
    const { over } = dialect.syntax.longBody;
    const limit = messageLimit(dialect, shared.options.limits, shared.options.maxMessageBytes);
    // One byte more shows that there was more.
    this.#maxBytes = over === 'drop' ? limit + 1 : limit;
    this.#truncates = over !== 'refuse' && this.#isMessage;
    if (!this.#truncates && head.contentLength > this.#maxBytes) this.#tooLarge();
    else if (!client.bodyDone) {
      if (head.expectContinue) client.wire.write(CONTINUE);
      // A peer that pipelines was paused while the message before this one was carried out.
      client.wire.resume();
    }
  }

  get #isMessage(): boolean {
    const { head, shared } = this.#client;
    return isMessage(head.method, shared.cluster.dialect);
  }

  onBody(buffer: Buffer, from: number, to: number): void {
    if (this.#over || this.#isCut) return;
    const room = this.#maxBytes - this.#bodyBytes;
    if (to - from > room && !this.#truncates) {
      this.#tooLarge();
      return;
    }
    const end = Math.min(to, from + room);
    const bodyBytes = this.#bodyBytes + end - from;
    if (bodyBytes > this.#body.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(bodyBytes, 2 * this.#body.length, SMALLEST_BODY_BUFFER));
      this.#body.copy(larger, 0, 0, this.#bodyBytes);
      this.#body = larger;
    }
    buffer.copy(this.#body, this.#bodyBytes, from, end);
    this.#bodyBytes = bodyBytes;
    this.#seenBytes += to - from;
    const { maxMessageBytes } = this.#client.shared.options;
    if (this.#truncates && this.#seenBytes > Math.max(maxMessageBytes, this.#maxBytes)) {
      this.#client.closeAfterResponse();
      this.onBodyDone();
      this.#isCut = true;
    }
  }

  onBodyDone(): void {
    if (this.#over || this.#isCut) return;
    const { head, shared } = this.#client;
    const { dialect } = shared.cluster;
    const method = commandOf(head.method, dialect);
    const oldCommand = method === undefined ? oldCommandOf(head.method, dialect) : undefined;
    if (oldCommand !== undefined) {
      this.#answerOldCommand(oldCommand);
      return;
    }
    const done = method === undefined ? this.#answerPath() : this.#carryOut(method);
    done.catch((error: unknown) => this.#fault(error));
  }

  onBadBody(violation: HttpViolation): void {
    this.#over = true;
    this.#client.refuse(violation);
  }

  onClientDrained(): void {
    this.#stream?.drained();
  }

  onClientGone(): void {
    this.#over = true;
    this.#body = NO_BODY;
    this.#stream?.lost();
    if (!this.#client.wire.destroyed) this.#client.abort();
  }

  tick(): void {
    const { clock, options } = this.#client.shared;
    const silentMs = clock.nowMs - this.#client.lastProgressMs;
    if (!this.#client.bodyDone && clock.nowMs > this.#deadlineMs) {
      this.#refuse(408, 'the message body did not arrive in time', 'client-timeout');
    } else if (this.#client.wire.pendingBytes > 0 && silentMs > options.idleTimeoutMs) {
      this.onClientGone();
    } else {
      this.#stream?.tick(clock.nowMs);
    }
  }

  async #carryOut(method: McmpMethod): Promise<void> {
    const { head, shared } = this.#client;
    const body = this.#body.toString('latin1', 0, this.#bodyBytes);
    this.#body = NO_BODY;
    const message = {
      method,
      target: head.target,
      body,
      accept: headerValue(head, 'accept'),
      aboutRoute: headerValue(head, ABOUT_HEADER.toLowerCase()),
    };
    const perform = () => carryOut(shared, message, this.#origin, () => !this.#over);
    // What changes something is small, and nodes wait for it; what only looks may be of any size.
    const mayBeLong = method === 'INFO' || method === 'DUMP';
    const reply = await (mayBeLong ? shared.answerBounds.make(perform) : perform());
    if (reply !== undefined && !this.#over) this.#reply(reply);
  }

  get #origin(): Extract<Origin, { readonly peer: string }> {
    const { peer } = this.#client;
    const certificate = certificateNameOf(peer);
    return { by: 'mcmp', peer: peer.remoteAddress, ...(certificate === undefined ? {} : { certificate }) };
  }

  #answerOldCommand(command: OldCommand): void {
    const { shared } = this.#client;
    const body = this.#body.toString('latin1', 0, this.#bodyBytes);
    const reply = answerOldCommand(command, body, shared.cluster.dialect);
    this.#body = NO_BODY;
    this.#reply(reply.ok ? reply : refused(shared, command, reply, this.#origin));
  }

  #reply(reply: McmpReply): void {
    const client = this.#client;
    this.#over = true;
    if (reply.ok && reply.silent === true) {
      client.abort();
      return;
    }
    const { answerBounds, cluster } = client.shared;
    const answer = httpAnswer(reply, cluster.dialect);
    if (!answerBounds.hasRoomFor(answer.body.length)) {
      this.#tooMuchUnread();
      return;
    }
    if (answer.close) client.closeAfterResponse();
    const headers = answer.headers.filter(([name]) => name !== 'Content-Length');
    // The body is a byte string already: only its length goes through the printer, which would encode it again.
    client.wire.write(
      simpleResponse(answer.status, this.#withOurs(headers), {
        omit: answer.body.length,
      }) + answer.body,
    );
    answerBounds.given(client.wire);
    client.responseDone();
  }

  /** The headers of each answer of ours, and what becomes of the connection. */
  #withOurs(headers: readonly (readonly [string, string])[]): [string, string][] {
    const client = this.#client;
    const { server, serverIn } = client.shared.cluster.dialect.http;
    const all: [string, string][] = serverIn === 'all' ? [['Server', server]] : [];
    for (const [name, value] of headers) all.push([name, value]);
    if (!client.settleKeepAlive()) all.push(['Connection', 'close']);
    else if (client.head.minorVersion === 0) all.push(['Connection', 'keep-alive']);
    return all;
  }

  async #answerPath(): Promise<void> {
    const client = this.#client;
    const { head, shared } = client;
    const { path, query } = targetPath(head.target);
    const route = shared.routes.get(path);
    if (route === undefined) {
      this.#refuseUnknown();
      return;
    }
    const method = head.method === 'HEAD' ? 'GET' : head.method;
    if (!isOneOf(route, method)) {
      // All MCMP goes to `/`: a method that HTTP does not have is a message that we do not know, whatever the path.
      if (!HTTP_METHODS.has(method)) {
        this.#refuseUnknown();
        return;
      }
      const allowed = route.methods.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', ');
      this.#refuse(405, `this path takes ${allowed}`, 'management', [['Allow', allowed]]);
      return;
    }
    const body = this.#body.subarray(0, this.#bodyBytes);
    this.#body = NO_BODY;
    const request = this.#servedRequests;
    const peer = client.peer.remoteAddress;
    const isEncrypted = client.peer.tls !== null;
    const make = () =>
      this.#over ? undefined : route.answer({ shared, method, path, query, head, body, peer, isEncrypted });
    const answer = await (route.atOnce === true ? make() : shared.answerBounds.make(make));
    // Meanwhile the client may have gone; its connection serves no other request before this one is answered.
    if (answer === undefined || this.#over || this.#servedRequests !== request) return;
    this.#give(answer);
  }

  #give(answer: ManagementAnswer): void {
    this.#over = true;
    if (answer.kind === 'whole') this.#giveWhole(answer);
    else this.#giveStream(answer);
  }

  #giveWhole({ status, headers, body }: WholeAnswer): void {
    const client = this.#client;
    const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    const { wire, shared } = client;
    if (!shared.answerBounds.hasRoomFor(bytes.length)) {
      this.#tooMuchUnread();
      return;
    }
    wire.cork();
    wire.write(simpleResponse(status, this.#withOurs(headers), { omit: bytes.length }));
    if (client.head.method !== 'HEAD' && bytes.length > 0) wire.write(bytes);
    wire.uncork();
    shared.answerBounds.given(wire);
    client.responseDone();
  }

  #giveStream(answer: StreamedAnswer): void {
    const client = this.#client;
    const chunked = client.head.minorVersion === 1;
    if (!chunked) client.closeAfterResponse();
    const framing: [string, string][] = chunked ? [['Transfer-Encoding', 'chunked']] : [];
    client.wire.write(responseHead(200, [...this.#withOurs(answer.headers), ...framing]));
    if (client.head.method === 'HEAD') {
      client.responseDone();
      return;
    }
    const stream = new RunningStream(client, () => {
      this.#stream = null;
    });
    this.#stream = stream;
    stream.start(answer);
  }

  #refuseUnknown(): void {
    const { head, shared } = this.#client;
    const { trafficErrors, unknownMethodStatus } = shared.cluster.dialect.http;
    const isWeb = head.method === 'GET' || head.method === 'HEAD' || head.method === 'POST';
    const words = isWeb
      ? 'there is nothing at this path of the management address; GET / says what there is'
      : 'this method is neither MCMP nor a question to the balancer';
    this.#refuse(isWeb ? 404 : unknownMethodStatus, words, 'management', [], trafficErrors === 'empty');
  }

  /**
   * Nodes are configured with whatever name the balancer has, so `Host` of an MCMP message proves nothing, unless a
   * browser sent it: browsers say so in Origin or Sec-Fetch-Site, which no script can leave out.
   */
  #isHonestHost(): boolean {
    const { head, shared } = this.#client;
    const fromNode = this.#isMessage && !this.#isFromBrowser();
    return fromNode || head.host === '' || isExpectedHost(head.host, shared.options.mcmpHosts);
  }

  #isFromBrowser(): boolean {
    const { head } = this.#client;
    return headerValue(head, 'origin') !== '' || headerValue(head, 'sec-fetch-site') !== '';
  }

  #tooLarge(): void {
    const { shared, head } = this.#client;
    this.#client.closeAfterResponse();
    if (!this.#isMessage) {
      this.#refuse(413, 'the body is longer than --max-message allows', 'management');
      return;
    }
    const reply = refusal('message-too-large', shared.cluster.dialect, { N: String(this.#maxBytes) });
    this.#reply(refused(shared, head.method, reply, this.#origin));
  }

  #tooMuchUnread(): void {
    this.#refuse(503, 'too much of earlier answers is not read yet', 'unread-answers', [['Retry-After', '5']]);
  }

  #refuse(
    status: number,
    reason: string,
    code: string,
    headers: readonly (readonly [string, string])[] = [],
    empty = false,
  ): void {
    const client = this.#client;
    this.#over = true;
    if (!this.#isMessage && targetPath(client.head.target).path.startsWith(API_PATHS)) {
      const error = { code: API_CODES.get(status) ?? 'MCMP_REFUSED', error: reason };
      this.#giveWhole(errorOf(status, error, [...headers, ['X-Mcmp-Reason', code]]));
      return;
    }
    const shape = { head: client.head.method === 'HEAD', keepAlive: client.settleKeepAlive(), headers, empty };
    client.wire.write(errorAnswer(status, reason, code, shape));
    client.responseDone();
  }

  #fault(error: unknown): void {
    this.#client.shared.onFault(error);
    this.#client.abort();
  }
}

/** Whether a method makes a message to the balancer of a request, in a dialect. */
function isMessage(method: string, dialect: Dialect): boolean {
  return commandOf(method, dialect) !== undefined || oldCommandOf(method, dialect) !== undefined;
}

function isOneOf(route: ManagementRoute, method: string): method is 'GET' | 'POST' {
  return route.methods.some((name) => name === method);
}
