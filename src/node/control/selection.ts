import { routeMatcher } from '../faults/route-pattern.ts';
import type { Fleet, NodeCondition, SimulatedNode } from '../simulator/types.ts';
import { Refusal } from './refusal.ts';

/** Longer than any JVMRoute a balancer takes. */
const MAX_PATTERN_CHARACTERS = 256;

/** One node, meant by its name; or all that a pattern matches. */
export interface Selection {
  readonly nodes: readonly SimulatedNode[];
  /** Meant one by one: a failure of one of them is told apart from the others. */
  readonly isPattern: boolean;
}

/**
 * Finds nodes by name, or by a pattern in which `*` stands for any characters.
 *
 * @throws Refusal 404 when there is none
 */
export function selectNodes(fleet: Fleet, route: string): Selection {
  if (!route.includes('*')) {
    const node = fleet.nodes.get(route);
    if (node === undefined) throw noSuchNode(fleet, `there is no node ${route.slice(0, MAX_PATTERN_CHARACTERS)}`);
    return { nodes: [node], isPattern: false };
  }
  if (route.length > MAX_PATTERN_CHARACTERS) {
    throw new Refusal(400, 'MCMP_BAD_TARGET', `a pattern has at most ${MAX_PATTERN_CHARACTERS} characters`);
  }
  const matches = routeMatcher([route]);
  const nodes = [...fleet.nodes.values()].filter((node) => matches(node.route));
  if (nodes.length === 0) throw noSuchNode(fleet, `no node matches ${route}`);
  return { nodes, isPattern: true };
}

function noSuchNode(fleet: Fleet, message: string): Refusal {
  const [first] = fleet.nodes.keys();
  const last = [...fleet.nodes.keys()].at(-1);
  const range = first === last ? first : `${first} .. ${last}`;
  return new Refusal(404, 'MCMP_NO_SUCH_NODE', message, {
    hint: first === undefined ? 'There is no node at all.' : `There are ${fleet.nodes.size}: ${range}.`,
  });
}

/**
 * @throws Refusal 409 when the node is in none of the conditions
 */
export function requireCondition(
  node: SimulatedNode,
  conditions: readonly NodeCondition[] | undefined,
  action: string,
): void {
  const condition = node.condition();
  if (conditions === undefined || conditions.includes(condition)) return;
  const gone = condition === 'gone' || condition === 'killed';
  throw new Refusal(409, 'MCMP_WRONG_CONDITION', `${node.route} is ${condition}: ${action} is not possible now`, {
    hint: gone ? 'Restart brings it back.' : `It is possible when a node is ${conditions.join(' or ')}.`,
  });
}
