import type { Brand } from '../client/brand.ts';
import type { SurveyReading, ViewContext, ViewNode, ViewVhost } from '../client/index.ts';
import { nodeCondition } from '../client/index.ts';
import { lowerAscii } from '../core/mcmp/bytes.ts';
import type { Scope } from './types.ts';

/** A node of one balancer, and what a scope means of it. */
export interface Selected {
  readonly target: string;
  readonly brand: Brand;
  readonly node: ViewNode;
  /** Whether the node as a whole is meant, not only the contexts that it has now. */
  readonly whole: boolean;
  readonly contexts: readonly SelectedContext[];
}

export interface SelectedContext {
  readonly vhost: ViewVhost;
  readonly context: ViewContext;
}

/** What a scope means on one balancer. A node that said goodbye counts as unknown there, and here (reference §3.6). */
export function selectOn(target: string, brand: Brand, nodes: readonly ViewNode[], scope: Scope): Selected[] {
  return nodes.flatMap((node) => {
    if (nodeCondition(node, brand) === 'removing') return [];
    const whole = meansWhole(scope, node);
    const contexts = node.vhosts.flatMap((vhost) =>
      vhost.contexts
        .filter(({ path }) => whole || meansContext(scope, node, vhost, path))
        .map((context) => ({ vhost, context })),
    );
    return whole || contexts.length > 0 ? [{ target, brand, node, whole, contexts }] : [];
  });
}

/** The balancers of a reading that were read just now, with their tables. */
export function readTargets(
  reading: SurveyReading,
  wanted?: readonly string[],
): { readonly target: string; readonly brand: Brand; readonly nodes: readonly ViewNode[] }[] {
  return reading.targets.flatMap((one) =>
    one.outcome === 'read' && (wanted === undefined || wanted.includes(one.target))
      ? [{ target: one.target, brand: one.good.state.brand, nodes: one.good.state.view.nodes }]
      : [],
  );
}

function meansWhole(scope: Scope, node: ViewNode): boolean {
  switch (scope.kind) {
    case 'node':
      return scope.route === node.name;
    case 'domain':
      return scope.domain === node.domain;
    case 'several':
      return scope.scopes.some((one) => meansWhole(one, node));
    default:
      return false;
  }
}

function meansContext(scope: Scope, node: ViewNode, vhost: ViewVhost, path: string): boolean {
  switch (scope.kind) {
    case 'context':
      return (
        scope.route === node.name &&
        scope.path === path &&
        (scope.aliases === undefined || scope.aliases.length === 0 || shareAlias(scope.aliases, vhost.aliases))
      );
    case 'path':
      return scope.path === path;
    case 'alias':
      return shareAlias([scope.alias], vhost.aliases);
    case 'several':
      return scope.scopes.some((one) => meansContext(one, node, vhost, path));
    default:
      return false;
  }
}

function shareAlias(left: readonly string[], right: readonly string[]): boolean {
  const names = new Set(left.map(lowerAscii));
  return right.some((alias) => names.has(lowerAscii(alias)));
}
