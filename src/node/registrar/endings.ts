import { McmpError } from '../../core/errors.ts';
import { Refusal } from './conversation.ts';

/** Whether an exchange was given up by whoever asked for it. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

export function isRefusal(error: unknown): boolean {
  return error instanceof Refusal;
}

/** For what is asked of a registrar that has ended. */
export function gone(address: string): McmpError {
  return new McmpError('check-failed', 'MCMP_NODE_GONE', `the node has left ${address}`);
}
