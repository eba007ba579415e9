import { said } from '../case.ts';
import { inAll } from '../dialects.ts';
import { Deviation } from '../verdict.ts';
import { ANSWER_TIMEOUT_MS } from '../wire/connection.ts';
import { readStrictly } from '../wire/strict-requests.ts';
import type { BackendOptions } from './backend.ts';
import type { BalancerTrial, TrialNode } from './trial.ts';

/** What an attempt is written with: its own request, and the one that must not come to be. */
export interface AttemptParts {
  readonly host: string;
  /** Path of the request that is sent. */
  readonly path: string;
  /** A whole request that hides in the body of the other one. */
  readonly hidden: string;
}

/** A request that two readers could take for different ones. */
export interface Attempt {
  /** What is tried, for failures. */
  readonly what: string;
  readonly bytes: (parts: AttemptParts) => string;
  /** Nothing is wrong with it, so somebody has to answer. */
  readonly isSound?: true;
}

/** What every case of this kind expects. */
export const NO_SMUGGLING = inAll(
  said('refused or closed; or forwarded so that a strict reader sees that one request, and nothing that hides in it'),
);

/** So long the end of a connection is waited for, of which the last request asks for its end. */
const END_TIMEOUT_MS = 700;

/** A POST with these header lines. */
export function post(lines: string, body: (parts: AttemptParts) => string): Attempt['bytes'] {
  return (parts) => `POST ${parts.path} HTTP/1.1\r\nHost: ${parts.host}\r\n${lines}\r\n${body(parts)}`;
}

/** A POST in chunks, which are written by hand. */
export function chunked(body: (parts: AttemptParts) => string): Attempt['bytes'] {
  return post('Transfer-Encoding: chunked\r\n', body);
}

/** A body that ends at once for who reads chunks, and holds the hidden request for who reads its length. */
export function endThenHidden({ hidden }: AttemptParts): string {
  return `0\r\n\r\n${hidden}`;
}

/** A node whose server keeps every byte, and answers what a strict reader takes for a request. */
export async function strictNode(trial: BalancerTrial): Promise<{
  readonly node: TrialNode;
  /** What came over each connection. */
  readonly streams: readonly string[];
}> {
  const streams: string[] = [];
  const raw: BackendOptions['raw'] = (socket) => {
    const index = streams.push('') - 1;
    let answered = 0;
    socket.on('data', (chunk: Buffer) => {
      const text = `${streams[index] ?? ''}${chunk.toString('latin1')}`;
      streams[index] = text;
      const { requests, violation } = readStrictly(text);
      for (; answered < requests.length; answered++) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      if (violation !== undefined) {
        socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      }
    });
  };
  return { node: await trial.node({ backend: { raw } }), streams };
}

/**
 * Makes the attempts one by one, each on a connection of its own with a sound request behind it, and reads what the node got.
 * @throws Deviation `fail` with all attempts that were let through
 */
export async function demandNoSmuggling(trial: BalancerTrial, attempts: readonly Attempt[]): Promise<void> {
  const { node, streams } = await strictNode(trial);
  const host = trial.webHost;
  const found: string[] = [];
  for (const [index, { what, bytes, isSound = false }] of attempts.entries()) {
    const path = `${node.context}/attempt-${index}`;
    const hidden = `GET ${node.context}/hidden-${index} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const connection = await trial.openTraffic();
    connection.write(bytes({ host, path, hidden }) + lastRequest(node, host));
    await connection.ended(isSound ? ANSWER_TIMEOUT_MS : END_TIMEOUT_MS);
    connection.close();
    if (isSound && connection.received() === '' && connection.end() === 'open') found.push(`${what}: nobody answers`);
  }
  // What an attempt left under way comes before this one.
  const connection = await trial.openTraffic();
  connection.write(lastRequest(node, host));
  await connection.ended(END_TIMEOUT_MS);
  connection.close();
  // In the order of the attempts, whatever connections of the balancer they took.
  const problems = streams.flatMap(problemsOf).sort(([one], [other]) => one - other);
  for (const [index, problem] of problems) found.push(`${attempts[index]?.what}: ${problem}`);
  if (found.length > 0) {
    const [first = ''] = found;
    const more = found.length === 1 ? '' : ` (and ${found.length - 1} more: ${found.slice(1).join('; ')})`;
    throw new Deviation('fail', 'no reader of what is forwarded sees another request than this one', first + more);
  }
}

function lastRequest(node: TrialNode, host: string): string {
  return `GET ${node.context}/last HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
}

/** What is wrong with what came over a connection, by the number of the attempt. */
function problemsOf(stream: string): readonly (readonly [index: number, problem: string])[] {
  const { requests, violation } = readStrictly(stream);
  const problems = requests.flatMap(({ target }): [number, string][] => {
    const index = /\/hidden-(\d+)$/.exec(target)?.[1];
    return index === undefined ? [] : [[Number(index), 'the hidden request reached the node']];
  });
  // The server gives a connection up at once: what was sent last broke it.
  const last = [...stream.matchAll(/\/(?:attempt|hidden)-(\d+)/g)].at(-1);
  if (violation !== undefined && last !== undefined) {
    const bytes = JSON.stringify(stream.slice(Math.max(0, last.index - 200), last.index + 300));
    problems.push([Number(last[1]), `the node got ${bytes}, which can be read in two ways (${violation})`]);
  }
  return problems;
}
