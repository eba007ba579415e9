import { connect, type Socket } from 'node:net';
import {
  type AjpForwardRequest,
  AjpResponseReader,
  bodyPacketHead,
  CPING,
  DEFAULT_PACKET_BYTES,
  EMPTY_BODY_PACKET,
  MOST_PACKET_BYTES,
  mostBodyBytes,
  writeForwardRequest,
} from '../../../src/core/ajp/index.ts';
import { freeAfter } from '../../support/cleanup.ts';

/** What came back by AJP. */
export interface AjpAnswer {
  readonly status: number;
  readonly reason: string;
  /** Lower-cased names. */
  readonly headers: ReadonlyMap<string, string>;
  /** Read as UTF-8. */
  readonly body: string;
  /** Of END_RESPONSE. */
  readonly reuse: boolean;
  /** What happened, in its order: `head`, `data`, `flush`, `asked`, `end`. */
  readonly events: readonly string[];
}

export interface AjpClient {
  readonly socket: Socket;
  /** Sends a request with its body, the first packet of it unasked when it has a length. */
  ask(request: Partial<AjpForwardRequest>, body?: Buffer): Promise<AjpAnswer>;
  /** Sends bytes, and nothing in answer to what comes. */
  write(bytes: Buffer): void;
  /** Resolves with the next answer. */
  answer(): Promise<AjpAnswer>;
  ping(): Promise<void>;
  /** Resolves when the node has closed the connection; with what came that nobody waited for. */
  closed(): Promise<readonly AjpAnswer[]>;
}

export function ajpRequest(request: Partial<AjpForwardRequest> = {}): Buffer {
  const packet = writeForwardRequest(
    {
      method: 'GET',
      protocol: 'HTTP/1.1',
      uri: '/app',
      remoteAddress: '192.0.2.7',
      remoteHost: null,
      serverName: 'shop.example',
      serverPort: 80,
      isSsl: false,
      headers: [],
      attributes: [],
      ...request,
    },
    MOST_PACKET_BYTES,
  );
  if (packet === null) throw new RangeError('the request does not fit a packet');
  return packet;
}

/** A balancer's side of one AJP connection, for tests. */
export async function openAjp(port: number, packetBytes = DEFAULT_PACKET_BYTES): Promise<AjpClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  freeAfter(() => {
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const reader = new AjpResponseReader({ packetBytes });
  const answers: AjpAnswer[] = [];
  let isClosed = false;
  let pongs = 0;
  let body: Buffer = Buffer.alloc(0);
  let answersAsking = false;
  let failure: Error | undefined;
  let wake = (): void => {};

  let events: string[] = [];
  let head = { status: 0, reason: '', headers: new Map<string, string>() };
  let data = '';
  const sendBody = (): void => {
    const part = body.subarray(0, mostBodyBytes(packetBytes));
    body = body.subarray(part.length);
    socket.write(part.length === 0 ? EMPTY_BODY_PACKET : Buffer.concat([bodyPacketHead(part.length), part]));
  };
  const handler = {
    onHead(status: number, reason: string, headers: readonly string[]) {
      events.push('head');
      const pairs = headers.flatMap((name, at): [string, string][] =>
        at % 2 === 0 ? [[name.toLowerCase(), headers[at + 1] ?? '']] : [],
      );
      head = { status, reason, headers: new Map(pairs) };
    },
    onData(buffer: Buffer, from: number, to: number) {
      if (events.at(-1) !== 'data') events.push('data');
      data += buffer.toString('latin1', from, to);
    },
    onFlush: () => void events.push('flush'),
    onEnd(reuse: boolean) {
      events.push('end');
      answers.push({ ...head, body: Buffer.from(data, 'latin1').toString(), reuse, events });
      events = [];
      data = '';
      reader.reset();
    },
    onBodyWanted() {
      events.push('asked');
      if (answersAsking) sendBody();
    },
    onPong() {
      pongs++;
      reader.reset();
    },
  };
  socket.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; ) {
      at = reader.read(bytes, at, bytes.length, handler);
      if (reader.violation !== null) {
        failure = new Error(reader.violation.code);
        break;
      }
    }
    wake();
  });
  socket.on('error', () => wake());
  socket.on('close', () => {
    isClosed = true;
    wake();
  });

  const until = async (condition: () => boolean, what: string): Promise<void> => {
    const giveUpAt = performance.now() + 8_000;
    while (!condition()) {
      const leftMs = giveUpAt - performance.now();
      if (failure !== undefined) throw failure;
      if (leftMs <= 0 || isClosed) throw new Error(`no ${what}: ${isClosed ? 'closed' : 'too late'}; ${events.join()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const answer = async (): Promise<AjpAnswer> => {
    await until(() => answers.length > 0, 'answer');
    const first = answers.shift();
    if (first === undefined) throw new Error('somebody else took the answer');
    return first;
  };
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    answer,
    async ask(request, itsBody = Buffer.alloc(0)) {
      answersAsking = true;
      body = itsBody;
      socket.write(ajpRequest(request));
      if (request.headers?.some(([name, value]) => name.toLowerCase() === 'content-length' && value !== '0'))
        sendBody();
      return await answer();
    },
    async ping() {
      const wanted = pongs + 1;
      reader.expectPong();
      socket.write(CPING);
      await until(() => pongs >= wanted, 'CPONG');
    },
    async closed() {
      await until(() => isClosed, 'end').catch((error: unknown) => {
        if (!isClosed) throw error;
      });
      return answers;
    },
  };
}
