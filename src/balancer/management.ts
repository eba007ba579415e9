import { isExpectedHost, withoutBrackets } from '../core/address.ts';
import { needOf } from '../core/cluster/apply.ts';
import type { ClusterCommand } from '../core/cluster/types.ts';
import { headerValue } from '../core/http/find-header.ts';
import { type HttpViolation, simpleResponse, targetPath } from '../core/http/index.ts';
import { decodeValue } from '../core/mcmp/body.ts';
import { textOf } from '../core/mcmp/bytes.ts';
import { ABOUT_HEADER, methodOf } from '../core/mcmp/commands.ts';
import { RELEASE } from '../core/mcmp/dialect.ts';
import { CommandError, refusal } from '../core/mcmp/errors.ts';
import { httpAnswer } from '../core/mcmp/http-answer.ts';
import { messageLimit, parseCommand } from '../core/mcmp/parse.ts';
import type { McmpCommand, McmpMethod, McmpReply } from '../core/mcmp/types.ts';
import { errorAnswer } from './answers.ts';
import type { ClientConnection, RequestHandler } from './client-connection.ts';
import { isOwnAddress } from './own-address.ts';
import { pingAddress } from './ping.ts';
import { QUESTIONS } from './questions.ts';

const NO_BODY = Buffer.alloc(0);
const SMALLEST_BODY_BUFFER = 512;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/**
 * A request to the management address: an MCMP message, or a question about the balancer. Peers are checked before a byte
 * of the body is read; a command is applied whole or not at all.
 */
export class ManagementExchange implements RequestHandler {
  readonly wantsDecodedBody = true;
  readonly #client: ClientConnection;
  /** Has room for more than came so far, so that a body in many small pieces costs no more than in one. */
  #body: Buffer = NO_BODY;
  #bodyBytes = 0;
  #maxBytes = 0;
  #truncates = false;
  /** The request is answered or gone: what else comes is not looked at. */
  #over = false;
  /** When the body has to be there, however much of it drips in. */
  #deadlineMs = 0;

  constructor(client: ClientConnection) {
    this.#client = client;
  }

  /** On a port that takes web traffic too, only MCMP messages and the balancer's own questions are meant. */
  static isFor(client: ClientConnection): boolean {
    const { head, role } = client;
    return !role.traffic || methodOf(head.method) !== undefined || QUESTIONS.has(targetPath(head.target).path);
  }

  begin(): void {
    const client = this.#client;
    const { head, shared } = client;
    this.#body = NO_BODY;
    this.#bodyBytes = 0;
    this.#over = false;
    this.#deadlineMs = shared.clock.nowMs + shared.options.headerTimeoutMs;
    if (!shared.mcmpAllowed(client.remoteAddress)) {
      shared.log.warn('A peer that is not in --mcmp-allow was refused', {
        peer: client.remoteAddress,
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
    this.#maxBytes = messageLimit(dialect, shared.options.limits, shared.options.maxMessageBytes);
    this.#truncates = dialect.syntax.longBody.over === 'truncate';
    if (!this.#truncates && head.contentLength > this.#maxBytes) this.#tooLarge();
    else if (head.expectContinue && !client.bodyDone) client.wire.write(CONTINUE);
  }

  onBody(buffer: Buffer, from: number, to: number): void {
    if (this.#over) return;
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
  }

  onBodyDone(): void {
    if (this.#over) return;
    const { head } = this.#client;
    const method = methodOf(head.method);
    if (method === undefined) this.#answerQuestion();
    else void this.#carryOut(method).catch((error: unknown) => this.#fault(error));
  }

  onBadBody(violation: HttpViolation): void {
    this.#over = true;
    this.#client.refuse(violation);
  }

  onClientDrained(): void {}

  onClientGone(): void {
    this.#over = true;
    this.#body = NO_BODY;
    if (!this.#client.wire.destroyed) this.#client.abort();
  }

  tick(): void {
    const { clock, options } = this.#client.shared;
    const silentMs = clock.nowMs - this.#client.lastProgressMs;
    if (!this.#client.bodyDone && clock.nowMs > this.#deadlineMs) {
      this.#refuse(408, 'the message body did not arrive in time', 'client-timeout');
    } else if (this.#client.wire.pendingBytes > 0 && silentMs > options.idleTimeoutMs) {
      this.onClientGone();
    }
  }

  async #carryOut(method: McmpMethod): Promise<void> {
    const { head, shared } = this.#client;
    const body = this.#body.toString('latin1', 0, this.#bodyBytes);
    this.#body = NO_BODY;
    const { dialect } = shared.cluster;
    const command = parseCommand(method, head.target, body, headerValue(head, 'accept'), dialect, {
      defaultBalancer: shared.options.defaultBalancer,
      maxMessageBytes: this.#maxBytes,
    });
    if (command instanceof CommandError) {
      this.#reply(command.refusal, method);
      return;
    }
    if (command.kind === 'CONFIG' && isOwnAddress(command.node.host, command.node.port, shared.ownPorts)) {
      this.#reply(refusal('own-address', dialect), method);
      return;
    }
    const asked = await this.#ask(command);
    if (this.#over) return;
    this.#reply(shared.cluster.apply(this.#narrowed(asked)), command.kind);
  }

  /** INFO of one node, when the dialect and the peer want it so. */
  #narrowed(command: ClusterCommand): ClusterCommand {
    const { head, shared } = this.#client;
    const { replies, syntax } = shared.cluster.dialect;
    if (command.kind !== 'INFO' || !replies.infoOfOneNode) return command;
    const route = headerValue(head, ABOUT_HEADER.toLowerCase());
    return route === '' ? command : { ...command, route: decodeValue(route, syntax.plusIsSpace) };
  }

  /** Finds out what the machine has to know about the world before it can apply a command. */
  async #ask(command: McmpCommand): Promise<ClusterCommand> {
    const { cluster, health } = this.#client.shared;
    const need = needOf(cluster.state, command);
    if (need.kind === 'nothing') return command;
    if (need.kind === 'ping-address') {
      const host = withoutBrackets(need.host);
      const port = Number(need.port);
      const { reachable } = await pingAddress(need.scheme, host, port, ADDRESS_PING_MS, cluster.dialect.ping);
      return command.kind === 'PING' ? { ...command, reachable } : command;
    }
    const node = cluster.node(need.route);
    if (node === undefined) return command;
    const { reachable, reason } = await health.ping(node);
    if (command.kind === 'CONFIG') return { ...command, incumbentReachable: reachable };
    if (command.kind === 'STATUS') return reachable ? { ...command, reachable } : { ...command, reachable, reason };
    return command.kind === 'PING' ? { ...command, reachable } : command;
  }

  #reply(reply: McmpReply, what: string): void {
    const client = this.#client;
    const { shared } = client;
    this.#over = true;
    if (!reply.ok) {
      shared.log.warn('An MCMP message was refused', {
        peer: client.remoteAddress,
        command: what,
        problem: textOf(reply.mess),
        detail: textOf(reply.detail),
      });
    }
    const answer = httpAnswer(reply, shared.cluster.dialect);
    if (answer.close) client.closeAfterResponse();
    const headers: [string, string][] = [['Server', RELEASE]];
    for (const [name, value] of answer.headers) if (name !== 'Content-Length') headers.push([name, value]);
    const keepAlive = client.settleKeepAlive();
    if (!keepAlive) headers.push(['Connection', 'close']);
    else if (client.head.minorVersion === 0) headers.push(['Connection', 'keep-alive']);
    // The body is a byte string already: only its length goes through the printer, which would encode it again.
    client.wire.write(simpleResponse(answer.status, headers, { omit: answer.body.length }) + answer.body);
    client.responseDone();
  }

  #answerQuestion(): void {
    const client = this.#client;
    const { head, shared } = client;
    this.#over = true;
    if (head.method !== 'GET' && head.method !== 'HEAD') {
      this.#refuse(501, 'this method is neither MCMP nor a question to the balancer', 'management');
      return;
    }
    const question = QUESTIONS.get(targetPath(head.target).path);
    if (question === undefined) {
      this.#refuse(404, 'this is the MCMP address of the balancer; try: mcmp send INFO', 'management');
      return;
    }
    const { status, json } = question(shared, head.target);
    const body = `${JSON.stringify(json)}\n`;
    const headers: [string, string][] = [
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'no-store'],
      ['X-Content-Type-Options', 'nosniff'],
      ['Server', RELEASE],
    ];
    if (!client.settleKeepAlive()) headers.push(['Connection', 'close']);
    client.wire.write(
      simpleResponse(status, headers, head.method === 'HEAD' ? { omit: Buffer.byteLength(body) } : body),
    );
    client.responseDone();
  }

  /**
   * Nodes are configured with whatever name the balancer has, so `Host` of an MCMP message proves nothing, unless a
   * browser sent it: browsers say so in Origin or Sec-Fetch-Site, which no script can leave out.
   */
  #isHonestHost(): boolean {
    const { head, shared } = this.#client;
    const fromNode = methodOf(head.method) !== undefined && !this.#isFromBrowser();
    return fromNode || head.host === '' || isExpectedHost(head.host, shared.options.mcmpHosts);
  }

  #isFromBrowser(): boolean {
    const { head } = this.#client;
    return headerValue(head, 'origin') !== '' || headerValue(head, 'sec-fetch-site') !== '';
  }

  #tooLarge(): void {
    this.#client.closeAfterResponse();
    this.#reply(
      refusal('message-too-large', this.#client.shared.cluster.dialect, { N: String(this.#maxBytes) }),
      'body',
    );
  }

  #refuse(status: number, reason: string, code: string): void {
    const client = this.#client;
    this.#over = true;
    const shape = { head: client.head.method === 'HEAD', keepAlive: client.settleKeepAlive() };
    client.wire.write(errorAnswer(status, reason, code, shape));
    client.responseDone();
  }

  #fault(error: unknown): void {
    this.#client.shared.onFault(error);
    this.#client.abort();
  }
}

/** For an address without a node there is no `ping` to go by (reference §2.4). */
const ADDRESS_PING_MS = 10_000;
