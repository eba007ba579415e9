import { tableLines } from '../../client/table.ts';
import { escapeForTerminal } from '../../core/text.ts';
import type { ContextDocument, NodeDocument } from '../simulator/documents.ts';
import { fleetLines } from '../simulator/node-table.ts';
import type { FaultDocument, NodesAnswer, SaidDocument } from './documents.ts';

/** Nodes as node-sim itself shows them. */
export function nodeLines(nodes: readonly NodeDocument[]): readonly string[] {
  if (nodes.length === 0) return ['no node'];
  return fleetLines(nodes);
}

/** One node with all that is known of it. */
export function nodeDetailLines({ nodes }: NodesAnswer): readonly string[] {
  return nodes.flatMap((node, index) => [
    ...(index === 0 ? [] : ['']),
    ...nodeLines([node]),
    '',
    ...contextLines(node.contexts),
    '',
    ...tableLines(
      [
        { title: 'balancer', value: ({ balancer }) => balancer },
        { title: 'state', value: ({ state }) => state },
        { title: 'says', value: ({ reportedState }) => reportedState || '-' },
        { title: 'load', align: 'right', value: ({ load }) => load ?? '-' },
        { title: 'last failure', value: ({ reason }) => reason || '-' },
      ],
      node.balancers,
    ),
  ]);
}

export function contextLines(contexts: readonly ContextDocument[]): readonly string[] {
  if (contexts.length === 0) return ['no context'];
  return tableLines(
    [
      { title: 'node', value: ({ route }) => route },
      { title: 'context', value: ({ path }) => path },
      { title: 'state', value: ({ state }) => state },
      { title: 'references', align: 'right', value: ({ references }) => references },
      { title: 'in flight', align: 'right', value: ({ inFlight }) => inFlight ?? '-' },
    ],
    contexts,
  );
}

export function faultLines(faults: readonly FaultDocument[]): readonly string[] {
  if (faults.length === 0) return ['no fault is on'];
  return tableLines(
    [
      { title: 'id', value: ({ id }) => id },
      { title: 'fault', value: ({ text }) => text },
      { title: 'struck', align: 'right', value: ({ strikes }) => strikes },
    ],
    faults,
  );
}

/** What balancers answered, each answer under a line that says whose it is. */
export function saidLines(answers: readonly SaidDocument[]): readonly string[] {
  return answers.flatMap(({ route, balancer, status, headers, body, truncated, error }) => {
    const who = `${route} at ${balancer}: `;
    if (error !== null) return [escapeForTerminal(`${who}${error.message}`)];
    const { type = '', mess = '' } = headers;
    // Texts of errors mostly begin with their type, and some balancers say them in the body once more.
    const refusal = [mess.startsWith(type) ? '' : type, mess].filter((word) => word !== '');
    return [
      escapeForTerminal(`${who}${[status, ...refusal].join(' ')}`),
      ...body
        .split(/\r?\n/)
        .filter((line) => line !== '' && line !== mess)
        .map((line) => `  ${escapeForTerminal(line)}`),
      ...(truncated ? ['  ...'] : []),
    ];
  });
}
