import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type AjpForwardRequest,
  type AjpRequestHandler,
  AjpRequestReader,
  CPING,
  CPONG,
  END_RESPONSE_CLOSE,
  END_RESPONSE_REUSE,
  getBodyChunk,
  mostBodyBytes,
} from '../../../core/ajp/index.ts';
import { type AjpArrival, noteArrival } from '../arrival.ts';
import { finish, linger } from '../endings.ts';
import { KEEP_IDLE_MS, serveCarried } from '../http-front.ts';
import { type AjpRefusal, admit } from './admission.ts';
import type { AjpDistortion, AjpWire } from './ajp-wire.ts';
import { AnswerPackets } from './answer-packets.ts';
import { carriedHead, createCarrier, targetOf } from './carrier.ts';
import { refusalOf, refusalPackets } from './refusal.ts';

export interface AjpFrontOptions {
  /** Of the secret that balancers have to say; undefined: none. */
  readonly secretDigest: Buffer | undefined;
  /** The most that a packet has, in both directions. */
  readonly packetBytes: number;
}

/** Who answers what comes over a connection. */
export interface AjpAnswerer {
  request(request: IncomingMessage, response: ServerResponse): void;
  /** A balancer asks whether the node is there; `pong` says yes. */
  ping(pong: () => void): void;
}

/** One request, from its packet to the end of its answer. */
interface Turn {
  readonly arrival: AjpArrival;
  /** Packets of its body that are on their way: the first one comes unasked, the others because they were asked for. */
  owed: number;
  bodyIsOver: boolean;
  /** The application has begun to read the body. */
  isRead: boolean;
  /** The application has answered, and END_RESPONSE waits for what is owed. */
  answerIsOver: boolean;
  /** END_RESPONSE has been said by somebody else, or must not be. */
  isSaid: boolean;
  readonly distortions: Set<AjpDistortion>;
}

/** Bytes behind the request that is being answered, before the balancer has to wait. */
const MOST_WAITING_BYTES = 128 * 1024;
/** Requests with these methods have a body only when they say how long it is, or that it is chunked. */
const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const CRLF = Buffer.from('\r\n');

/**
 * Reads AJP/1.3 from a connection and has each request answered, one after the other, by whoever answers HTTP (reference §6.5).
 * It behaves like a servlet container: the first packet of a body with a Content-Length comes unasked, the others are asked
 * for as the application reads, and END_RESPONSE leaves the rest of a body that nobody wants with the balancer.
 */
export function serveAjp(stream: Duplex, socket: Socket, options: AjpFrontOptions, answerer: AjpAnswerer): AjpWire {
  const { packetBytes, secretDigest } = options;
  const answer = new AnswerPackets(packetBytes);
  let reader: AjpRequestReader | undefined;
  let rest: Buffer | undefined;
  let isReading = false;
  let isClosed = false;
  let turn: Turn | undefined;
  let carrier: Duplex | undefined;
  let isWanted = false;
  /** What comes is read, but for nothing. */
  let isDeaf = false;

  const say = (bytes: Buffer, done?: () => void): void => {
    if (stream.writable) stream.write(bytes, () => done?.());
    else done?.();
  };

  /** Who says nothing is not kept for ever, but an application may take its time. */
  const watchTime = (): void => {
    socket.setTimeout(turn === undefined || turn.owed > 0 ? KEEP_IDLE_MS : 0);
  };

  const dropCarrier = (): void => {
    const dropped = carrier;
    carrier = undefined;
    dropped?.destroy();
  };

  /** No more is read or said; what was said still goes out. */
  const close = (how: 'at once' | 'lingering'): void => {
    if (isClosed) return;
    isClosed = true;
    rest = undefined;
    turn = undefined;
    dropCarrier();
    if (how === 'lingering') linger(stream);
    else stream.destroy();
  };

  const refuse = (refusal: AjpRefusal | undefined): void => {
    if (refusal === undefined) {
      close('at once');
      return;
    }
    say(refusalPackets(refusal, packetBytes));
    close('lingering');
  };

  const push = (bytes: Buffer): void => {
    isWanted = false;
    carrier?.push(bytes);
  };

  const endBody = (ended: Turn): void => {
    if (ended.bodyIsOver || ended !== turn) return;
    ended.bodyIsOver = true;
    if (!ended.answerIsOver) push(Buffer.from('0\r\n\r\n'));
  };

  const ask = (): void => {
    if (turn === undefined || !turn.isRead || !isWanted) return;
    if (turn.owed > 0 || turn.bodyIsOver || turn.answerIsOver) return;
    if (turn.distortions.has('body-not-asked')) {
      // The HTTP server may be in the middle of reading the head.
      setImmediate(endBody, turn);
      return;
    }
    const times = turn.distortions.has('body-asked-twice') ? 2 : 1;
    const question = getBodyChunk(mostBodyBytes(packetBytes));
    for (let i = 0; i < times; i++) reader?.expectBody();
    turn.owed += times;
    say(Buffer.concat(new Array<Buffer>(times).fill(question)));
    watchTime();
  };

  /** END_RESPONSE, as soon as nothing of this request is on its way any more: what came later would be read as the next. */
  const endTurn = (): void => {
    if (turn === undefined || !turn.answerIsOver) return;
    if (!answer.keepsAlive && !turn.isSaid) {
      say(END_RESPONSE_CLOSE);
      close('lingering');
      return;
    }
    if (turn.owed > 0) return;
    if (!turn.isSaid) say(turn.distortions.has('no-reuse') ? END_RESPONSE_CLOSE : END_RESPONSE_REUSE);
    const isClean = turn.bodyIsOver;
    turn = undefined;
    // The HTTP server waits for the end of a body that will not come.
    if (!isClean) dropCarrier();
    watchTime();
    read();
  };

  const hear = (bytes: Buffer, done: () => void): void => {
    if (turn === undefined || turn.answerIsOver) {
      done();
      return;
    }
    const packets = answer.take(bytes);
    if (packets === null) {
      refuse({ status: 500, why: 'the head of the answer does not fit a packet' });
      done();
      return;
    }
    say(packets, done);
    if (!answer.isOver) return;
    turn.answerIsOver = true;
    endTurn();
  };

  const carrierEnded = (): void => {
    if (turn === undefined || turn.answerIsOver) return;
    // The HTTP server has ended its connection in the middle of an answer, or without one.
    if (answer.endsWithConnection) {
      say(END_RESPONSE_CLOSE);
      close('lingering');
    } else {
      close('at once');
    }
  };

  const openCarrier = (): Duplex => {
    const opened: Duplex = createCarrier(socket, {
      wanted: () => {
        if (carrier !== opened) return;
        isWanted = true;
        ask();
      },
      said: (bytes, done) => (carrier === opened ? hear(bytes, done) : done()),
      ended: () => {
        if (carrier !== opened) return;
        carrier = undefined;
        carrierEnded();
      },
    });
    carrier = opened;
    serveCarried(opened, (request, response) => {
      if (turn === undefined) return;
      tellTruth(request, turn.arrival.request);
      noteArrival(request, turn.arrival);
      const its = turn;
      whenRead(request, () => {
        its.isRead = true;
        ask();
      });
      answerer.request(request, response);
    });
    return opened;
  };

  const begin = (request: AjpForwardRequest, contentLength: number): void => {
    const secret = admit(request, secretDigest);
    if (typeof secret !== 'string') {
      refuse(secret);
      return;
    }
    const mayHaveBody = contentLength > 0 || (contentLength === -1 && asksForBody(request));
    turn = {
      arrival: { kind: 'ajp', request, contentLength, secret },
      owed: contentLength > 0 ? 1 : 0,
      bodyIsOver: !mayHaveBody,
      isRead: false,
      answerIsOver: false,
      isSaid: false,
      distortions: new Set(),
    };
    answer.begin(request.method);
    watchTime();
    if (carrier === undefined) openCarrier();
    push(Buffer.from(carriedHead(request, contentLength === 0 ? 'empty' : mayHaveBody ? 'chunked' : 'none'), 'latin1'));
  };

  const packetCame = (): void => {
    if (turn === undefined) return;
    // What follows belongs to the next request, or nowhere.
    reader?.stop();
    turn.owed -= 1;
    watchTime();
    if (turn.answerIsOver) endTurn();
    else ask();
  };

  const handler: AjpRequestHandler = {
    onForwardRequest(request, contentLength) {
      // The next one waits for the end of this one, and is not even read before.
      reader?.stop();
      begin(request, contentLength);
    },
    onBody(bytes, from, to) {
      if (turn === undefined || turn.answerIsOver) return;
      push(Buffer.concat([Buffer.from(`${(to - from).toString(16)}\r\n`), bytes.subarray(from, to), CRLF]));
    },
    onBodyPacketEnd: packetCame,
    onBodyEnd() {
      if (turn === undefined) return;
      endBody(turn);
      packetCame();
    },
    onCping() {
      // So that who asks and does not listen is not read for long.
      reader?.stop();
      answerer.ping(() => say(CPONG));
    },
    onShutdown: () => close('at once'),
  };

  const mayRead = (): boolean =>
    !isClosed && !isDeaf && !stream.writableNeedDrain && (turn === undefined || turn.owed > 0);

  const read = (): void => {
    // What a handler sets in motion may lead here again.
    if (isReading) return;
    isReading = true;
    while (rest !== undefined && mayRead()) {
      reader ??= new AjpRequestReader({ packetBytes });
      const bytes = rest;
      const at = reader.read(bytes, 0, bytes.length, handler);
      if (isClosed) break;
      rest = at < bytes.length ? bytes.subarray(at) : undefined;
      if (reader.violation !== null) refuse(turn === undefined ? refusalOf(reader.violation) : undefined);
    }
    isReading = false;
    if (isClosed) return;
    if (rest !== undefined && rest.length > MOST_WAITING_BYTES) stream.pause();
    else stream.resume();
  };

  const isFresh = (): boolean => turn === undefined && rest === undefined && reader === undefined && !isClosed;

  stream.on('data', (bytes: Buffer) => {
    if (isClosed || isDeaf) return;
    // A large fleet that idles does little but this.
    if (isFresh() && !stream.writableNeedDrain && bytes.equals(CPING)) {
      answerer.ping(() => say(CPONG));
      return;
    }
    rest = rest === undefined ? bytes : Buffer.concat([rest, bytes]);
    read();
  });
  stream.on('drain', read);
  stream.on('end', () => {
    // As the HTTP server does: a balancer that ends its side has no use for an answer.
    if (isClosed) return;
    isClosed = true;
    turn = undefined;
    dropCarrier();
    finish(stream);
  });
  stream.on('close', () => {
    isClosed = true;
    turn = undefined;
    dropCarrier();
  });
  socket.on('timeout', () => close('at once'));
  watchTime();

  return {
    packetBytes,
    sayInstead(bytes, then) {
      if (turn === undefined || turn.answerIsOver) return;
      say(bytes);
      if (then === 'close') {
        close('lingering');
      } else if (then === 'fin') {
        isDeaf = true;
        rest = undefined;
        stream.end();
        watchTime();
      } else {
        turn.answerIsOver = true;
        turn.isSaid = true;
        dropCarrier();
        endTurn();
      }
    },
    distort(how) {
      turn?.distortions.add(how);
    },
  };
}

/** Tells each time when somebody wants to read more of a body than is there. */
function whenRead(incoming: IncomingMessage, tell: () => void): void {
  const read = incoming._read;
  incoming._read = (size) => {
    tell();
    read.call(incoming, size);
  };
}

/** What the carrier could not say as it was. */
function tellTruth(incoming: IncomingMessage, request: AjpForwardRequest): void {
  incoming.method = request.method;
  incoming.url = targetOf(request);
  incoming.httpVersion = request.protocol.replace(/^HTTP\//, '');
  incoming.rawHeaders = request.headers.flat();
}

/** Without a Content-Length only the answer to GET_BODY_CHUNK says whether there is a body; servlets that expect one ask. */
function asksForBody({ method, headers }: AjpForwardRequest): boolean {
  return !BODILESS.has(method) || headers.some(([name]) => name.toLowerCase() === 'transfer-encoding');
}
