import { connect, type Socket } from 'node:net';
import { readApi } from '../../support/api-schema.ts';

export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Reads server-sent events as a browser does (WHATWG HTML, section 9.2): keeps the last id, forgets an event that is not
 * complete, and comes back with its id when it is cut off. Every event is held to its schema.
 */
export class EventClient {
  readonly #port: number;
  readonly #path: string;
  readonly #onEvent: (event: ReceivedEvent) => void;
  #socket: Socket | null = null;
  lastId = '';
  receivedBytes = 0;
  /** It stops to read by itself when it has received so many. */
  pauseAtBytes = Number.POSITIVE_INFINITY;
  /** What could not be read: a test that finds something here has failed. */
  readonly problems: string[] = [];

  constructor(port: number, path: string, onEvent: (event: ReceivedEvent) => void) {
    this.#port = port;
    this.#path = path;
    this.#onEvent = onEvent;
  }

  connect(): void {
    const socket = connect(this.#port, '127.0.0.1');
    this.#socket = socket;
    const id = this.lastId === '' ? '' : `Last-Event-ID: ${this.lastId}\r\n`;
    socket.write(`GET ${this.#path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n${id}\r\n`);
    let bytes = '';
    let lines = '';
    let inBody = false;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      if (this.#socket !== socket) return;
      bytes += chunk.toString('latin1');
      this.receivedBytes += chunk.length;
      if (this.receivedBytes >= this.pauseAtBytes) {
        this.pauseAtBytes = Number.POSITIVE_INFINITY;
        socket.pause();
      }
      if (!inBody) {
        const end = bytes.indexOf('\r\n\r\n');
        if (end === -1) return;
        if (!bytes.startsWith('HTTP/1.1 200 ')) this.problems.push(bytes.slice(0, 200));
        bytes = bytes.slice(end + 4);
        inBody = true;
      }
      for (;;) {
        const [size = ''] = /^[0-9a-f]+\r\n/.exec(bytes) ?? [];
        const length = Number.parseInt(size, 16);
        if (size === '' || bytes.length < size.length + length + 2) break;
        lines += bytes.slice(size.length, size.length + length);
        bytes = bytes.slice(size.length + length + 2);
      }
      for (let end = lines.indexOf('\n\n'); end !== -1; end = lines.indexOf('\n\n')) {
        this.#read(Buffer.from(lines.slice(0, end), 'latin1').toString('utf8'));
        lines = lines.slice(end + 2);
      }
    });
  }

  /** Cuts the connection in the middle of whatever comes. */
  cut(): void {
    this.#socket?.resetAndDestroy();
    this.#socket = null;
  }

  /** Reads nothing for a while. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  #read(block: string): void {
    let type = 'message';
    let data = '';
    for (const line of block.split('\n')) {
      if (line.startsWith('id: ')) this.lastId = line.slice(4);
      else if (line.startsWith('event: ')) type = line.slice(7);
      else if (line.startsWith('data: ')) data += line.slice(6);
      else if (!line.startsWith(':')) this.problems.push(line);
    }
    if (data === '') return;
    try {
      this.#onEvent({ id: this.lastId, type, data: readApi('event', data) });
    } catch (error) {
      this.problems.push(String(error));
    }
  }
}
