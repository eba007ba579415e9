import { composeMessage } from '../../client/compose.ts';
import { UsageError } from '../../core/errors.ts';
import { closestName } from '../../core/suggest.ts';
import type { Log } from '../../observe/types.ts';
import { ACTION_NAMES, ACTIONS, type ActionName } from './actions.ts';
import type { ControlClient } from './client.ts';
import { contextLines, faultLines, nodeDetailLines, nodeLines, saidLines } from './ctl-lines.ts';
import type { ContextsAnswer, FailureDocument, FaultsAnswer, NodesAnswer } from './documents.ts';
import { createWatchLines } from './watch-lines.ts';

export interface CtlScreen {
  readonly json: boolean;
  line(text: string): void;
  document(value: { readonly schemaVersion: number }): void;
}

export interface CtlOptions {
  readonly client: ControlClient;
  readonly screen: CtlScreen;
  readonly log: Log;
  /** How long to wait for an action, draining included. */
  readonly waitMs: number;
  /** Say unknown commands and fields as they are. */
  readonly force: boolean;
  /** Called by `watch` alone, which ends when the signal is aborted. */
  readonly stop: () => AbortSignal;
}

/** How an action ended; each is an outcome that has an exit code. */
export type CtlOutcome = 'done' | 'check-failed' | 'timeout';

/**
 * Carries out one action, and prints what is so afterwards.
 *
 * @param action as typed
 * @param words what was typed behind it
 * @throws UsageError for words that mean nothing; McmpError of the API
 */
export async function runCtl(action: string, words: readonly string[], options: CtlOptions): Promise<CtlOutcome> {
  const name = ACTION_NAMES.find((known) => known === action);
  if (name === undefined) throw unknownAction(action);
  const { client, screen, log, waitMs } = options;
  const query = { wait: `${waitMs}ms` };

  const tellRest = ({ failures, pending }: Rest): CtlOutcome => {
    for (const { route, error } of failures) {
      log.error('This node did not do it', { node: route, problem: error.message, hint: error.hint });
    }
    if (pending.length > 0) {
      log.warn('Not done yet; it goes on. See it end with: mcmp node-sim ctl watch', { nodes: namesOf(pending) });
    }
    if (failures.length > 0) return 'check-failed';
    return pending.length > 0 ? 'timeout' : 'done';
  };
  const show = <Document extends { readonly schemaVersion: number }>(
    document: Document,
    linesOf: (document: Document) => readonly string[],
  ): void => {
    if (screen.json) screen.document(document);
    else for (const line of linesOf(document)) screen.line(line);
  };
  const showNodes = (answer: NodesAnswer): CtlOutcome => {
    show(answer, ({ nodes }) => nodeLines(nodes));
    return tellRest(answer);
  };
  const showContexts = (answer: ContextsAnswer): CtlOutcome => {
    show(answer, ({ contexts }) => contextLines(contexts));
    return tellRest(answer);
  };
  const showFaults = (answer: FaultsAnswer): CtlOutcome => {
    show(answer, ({ faults }) => faultLines(faults));
    return 'done';
  };
  const setContext = async (state: string): Promise<CtlOutcome> => {
    const [route, path] = take(name, words, 2);
    return showContexts(await client.call('setContext', { params: { route, path }, query, body: { state }, waitMs }));
  };
  const actOnNodes = async (route: 'kill' | 'restart' | 'leave'): Promise<CtlOutcome> => {
    const params = { route: take(name, words, 1)[0] };
    return showNodes(await client.call(route, { params, query, waitMs }));
  };

  switch (name) {
    case 'list':
      take(name, words, 0);
      return showNodes(await client.call('listNodes'));
    case 'show': {
      if (words.length === 2) {
        const [route, path] = take(name, words, 2);
        return showContexts(await client.call('showContext', { params: { route, path } }));
      }
      const [route] = take(name, words, 1);
      show(await client.call('showNode', { params: { route } }), nodeDetailLines);
      return 'done';
    }
    case 'load': {
      const [route, load] = take(name, words, 2);
      const answer = await client.call('setLoad', { params: { route }, body: { load } });
      const outcome = showNodes(answer);
      if (!screen.json && answer.nodes.length > 0) screen.line(`load from the next STATUS on: ${load}`);
      return outcome;
    }
    case 'fault':
      return showFaults(await callFault(client, words));
    case 'enable':
      return setContext('enabled');
    case 'disable':
      return setContext('disabled');
    case 'stop':
      return setContext('stopped');
    case 'deploy': {
      const [route, path] = take(name, words, 2);
      return showContexts(await client.call('addReference', { params: { route }, query, body: { path }, waitMs }));
    }
    case 'remove': {
      const [route, path] = take(name, words, 2);
      return showContexts(await client.call('removeReference', { params: { route, path }, query, waitMs }));
    }
    case 'refresh': {
      const [route] = take(name, words, 1);
      return showNodes(await client.call('refresh', { params: { route } }));
    }
    case 'kill':
    case 'restart':
    case 'leave':
      return await actOnNodes(name);
    case 'say': {
      const [route = '', command = '', ...fields] = words;
      if (command === '') throw wrongWords(name);
      const message = composeMessage(command, fields, { wildcard: false, force: options.force });
      for (const warning of message.warnings) log.warn(warning);
      const { method, target, pairs } = message;
      const answer = await client.call('say', { params: { route }, query, body: { method, target, pairs }, waitMs });
      show(answer, ({ answers }) => saidLines(answers));
      const refused = answer.answers.some(({ status }) => status !== 200);
      const outcome = tellRest(answer);
      return outcome === 'done' && refused ? 'check-failed' : outcome;
    }
    case 'watch': {
      take(name, words, 0);
      const linesOf = createWatchLines();
      for await (const event of client.events(options.stop())) show(event, linesOf);
      return 'done';
    }
  }
}

interface Rest {
  readonly failures: readonly FailureDocument[];
  readonly pending: readonly string[];
}

function callFault(client: ControlClient, words: readonly string[]): Promise<FaultsAnswer> {
  const [verb, what, ...rest] = words;
  if (rest.length === 0) {
    if (what === undefined && (verb === undefined || verb === 'list')) return client.call('listFaults');
    if (what !== undefined && verb === 'on') return client.call('addFault', { body: { fault: what } });
    if (what === 'all' && verb === 'off') return client.call('clearFaults');
    if (what !== undefined && verb === 'off') return client.call('removeFault', { params: { id: what } });
  }
  throw wrongWords('fault');
}

/** So many words, neither more nor less. */
function take(action: ActionName, words: readonly string[], count: 0 | 1 | 2): readonly [string, string] {
  const [first = '', second = ''] = words;
  if (words.length !== count || words.some((word) => word === '')) throw wrongWords(action);
  return [first, second];
}

function wrongWords(action: ActionName): UsageError {
  const usage = `mcmp node-sim ctl ${action} ${ACTIONS[action].words}`.trim();
  return new UsageError(`${action} is not said like this`, { hint: `It is: ${usage}` });
}

function unknownAction(action: string): UsageError {
  const meant = closestName(action, ACTION_NAMES);
  return new UsageError(`node-sim ctl has no action ${action}`, {
    hint: meant === undefined ? `There are: ${ACTION_NAMES.join(', ')}.` : `Did you mean ${meant}?`,
  });
}

function namesOf(routes: readonly string[]): string {
  const shown = routes.slice(0, 10).join(', ');
  return routes.length > 10 ? `${shown} and ${routes.length - 10} more` : shown;
}
