import { setImmediate } from 'node:timers/promises';
import { encodeBody } from '../../../core/mcmp/body.ts';
import { CommandError } from '../../../core/mcmp/errors.ts';
import { messageLimit, parseCommand } from '../../../core/mcmp/parse.ts';
import type { Applied, Origin } from '../../cluster.ts';
import type { Shared } from '../../shared.ts';
import { carryOut, type Message, refused } from '../carry-out.ts';
import { whyNotChange, whyNotJson } from '../guard.ts';
import { jsonAnswer, type ManagementRoute, type WholeAnswer } from '../route.ts';
import {
  type CommandDocument,
  type CommandsAnswer,
  commandDocument,
  type ResultDocument,
  resultDocument,
  statusOf,
} from './documents.ts';
import { expand } from './expand.ts';
import { readObject } from './json-body.ts';
import { readRequest, type Wish } from './read-request.ts';
import { CommandRefusal } from './refusal.ts';

/** After so long, other requests get their turn between two commands. */
const TURN_MS = 5;

type ApiOrigin = Extract<Origin, { readonly peer: string }>;

/** A message that can be read, which is not to say that the cluster takes it. */
interface Plan {
  readonly message: Message;
  readonly document: CommandDocument;
}

/** `POST /api/v1/commands`: commands of MCMP in JSON, for one node or for all that a target matches. */
export function createCommandsRoute(shared: Shared): ManagementRoute {
  /** What became of each command of ours, by whose doing it is: no two have the same. */
  const running = new Map<Origin, Applied | undefined>();
  shared.cluster.onApplied((applied) => {
    if (running.has(applied.origin)) running.set(applied.origin, applied);
  });

  const run = async ({ message, document }: Plan, peer: string): Promise<ResultDocument> => {
    const origin: ApiOrigin = { by: 'api', peer };
    running.set(origin, undefined);
    try {
      const reply = await carryOut(shared, message, origin);
      if (reply === undefined) throw new Error('a command was given up although its answer is wanted');
      return resultDocument(document, reply, running.get(origin)?.events ?? []);
    } finally {
      running.delete(origin);
    }
  };

  return {
    methods: ['POST'],
    describe: 'carries commands out, in JSON; with the token, or from this machine',
    async answer(request) {
      const refusal = whyNotChange(request) ?? whyNotJson(request);
      if (refusal !== undefined) return refusal;
      try {
        const asked = readRequest(readObject(request.body));
        const wishes = 'wish' in asked ? [asked.wish] : expand(shared, asked.method, asked.target);
        const plans: Plan[] = [];
        for (const wish of wishes) {
          const plan = planOf(shared, wish);
          if (plan instanceof CommandError) return refusedUnread(shared, wish, plan, asked.dryRun, request.peer);
          plans.push(plan);
        }
        if (asked.dryRun) return dryAnswer(plans);
        const results: ResultDocument[] = [];
        let turnEndsMs = performance.now() + TURN_MS;
        for (const plan of plans) {
          results.push(await run(plan, request.peer));
          if (performance.now() < turnEndsMs) continue;
          await setImmediate();
          turnEndsMs = performance.now() + TURN_MS;
        }
        return answerOf(false, results);
      } catch (error) {
        if (error instanceof CommandRefusal) return error.answer;
        throw error;
      }
    },
  };
}

/** Reads a message without carrying it out, so that all of them are read before the first is; or says why it cannot be. */
function planOf({ cluster, options }: Shared, { method, wildcard, pairs }: Wish): Plan | CommandError {
  const { dialect } = cluster;
  const target = wildcard ? '/*' : '/';
  const body = encodeBody(pairs);
  const message: Message = { method, target, body, accept: '', aboutRoute: '' };
  const command = parseCommand(method, target, body, '', dialect, {
    defaultBalancer: options.defaultBalancer,
    maxMessageBytes: messageLimit(dialect, options.limits, options.maxMessageBytes),
  });
  return command instanceof CommandError ? command : { message, document: commandDocument(command) };
}

function refusedUnread(
  shared: Shared,
  { method, wildcard }: Wish,
  { refusal }: CommandError,
  dryRun: boolean,
  peer: string,
): WholeAnswer {
  const document = { command: method, route: null, wildcard, aliases: [], contexts: [], contextCount: 0 };
  const reply = dryRun ? refusal : refused(shared, method, refusal, { by: 'api', peer });
  return answerOf(dryRun, [resultDocument(document, reply, [])]);
}

function dryAnswer(plans: readonly Plan[]): WholeAnswer {
  const answer: CommandsAnswer = {
    schemaVersion: 1,
    dryRun: true,
    ok: true,
    results: plans.map(({ document }) => document),
  };
  return jsonAnswer(200, answer);
}

function answerOf(dryRun: boolean, results: readonly ResultDocument[]): WholeAnswer {
  const ok = results.every((result) => result.ok);
  const answer: CommandsAnswer = { schemaVersion: 1, dryRun, ok, results };
  return jsonAnswer(statusOf(results), answer);
}
