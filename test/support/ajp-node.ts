import type { Socket } from 'node:net';
import {
  type AjpForwardRequest,
  type AjpHeader,
  AjpRequestReader,
  CPING,
  CPONG,
  END_RESPONSE_CLOSE,
  END_RESPONSE_REUSE,
  getBodyChunk,
  MOST_PACKET_BYTES,
  mostChunkBytes,
  SEND_BODY_CHUNK_TAIL,
  sendBodyChunkHead,
  writeSendHeaders,
} from '../../src/core/ajp/index.ts';
import { startRawNode } from './node-server.ts';

const CHUNK_BYTES = mostChunkBytes(8192);

/** One request that an AJP node got, and everything that the node may say to it. */
export interface AjpCall {
  readonly request: AjpForwardRequest;
  /** Of the body; -1: not announced. */
  readonly contentLength: number;
  /** Which connection it came on, and how many requests came before it there; both from 0. */
  readonly connection: number;
  readonly number: number;
  readonly socket: Socket;
  /** The packet that goes unasked behind a head with a Content-Length. */
  first(): Promise<Buffer>;
  /** Sends GET_BODY_CHUNK and waits for its answer; an empty one is the end. */
  ask(most?: number): Promise<Buffer>;
  /** The whole body, asked for as Tomcat does: once more behind the last byte. */
  body(): Promise<Buffer>;
  head(status: number, headers?: readonly AjpHeader[], reason?: string): void;
  /** As many packets as it takes. */
  data(bytes: Buffer | string): void;
  end(reuse?: boolean): void;
  /** Head with Content-Length, data, end. */
  answer(body: Buffer | string, headers?: readonly AjpHeader[], status?: number): void;
}

export interface AjpNode {
  readonly port: number;
  readonly calls: readonly AjpCall[];
  /** Connections that carried a request. */
  connections(): number;
  /** CPINGs by those connections, behind a request. */
  cpings(): number;
  kill(): void;
}

export interface AjpNodeManners {
  /** What is answered to a CPING on a connection that carried a request before; null: nothing; `close`: a reset. */
  readonly pong?: Buffer | 'close' | null;
  readonly port?: number;
}

/** The value of a header of the request; undefined: it has none. */
export function headerOf(request: AjpForwardRequest, name: string): string | undefined {
  return request.headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/** Attributes as `name` or `name:key`, with their values, in their order. */
export function attributesOf(request: AjpForwardRequest): [string, string][] {
  return request.attributes.map((attribute) =>
    attribute.name === 'req_attribute'
      ? [`${attribute.name}:${attribute.key}`, attribute.value]
      : [attribute.name, attribute.value],
  );
}

/** A node that speaks AJP over real sockets, answers pings, and does with each request what it is told. */
export async function startAjpNode(
  act: (call: AjpCall) => void | Promise<void>,
  manners: AjpNodeManners = {},
): Promise<AjpNode> {
  const calls: AjpCall[] = [];
  let connections = 0;
  let cpings = 0;
  const { port, kill } = await startRawNode((socket) => {
    let connection = -1;
    let number = 0;
    let received = Buffer.alloc(0);
    /** Packets of a body that are to come: without a type, they are told by their place alone. */
    let bodyPackets = 0;
    let packets: Buffer[] = [];
    let wake: () => void = () => {};
    const nextPacket = async (): Promise<Buffer> => {
      for (;;) {
        const packet = packets.shift();
        if (packet !== undefined) return packet;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    const begin = (request: AjpForwardRequest, contentLength: number): void => {
      if (number === 0) connection = connections++;
      packets = [];
      bodyPackets = contentLength > 0 ? 1 : 0;
      const call: AjpCall = {
        request,
        contentLength,
        connection,
        number: number++,
        socket,
        first: nextPacket,
        async ask(most = 8186) {
          bodyPackets++;
          socket.write(getBodyChunk(most));
          return await nextPacket();
        },
        async body() {
          const pieces = contentLength > 0 ? [await nextPacket()] : [];
          for (let piece = await call.ask(); piece.length > 0; piece = await call.ask()) pieces.push(piece);
          return Buffer.concat(pieces);
        },
        head(status, headers = [], reason = String(status)) {
          const bytes = writeSendHeaders(status, reason, headers, MOST_PACKET_BYTES);
          if (bytes === null) throw new Error('the head is too large for a test');
          socket.write(bytes);
        },
        data(bytes) {
          const data = Buffer.from(bytes);
          for (let from = 0; from < data.length; from += CHUNK_BYTES) {
            const part = data.subarray(from, from + CHUNK_BYTES);
            socket.write(Buffer.concat([sendBodyChunkHead(part.length), part, SEND_BODY_CHUNK_TAIL]));
          }
        },
        end(reuse = true) {
          socket.write(reuse ? END_RESPONSE_REUSE : END_RESPONSE_CLOSE);
          if (!reuse) socket.end();
        },
        answer(body, headers = [], status = 200) {
          socket.cork();
          call.head(status, [...headers, ['Content-Length', String(Buffer.from(body).length)]]);
          call.data(body);
          call.end();
          socket.uncork();
        },
      };
      calls.push(call);
      void act(call);
    };
    const takePacket = (packet: Buffer): void => {
      if (bodyPackets > 0) {
        bodyPackets--;
        packets.push(packet.subarray(6));
        wake();
      } else if (packet.equals(CPING)) {
        if (number > 0) cpings++;
        const { pong = CPONG } = manners;
        if (number === 0) socket.write(CPONG);
        else if (pong === 'close') socket.resetAndDestroy();
        else if (pong !== null) socket.write(pong);
      } else {
        const reader = new AjpRequestReader({ packetBytes: MOST_PACKET_BYTES });
        reader.read(packet, 0, packet.length, { ...NOTHING_ELSE, onForwardRequest: begin });
        if (reader.violation !== null) socket.destroy();
      }
    };
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readUInt16BE(2)) {
        const packet = received.subarray(0, 4 + received.readUInt16BE(2));
        received = received.subarray(packet.length);
        takePacket(packet);
      }
    });
    socket.on('end', () => socket.end());
  }, manners.port ?? 0);
  return { port, calls, connections: () => connections, cpings: () => cpings, kill };
}

const NOTHING_ELSE = {
  onBody(): void {},
  onBodyPacketEnd(): void {},
  onBodyEnd(): void {},
  onCping(): void {},
  onShutdown(): void {},
};
