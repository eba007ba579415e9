import { Deviation } from '../verdict.ts';
import type { WireAnswer } from '../wire/connection.ts';
import { messageBytes } from './create-trial.ts';
import type { BalancerTrial } from './trial.ts';

/** So long the end of a connection is waited for behind an answer that was asked to be the last. */
const END_TIMEOUT_MS = 250;

/**
 * Sends something that nobody in his right mind sends: an answer is right, and so is closing the connection.
 * @param shown the message, for failures
 * @returns undefined when the connection was closed without an answer
 * @throws Deviation `fail` when neither comes, or what comes is no answer; `unclean` when more than one comes
 */
export async function answerOrEnd(
  trial: BalancerTrial,
  method: string,
  body: string,
  shown: string,
): Promise<WireAnswer | undefined> {
  const connection = await trial.openMcmp();
  try {
    connection.write(messageBytes(trial.mcmpUrl, method, body, {}));
    const answer = await connection.answer(method);
    await connection.ended(END_TIMEOUT_MS);
    const leftover = connection.received().slice(answer.raw.length);
    if (leftover !== '') throw new Deviation('unclean', `one answer to ${shown}`, `more: ${JSON.stringify(leftover)}`);
    return answer;
  } catch (error) {
    if (!(error instanceof Deviation) || error.verdict === 'unclean') throw error;
    if (connection.received() === '' && connection.end() !== 'open') return undefined;
    throw new Deviation('fail', `an answer to ${shown}, or a closed connection`, error.actual);
  } finally {
    connection.close();
  }
}
