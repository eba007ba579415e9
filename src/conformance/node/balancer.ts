import { createServer, type Server, type Socket } from 'node:net';
import { formatAddress } from '../../core/address.ts';
import { McmpError } from '../../core/errors.ts';
import { kept, type RecordedExchange } from '../wire/recorded.ts';
import { isTaken, onFreePort } from './free-port.ts';
import { printReply, type Reaction, WELL } from './reactions.ts';
import { type NodeRequest, readRequest } from './request.ts';
import { createTables, type ToldNode } from './tables.ts';

/** A reaction, or one that depends on the message. */
export type React = Reaction | ((request: NodeRequest) => Reaction);

/** A balancer that we play: it answers well by default, and otherwise as it is told. */
export interface StagedBalancer {
  /** What the node is told. */
  readonly url: URL;
  /** `host:port`. */
  readonly address: string;
  /** Messages of the node, in the order in which they came. */
  readonly requests: readonly NodeRequest[];
  /** What it was told of nodes so far. */
  nodes(): readonly ToldNode[];
  /** By which its answers to STATUS tell it from others, and from itself before a restart. */
  id(): string;
  /**
   * From now on reacts so to a method (`*`: to all), so many times; a later rule goes before an earlier one.
   * @param times default: always
   */
  on(method: string, react: React, times?: number): void;
  /** Answers everything well again. */
  behave(): void;
  /** Loses what it was told, as a restart does. */
  forget(): void;
  /** Stops listening and cuts off who is connected. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** Closes the connections that are open, in an orderly way, and goes on listening. */
  closeConnections(): void;
  /** Connections that were opened so far, and those that are open now. */
  connections(): number;
  openConnections(): number;
  /** Bytes of connections on which no message could be read: what does not speak MCMP in clear. */
  unread(): string;
  /** Forgets the messages so far, what it was told and its rules, and tells somebody else from now on: the next case begins. */
  begin(watch: BalancerWatch): void;
  /** Forgets the messages that came before one. */
  dropBefore(request: NodeRequest): void;
  close(): Promise<void>;
}

export interface BalancerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Path of its URL; default none. */
  readonly path?: string;
  /** Scheme of its URL. Whatever it says, nothing but clear text is understood. */
  readonly scheme?: 'http' | 'https';
}

/** Who is told of what happens at a balancer. */
export interface BalancerWatch {
  /** Milliseconds of the case. */
  readonly nowMs: () => number;
  readonly record: (exchange: RecordedExchange) => void;
  /** Called whenever something has happened. */
  readonly onChange: () => void;
}

interface Rule {
  readonly method: string;
  readonly react: React;
  left: number;
}

/** No message of a node is nearly as long: a connection on which one goes on so far is lost. */
const MOST_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Enough to tell what is spoken there. */
const MOST_UNREAD_BYTES = 64 * 1024;

/** Starts to listen. @throws McmpError `MCMP_LISTEN` when the address cannot be had */
export async function startStagedBalancer(
  options: BalancerOptions,
  firstWatch: BalancerWatch,
): Promise<StagedBalancer> {
  const { host = '127.0.0.1', path = '', scheme = 'http' } = options;
  let watch = firstWatch;
  const onChange = (): void => watch.onChange();
  const tables = createTables();
  const sockets = new Set<Socket>();
  const requests: NodeRequest[] = [];
  let rules: Rule[] = [];
  let unread = '';
  let connections = 0;
  let server: Server | undefined;
  let port = options.port ?? 0;

  const reactionTo = (request: NodeRequest): Reaction => {
    const rule = rules.find((one) => one.left > 0 && (one.method === '*' || one.method === request.method));
    if (rule === undefined) return WELL;
    rule.left -= 1;
    return typeof rule.react === 'function' ? rule.react(request) : rule.react;
  };

  const leaveUnread = (text: string): void => {
    unread = (unread + text).slice(0, MOST_UNREAD_BYTES);
  };
  const serve = (socket: Socket): void => {
    connections += 1;
    const connection = connections;
    sockets.add(socket);
    let text = '';
    let isLost = false;
    let turn = Promise.resolve();
    const take = (request: NodeRequest): void => {
      requests.push(request);
      // In order, also when a node does not wait for its answers.
      turn = turn.then(() => perform(socket, request, reactionTo(request)));
      onChange();
    };
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      while (!isLost && text !== '') {
        const read = readRequest(text);
        if (read === 'incomplete' && text.length <= MOST_MESSAGE_BYTES) break;
        if (typeof read === 'string') isLost = true;
        else {
          text = text.slice(read.raw.length);
          take({ ...read, connection, atMs: watch.nowMs(), answeredAtMs: undefined, status: undefined });
        }
      }
      if (isLost || /^\x16\x03/.test(text)) {
        leaveUnread(text);
        text = '';
        onChange();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      leaveUnread(text);
      onChange();
    });
    onChange();
  };

  const perform = async (socket: Socket, request: NodeRequest, reaction: Reaction): Promise<void> => {
    const answered = (bytes: string, end: RecordedExchange['end'], status?: number): void => {
      const nowMs = watch.nowMs();
      request.answeredAtMs = nowMs;
      request.status = status;
      const address = balancer.address;
      watch.record({
        with: 'node',
        address,
        atMs: request.atMs,
        tookMs: nowMs - request.atMs,
        sent: kept(bytes),
        received: kept(request.raw),
        end,
      });
      onChange();
    };
    const send = (bytes: string, end: boolean, status?: number): void => {
      if (!socket.destroyed) socket.write(Buffer.from(bytes, 'latin1'));
      if (end) socket.end();
      answered(bytes, end ? 'closed' : 'open', status);
    };
    switch (reaction.kind) {
      case 'well': {
        const { bytes, status } = tables.answer(request);
        const closes = /\r\nConnection: close\r\n/.test(bytes);
        const adds = reaction.close && !closes;
        send(adds ? bytes.replace('\r\n', '\r\nConnection: close\r\n') : bytes, closes || adds, status);
        return;
      }
      case 'reply':
        // What is accepted is remembered, whatever else is said with it.
        if (reaction.status === 200) tables.answer(request);
        send(printReply(reaction), reaction.close, reaction.status);
        return;
      case 'bytes':
        if (reaction.oneByOne) await drip(socket, reaction.bytes);
        else if (!socket.destroyed) socket.write(Buffer.from(reaction.bytes, 'latin1'));
        if (reaction.end) socket.end();
        answered(reaction.bytes, reaction.end ? 'closed' : 'open');
        return;
      case 'half': {
        const { bytes } = tables.answer(request);
        send(bytes.slice(0, Math.floor(bytes.length / 2)), true);
        return;
      }
      case 'close':
        socket.end();
        answered('', 'closed');
        return;
      case 'reset':
        socket.resetAndDestroy();
        answered('', 'reset');
        return;
      case 'silence':
        return;
      case 'late':
        await new Promise((resolve) => setTimeout(resolve, reaction.ms));
        await perform(socket, request, reaction.then);
    }
  };

  const balancer: StagedBalancer = {
    get url() {
      const name = host.includes(':') ? `[${host}]` : host;
      return new URL(`${scheme}://${name}:${port}${path}`);
    },
    get address() {
      return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    },
    requests,
    nodes: tables.nodes,
    id: tables.id,
    on(method, react, times = Number.POSITIVE_INFINITY) {
      rules = [{ method, react, left: times }, ...rules];
    },
    behave() {
      rules = [];
    },
    forget: tables.forget,
    async goAway() {
      const closing = server;
      server = undefined;
      for (const socket of sockets) socket.destroy();
      if (closing !== undefined) await new Promise((resolve) => closing.close(resolve));
    },
    async comeBack() {
      if (server === undefined) await listen();
    },
    closeConnections() {
      for (const socket of sockets) socket.end();
    },
    connections: () => connections,
    openConnections: () => sockets.size,
    unread: () => unread,
    begin(next) {
      requests.splice(0);
      unread = '';
      rules = [];
      tables.forget();
      watch = next;
    },
    dropBefore(request) {
      requests.splice(0, requests.indexOf(request));
    },
    close: () => balancer.goAway(),
  };

  const listen = async (): Promise<void> => {
    const opened = createServer(serve);
    await new Promise<void>((resolve, reject) => {
      opened.once('error', reject);
      opened.listen(port, host, resolve);
    });
    const address = opened.address();
    if (typeof address === 'object' && address !== null) port = address.port;
    server = opened;
  };
  const listenOnFree = (): Promise<number> =>
    onFreePort(async (free) => {
      port = free;
      await listen();
    });
  await (options.port === undefined ? listenOnFree() : listen()).catch((error: unknown) => {
    throw cannotListen(host, port, error);
  });
  return balancer;
}

function cannotListen(host: string, port: number, error: unknown): McmpError {
  const why = isTaken(error) ? 'the port is taken' : error instanceof Error ? error.message : String(error);
  const where = formatAddress({ host, port });
  return new McmpError('unreachable', 'MCMP_LISTEN', `the judge cannot listen on ${where}: ${why}`, {
    cause: error,
    hint: 'Give another address with --listen, or none: then free ports of this machine are taken.',
  });
}

/** Each byte in a segment of its own, so that a reader has to put the answer together. */
async function drip(socket: Socket, text: string): Promise<void> {
  socket.setNoDelay(true);
  for (const byte of Buffer.from(text, 'latin1')) {
    if (socket.destroyed) return;
    await new Promise<void>((resolve) => socket.write(Buffer.of(byte), () => resolve()));
  }
}
