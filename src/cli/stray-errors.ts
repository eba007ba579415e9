import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Who is told of an error that nobody catches, instead of it being a bug of this program: code of others runs here, such as
 * users' own conformance cases, and what it throws from a timer or in a promise that nobody awaits is theirs. The process
 * finds whose it is by the asynchronous context in which it was thrown.
 */
export const strayErrors = new AsyncLocalStorage<(error: unknown) => void>();
