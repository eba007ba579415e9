import { textOf } from '../../core/mcmp/bytes.ts';
import type { SimulatedNode } from '../simulator/types.ts';
import type { Outgoing } from '../wire/types.ts';
import type { SaidDocument } from './documents.ts';
import { errorDocument } from './refusal.ts';

/** Of one answer of a balancer, and of all answers together, as far as they are passed on. */
const MAX_BODY_CHARACTERS = 64 * 1024;
const MAX_ALL_BODIES_CHARACTERS = 4 * 1024 * 1024;

/** Says a message of the operator to each balancer of a node; `{route}` in its values is the name of the node. */
export async function sayOnce(node: SimulatedNode, message: Outgoing): Promise<readonly SaidDocument[]> {
  const pairs = message.pairs.map(([name, value]) => [name, value.replaceAll('{route}', node.route)] as const);
  const answers = await node.node().say({ ...message, pairs });
  return answers.map(({ balancer, answer }) =>
    answer instanceof Error
      ? { ...said(node.route, balancer), error: errorDocument(answer) }
      : {
          ...said(node.route, balancer),
          status: answer.status,
          headers: Object.fromEntries([...answer.headers].map(([name, value]) => [name, textOf(value)])),
          body: textOf(answer.body.slice(0, MAX_BODY_CHARACTERS)),
          truncated: answer.body.length > MAX_BODY_CHARACTERS,
        },
  );
}

function said(route: string, balancer: string): SaidDocument {
  return { route, balancer, status: null, headers: {}, body: '', truncated: false, error: null };
}

/** Leaves out the bodies of the last ones when all together are too much for one document. */
export function shorten(answers: readonly SaidDocument[]): readonly SaidDocument[] {
  let room = MAX_ALL_BODIES_CHARACTERS;
  return answers.map((answer) => {
    room -= answer.body.length;
    return room >= 0 ? answer : { ...answer, body: '', truncated: true };
  });
}
