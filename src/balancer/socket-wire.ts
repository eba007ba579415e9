import { connect, type OnReadOpts, Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { saidItsEnd } from './close-notify.ts';
import type { TlsTarget } from './upstream-tls.ts';
import type { Wire, WireHandler } from './wire.ts';

/**
 * All wires read into this one buffer, one after the other, until a peer sends much: an idle connection then costs no
 * read buffer at all. Bytes in it have to be copied by whoever wants to keep them.
 */
const SHARED_BUFFER = Buffer.allocUnsafeSlow(64 * 1024);
/** From this many bytes in one read on, a wire reads into a large buffer of its own, which is passed on uncopied. */
const BULK_FROM_BYTES = 32 * 1024;
const BULK_BUFFER_BYTES = 256 * 1024;
const MAX_SPARE_BULK_BUFFERS = 32;
const spareBulkBuffers: Buffer[] = [];
/** How long a connection is silent before the kernel asks whether the peer is there. */
const KEEP_ALIVE_MS = 60_000;

/** Where a connection goes to. */
export interface ConnectionTarget {
  readonly host: string;
  readonly port: number;
  /** Null: not encrypted. */
  readonly tls: TlsTarget | null;
}

const NO_TARGET: ConnectionTarget = { host: '', port: 0, tls: null };

/**
 * A connection of the operating system, so that how bytes are read and written can be tuned in this one file.
 *
 * Node's streams allocate a buffer and schedule a callback for each read. The documented `onread` option does neither;
 * it exists for sockets that connect, so an accepted socket is wrapped once more around its handle to have it too
 * (measured: 22 µs of CPU a small request without, 16 µs with it). Where that handle is not to be had, the wire falls
 * back to `'data'` events.
 */
export class SocketWire implements Wire {
  readonly #socket: Socket;
  readonly #handler: WireHandler;
  #bulk: Buffer | null = null;
  #wantBulk = false;
  /** Part of the bulk buffer waits in somebody's write queue. */
  #heldBy: Wire | null = null;
  #paused = false;
  /** Inside `onBytes`: Node asks for the next buffer right after it. */
  #inRead = false;
  #error: Error | null = null;
  connected: boolean;
  endUnsaid = false;

  private constructor(handler: WireHandler, accepted: Socket | null, first: Buffer | null, target: ConnectionTarget) {
    this.#handler = handler;
    this.connected = accepted !== null;
    const onread: OnReadOpts = {
      buffer: () => this.#nextBuffer(),
      callback: (length) => this.#read(length),
    };
    if (accepted === null) {
      this.#socket = open(target, onread);
      this.#socket.once(target.tls === null ? 'connect' : 'secureConnect', () => {
        this.connected = true;
        this.#guard(() => this.#handler.onConnected());
      });
    } else {
      this.#socket = wrapAccepted(accepted, onread) ?? accepted;
      if (this.#socket === accepted) accepted.on('data', (chunk: Buffer) => this.#give(chunk, chunk.length));
    }
    this.#socket.on('drain', () => this.#guard(() => this.#handler.onDrained()));
    this.#socket.on('end', () => {
      // With an error of TLS there may be an end, before it or after it: the error counts, and is told when all is closed.
      if (!this.connected || this.#error !== null) return;
      if (accepted === null && this.#socket instanceof TLSSocket) {
        this.endUnsaid = !saidItsEnd(this.#socket, this.#paused);
      }
      this.#guard(() => this.#handler.onEnd());
    });
    this.#socket.on('error', (error) => {
      this.#error = error;
      // An alert of TLS closes nothing by itself.
      this.#socket.destroy();
    });
    this.#socket.once('close', () => {
      this.#giveBulkBack();
      this.#guard(() => this.#handler.onClosed(this.#error));
    });
    if (accepted === null) return;
    if (first === null) this.#socket.resume();
    else process.nextTick(() => this.#beginWith(first));
  }

  /**
   * @param socket from a server with `pauseOnConnect`, or one that was paused since
   * @param first what was read from it before; null: nothing
   */
  static accepted(handler: WireHandler, socket: Socket, first: Buffer | null): SocketWire {
    return new SocketWire(handler, socket, first, NO_TARGET);
  }

  /** Opens a connection; writes before it stands are queued. */
  static open(handler: WireHandler, target: ConnectionTarget): SocketWire {
    return new SocketWire(handler, null, null, target);
  }

  /** Bytes that were written and not yet taken by the kernel. */
  get pendingBytes(): number {
    return this.#socket.writableLength;
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  /**
   * Writes latin1 text, or bytes that nobody changes later.
   * @returns false when the writer should wait for `onDrained`
   */
  write(data: string | Buffer): boolean {
    const more = typeof data === 'string' ? this.#socket.write(data, 'latin1') : this.#socket.write(data);
    return more || this.#socket.writableLength === 0;
  }

  /**
   * Writes bytes of this wire's current `onBytes` call to another wire, copying them only when they might be
   * overwritten before they are out.
   * @returns false when the reader should pause until the other wire's `onDrained`
   */
  passOn(to: Wire, buffer: Buffer, from: number, end: number): boolean {
    const view = buffer.subarray(from, end);
    if (buffer === SHARED_BUFFER) return to.write(Buffer.from(view));
    const more = to.write(view);
    if (buffer === this.#bulk && to.pendingBytes > 0) this.#heldBy = to;
    return more;
  }

  /** Several writes until `uncork` go out in one system call. */
  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  /** A message is complete: a large read buffer is not needed for now. */
  relax(): void {
    this.#wantBulk = false;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  /**
   * Reads again. Ignored while the other wire still has bytes of this one's buffer to send: its `onDrained` is the time
   * to ask again. Not so behind `relax`, within `onBytes`: the next read goes into another buffer then.
   */
  resume(): void {
    if (!this.#paused) return;
    const changesBuffer = this.#inRead && !this.#wantBulk;
    if (this.#isHeld() && !changesBuffer) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Sends what is pending, then FIN. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The peer is not there any more, although its end looked orderly: a reset that came together with its last bytes. */
  get peerIsGone(): boolean {
    return this.#socket.remoteAddress === undefined;
  }

  /** Lets the kernel find out whether a silent peer is still there. */
  keepAlive(): void {
    this.#socket.setKeepAlive(true, KEEP_ALIVE_MS);
  }

  /**
   * Ends with a reset, which nobody can take for the end of a message. Node's `resetAndDestroy` sends what is pending and an
   * orderly end first, after which the kernel refuses the reset; so it is told the wish alone, and destroyed at once. Where
   * Node does not know that property, the connection just closes.
   */
  reset(): void {
    const tcp = this.#socket instanceof TLSSocket ? socketBelow(this.#socket) : this.#socket;
    if (tcp !== undefined) {
      Reflect.set(tcp, 'resetAndClosing', true);
      tcp.destroy();
    }
    this.#socket.destroy();
  }

  /** What was read before comes first. */
  #beginWith(first: Buffer): void {
    if (this.#socket.destroyed) return;
    this.#give(first, first.length);
    if (!this.#paused) this.#socket.resume();
  }

  #read(length: number): boolean {
    // TLS comes in records of 16 KiB at most, and does not stop between those of one read when it is told to pause: it
    // would read over a buffer whose bytes still wait somewhere.
    if (length >= BULK_FROM_BYTES && !(this.#socket instanceof TLSSocket)) this.#wantBulk = true;
    this.#inRead = true;
    this.#give(this.#bulk ?? SHARED_BUFFER, length);
    this.#inRead = false;
    return !this.#paused;
  }

  #give(buffer: Buffer, length: number): void {
    try {
      this.#handler.onBytes(buffer, length);
    } catch (error) {
      this.#fault(error);
    }
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#fault(error);
    }
  }

  #fault(error: unknown): void {
    this.#handler.onFault(error);
    this.#socket.destroy();
  }

  /** Node asks before the first read and after each one. */
  #nextBuffer(): Buffer {
    // A paused wire reads on only when its buffer is free again, and keeps it.
    if (this.#bulk !== null && (!this.#wantBulk || (this.#isHeld() && !this.#paused))) this.#giveBulkBack();
    if (this.#bulk === null && this.#wantBulk) {
      this.#bulk = spareBulkBuffers.pop() ?? Buffer.allocUnsafeSlow(BULK_BUFFER_BYTES);
    }
    return this.#bulk ?? SHARED_BUFFER;
  }

  /** A held buffer is left to the garbage collector: its bytes are still being written. */
  #giveBulkBack(): void {
    if (this.#bulk !== null && !this.#isHeld() && spareBulkBuffers.length < MAX_SPARE_BULK_BUFFERS) {
      spareBulkBuffers.push(this.#bulk);
    }
    this.#bulk = null;
    this.#heldBy = null;
  }

  #isHeld(): boolean {
    return this.#heldBy !== null && !this.#heldBy.destroyed && this.#heldBy.pendingBytes > 0;
  }
}

/** The read options hold for TLS too, where they bring what was decrypted. */
function open({ host, port, tls }: ConnectionTarget, onread: OnReadOpts): Socket {
  if (tls === null) return connect({ host, port, noDelay: true, allowHalfOpen: true, onread });
  const { options, onSession } = tls;
  const ways = { ...options, host, port, allowHalfOpen: true, onread };
  const socket = connectTls(ways);
  socket.setNoDelay(true);
  socket.on('session', (session: Buffer) => onSession(session, socket.isSessionReused()));
  return socket;
}

/** The connection that carries one of TLS, which cannot be reset itself; not in Node's documentation. */
function socketBelow(socket: TLSSocket): Socket | undefined {
  const below: unknown = Reflect.get(socket, '_parent');
  return below instanceof Socket ? below : undefined;
}

/**
 * Moves the handle of an accepted socket into a new one that reads with `onread`. The property is not in Node's
 * documentation, but has had this meaning since its first releases; without it, null.
 */
function wrapAccepted(accepted: Socket, onread: OnReadOpts): Socket | null {
  // The handle of TLS is that of the connection below it; what it reads is ciphertext.
  if (accepted instanceof TLSSocket) return null;
  const handle: unknown = Reflect.get(accepted, '_handle');
  if (typeof handle !== 'object' || handle === null) return null;
  Reflect.set(accepted, '_handle', null);
  const options = { handle, allowHalfOpen: true, onread, readable: true, writable: true };
  const socket = new Socket(options);
  // The first socket still counts as a connection of its server.
  socket.once('close', () => accepted.destroy());
  return socket;
}
