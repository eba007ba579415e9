import type { McmpClient } from '../client/index.ts';
import { McmpError } from '../core/errors.ts';
import { textOf } from '../core/mcmp/bytes.ts';
import { escapeForTerminal } from '../core/text.ts';
import type { CommandResult, Plan, PlannedCommand } from './types.ts';

export interface PerformOptions {
  /** Nothing more is sent; what is on the way is given up. */
  readonly signal?: AbortSignal;
  /** Called as answers come; must not throw. */
  readonly onResult?: (result: CommandResult) => void;
}

/**
 * Sends the commands of a plan: to all balancers at the same time, to each one after the other. What one refuses, or a
 * balancer that cannot be reached, stops nothing else. Never rejects because of a balancer.
 *
 * @param clients by the names that the plan gives the balancers
 * @returns in the order of the plan
 */
export async function perform(
  plan: Pick<Plan, 'commands'>,
  clients: ReadonlyMap<string, McmpClient>,
  options: PerformOptions = {},
): Promise<CommandResult[]> {
  const results = new Map<PlannedCommand, CommandResult>();
  const targets = [...new Set(plan.commands.map(({ target }) => target))];
  await Promise.all(
    targets.map(async (target) => {
      for (const command of plan.commands) {
        if (command.target !== target) continue;
        const result = await performOne(command, clients.get(target), options.signal);
        results.set(command, result);
        options.onResult?.(result);
      }
    }),
  );
  return plan.commands.flatMap((command) => results.get(command) ?? []);
}

async function performOne(
  command: PlannedCommand,
  client: McmpClient | undefined,
  signal: AbortSignal | undefined,
): Promise<CommandResult> {
  const failed = (words: string, tookMs: number, error?: McmpError): CommandResult => ({
    command,
    outcome: 'failed',
    words,
    tookMs,
    ...(error === undefined ? {} : { error }),
  });
  // It said goodbye after it was planned for.
  if (client === undefined) return failed('nothing was sent: this balancer is not looked at any more', 0);
  if (isAborted(signal)) return failed('not sent', 0);
  const startedMs = performance.now();
  const tookMs = (): number => performance.now() - startedMs;
  try {
    const answer = await client.send(command.method, command.pairs, {
      target: command.path,
      ...(signal === undefined ? {} : { signal }),
    });
    const { decoded } = answer;
    if (decoded.form === 'refusal') {
      const words = escapeForTerminal(textOf(decoded.mess)) || `status ${answer.status}`;
      return { command, outcome: 'refused', words, tookMs: tookMs() };
    }
    const requests = decoded.form === 'reply' ? decoded.reply.requests : undefined;
    return {
      command,
      outcome: 'done',
      words: 'done',
      ...(requests === undefined ? {} : { requests }),
      tookMs: tookMs(),
    };
  } catch (error) {
    if (error instanceof McmpError) {
      const outcome = error.kind === 'refused' ? 'refused' : 'failed';
      return { ...failed(error.message, tookMs(), error), outcome };
    }
    if (isAborted(signal)) return failed('given up before it answered', tookMs());
    throw error;
  }
}

/** A function, because the compiler would take what it saw before an answer for what holds after it. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
