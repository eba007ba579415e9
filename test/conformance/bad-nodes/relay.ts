import { connect, createServer, type Socket } from 'node:net';
import { readRequest } from '../../../src/conformance/node/request.ts';
import { createAnswerReader } from '../../../src/core/mcmp/answer-reader.ts';

/** A message on its way from a node to its balancer. */
export interface Passing {
  readonly method: string;
  readonly raw: string;
  readonly body: string;
  /** How many of this method came before it, from this node to this balancer. */
  readonly count: number;
  /** Of the balancer among those of the node, from 0. */
  readonly balancer: number;
}

/** What a bad node does with what it would say and hear. */
export interface Fault {
  /** Messages in the place of one, as bytes; none: it is not said, and counts as answered with an empty 200. */
  readonly says?: (message: Passing, memory: Memory) => readonly string[];
  /** The answer that the node takes for that of the balancer; undefined: it is lost. */
  readonly hears?: (answer: string, message: Passing, memory: Memory) => string;
  /** The connection ended before there was an answer: what the node takes for one; undefined: the end. */
  readonly hearsEnd?: (message: Passing, memory: Memory) => string | undefined;
  /** The balancer closed while nothing was said. */
  readonly idleEnd?: (memory: Memory) => void;
  /** Whether it speaks to that balancer at all. */
  readonly speaks?: (memory: Memory) => boolean;
}

/** What is remembered of a conversation. */
export interface Memory {
  readonly marks: Set<string>;
  held: readonly string[];
}

export const EMPTY_OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** A relay between a node and a balancer, that makes a bad node of a good one. */
export interface Relay {
  readonly port: number;
  close(): void;
}

export async function startRelay(target: URL, balancer: number, fault: Fault): Promise<Relay> {
  const memory: Memory = { marks: new Set(), held: [] };
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer((down) => {
    sockets.add(down);
    down.on('close', () => sockets.delete(down));
    if (fault.speaks?.(memory) === false) {
      down.destroy();
      return;
    }
    relay(
      down,
      target,
      (method, raw, body) => {
        const count = counts.get(method) ?? 0;
        counts.set(method, count + 1);
        return { method, raw, body, count, balancer };
      },
      fault,
      memory,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function relay(
  down: Socket,
  target: URL,
  pass: (method: string, raw: string, body: string) => Passing,
  fault: Fault,
  memory: Memory,
): void {
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const up = connect(Number(target.port), host);
  let asked = '';
  let answered = '';
  let current: Passing | undefined;
  let turn = Promise.resolve();
  let wake = (): void => undefined;
  let isOver = false;
  const end = (): void => {
    isOver = true;
    wake();
  };
  up.on('data', (chunk: Buffer) => {
    answered += chunk.toString('latin1');
    wake();
  });
  up.on('end', end);
  up.on('error', () => {
    memory.marks.add('failed');
    end();
  });
  up.on('close', () => {
    end();
    if (current === undefined && answered === '') fault.idleEnd?.(memory);
    if (current === undefined) down.end();
  });
  down.on('error', () => up.destroy());
  down.on('close', () => up.destroy());

  const converse = async (message: Passing): Promise<void> => {
    const { count, ...rest } = message;
    current = { count, ...rest };
    const sayings = fault.says?.(message, memory) ?? [message.raw];
    if (sayings.length === 0) down.write(Buffer.from(EMPTY_OK, 'latin1'));
    for (const saying of sayings) up.write(Buffer.from(saying, 'latin1'));
    for (let left = sayings.length; left > 0; left -= 1) {
      const answer = await nextAnswer(message.method);
      if (left > 1) continue;
      const heard =
        answer === undefined ? fault.hearsEnd?.(message, memory) : (fault.hears?.(answer, message, memory) ?? answer);
      if (heard !== undefined) down.write(Buffer.from(heard, 'latin1'));
    }
    current = undefined;
    if (isOver) down.end();
  };

  /** The next answer with its framing, as it came; undefined when none will come, whatever came instead is passed on. */
  const nextAnswer = async (method: string): Promise<string | undefined> => {
    for (;;) {
      const reader = createAnswerReader({ manners: 'mcmp', method, maxBytes: 1_000_000 });
      const verdict =
        (answered === '' ? undefined : reader.push(Buffer.from(answered, 'latin1'))) ??
        (isOver ? reader.end('closed') : undefined);
      if (verdict?.kind === 'answer') {
        const text = answered.slice(0, answered.length - verdict.leftover.length);
        answered = answered.slice(text.length);
        return text;
      }
      if (verdict !== undefined || isOver) {
        memory.marks.add('failed');
        const rest = answered;
        answered = '';
        if (rest !== '') down.write(Buffer.from(rest, 'latin1'));
        return undefined;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  down.on('data', (chunk: Buffer) => {
    asked += chunk.toString('latin1');
    for (;;) {
      const read = readRequest(asked);
      if (typeof read === 'string') break;
      asked = asked.slice(read.raw.length);
      // The balancer is not to see that somebody stands between.
      const raw = read.raw.replace(/^(Host: ).*$/m, `$1${target.host}`);
      const message = pass(read.method, raw, read.body);
      turn = turn.then(() => converse(message));
    }
  });
}
