import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { NotHere } from '../verdict.ts';
import { ACTIONS, type Action, type ActionValues } from './actions.ts';
import { type ControlWay, fill, valuesOf } from './control-lines.ts';

/** Asks a person to do something; resolves with false when they cannot. */
export type AskPerson = (what: string) => Promise<boolean>;

export interface ControlOptions {
  readonly ways: ReadonlyMap<Action, ControlWay>;
  /** Where there is a person. */
  readonly ask: AskPerson | undefined;
  /** Writes a line to the standard input of the node; undefined: it was not started by us. */
  readonly write: ((line: string) => void) | undefined;
  /** Further names in braces, such as the ports that the start command got. */
  readonly names: ReadonlyMap<string, string>;
}

const ANSWER_TIMEOUT_MS = 60_000;
/** A node may register before whatever controls it listens. */
const OPEN_TIMEOUT_MS = 5_000;
const RETRY_MS = 100;

/** Does something to a node as its control line says, or asks a person. @throws NotHere when neither can be had; Error when it failed */
export async function perform(
  { ways, ask, write, names }: ControlOptions,
  action: Action,
  values: ActionValues,
): Promise<void> {
  const way = ways.get(action);
  const known = new Map([...names, ...valuesOf(values)]);
  if (way === undefined) {
    if (ask === undefined) throw new NotHere(`nobody can do this to the node: ${action} (--control '${action}=HOW')`);
    if (!(await ask(fill(ACTIONS[action].ask, known))))
      throw new NotHere(`the person who was asked did not: ${action}`);
    return;
  }
  switch (way.kind) {
    case 'stdin':
      if (write === undefined)
        throw new NotHere(`${action} goes to the standard input of the node, which we did not start`);
      write(fill(way.line, known));
      return;
    case 'http':
      await request(action, way, known);
      return;
    case 'command':
      await run(action, fill(way.command, known));
  }
}

async function request(
  action: Action,
  { method, url, body }: Extract<ControlWay, { kind: 'http' }>,
  names: ReadonlyMap<string, string>,
): Promise<void> {
  const address = fill(url, names, encodeURIComponent);
  const inJson = fill(body, names, (value) => JSON.stringify(value).slice(1, -1));
  const init = {
    method,
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    ...(body === '' ? {} : { body: inJson, headers: { 'Content-Type': 'application/json' } }),
  };
  const response = await untilItListens(() => fetch(address, init)).catch((error: unknown) => {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new Error(`${action}: ${method} ${address}: ${why}`, { cause: error });
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${action}: ${method} ${address} was answered with ${response.status}: ${text.slice(0, 200)}`);
}

/** Asks again only where nobody heard the first time: what was done once must not be done twice. */
async function untilItListens(ask: () => Promise<Response>): Promise<Response> {
  const giveUpAtMs = performance.now() + OPEN_TIMEOUT_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const refused = error instanceof Error && codeOf(error.cause) === 'ECONNREFUSED';
      if (!refused || performance.now() > giveUpAtMs) throw error;
      await pause(RETRY_MS);
    }
  }
}

function codeOf(cause: unknown): unknown {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
}

function run(action: Action, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'ignore', 'pipe'] });
    let problem = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      problem = (problem + text).slice(-1000);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), ANSWER_TIMEOUT_MS);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(new Error(`${action}: ${command} ended with ${code ?? 'a signal'}: ${problem.trim()}`));
    });
  });
}
