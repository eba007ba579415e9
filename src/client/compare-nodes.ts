import { differing, keysOf } from './compare.ts';
import type { ComparedView, Disagreement, DisagreementKind } from './disagreements.ts';
import { type NodeCondition, nodeCondition } from './node-condition.ts';
import type { ViewNode } from './view.ts';

interface Aspect {
  readonly kind: DisagreementKind;
  /** Undefined: this balancer cannot tell, or it makes no sense to ask. */
  value(node: ViewNode, compared: ComparedView): string | undefined;
}

const ASPECTS: readonly Aspect[] = [
  // Letter case means nothing in a host (RFC 9110 §4.2.3).
  { kind: 'node-address', value: ({ type, host, port }) => `${type}://${host.toLowerCase()}:${port}` },
  { kind: 'node-balancer', value: ({ balancer }) => balancer },
  { kind: 'node-domain', value: ({ domain }) => domain },
  { kind: 'node-state', value: (node, { brand }) => shareOf(nodeCondition(node, brand)) },
  {
    // Of a node that gets no requests the load means nothing; that it gets none is another disagreement.
    kind: 'node-load',
    value: (node, { brand }) => (nodeCondition(node, brand) === 'active' ? String(node.load) : undefined),
  },
];

/** What balancers say differently about nodes as a whole. A node that one does not know at all is one disagreement. */
export function compareNodes(views: readonly ComparedView[]): Disagreement[] {
  const tables = views.map((compared) => ({ compared, nodes: nodesByRoute(compared) }));
  return [...keysOf(tables.map(({ nodes }) => nodes))].flatMap((route) => {
    const known = tables.map(({ compared, nodes }) => ({ compared, node: nodes.get(route) }));
    const missing = differing(
      { kind: 'node-missing', of: route, about: '', aliases: [] },
      known.map(({ compared: { target }, node }) => ({ target, value: node === undefined ? undefined : 'known' })),
    );
    const others = ASPECTS.flatMap(({ kind, value }) =>
      differing(
        { kind, of: route, about: '', aliases: [] },
        known.flatMap(({ compared, node }) => {
          const said = node === undefined ? undefined : value(node, compared);
          return said === undefined ? [] : [{ target: compared.target, value: said }];
        }),
      ),
    );
    return [...missing, ...others];
  });
}

/** Nodes by their route; one that has left is not there any more. */
export function nodesByRoute({ view, brand }: ComparedView): Map<string, ViewNode> {
  return new Map(
    view.nodes.filter((node) => nodeCondition(node, brand) !== 'removing').map((node) => [node.name, node]),
  );
}

/** Whether it gets requests; why it does not, brands tell apart in different ways. */
function shareOf(condition: NodeCondition | undefined): string | undefined {
  return condition === 'withdrawn' || condition === 'error' ? 'out' : condition;
}
