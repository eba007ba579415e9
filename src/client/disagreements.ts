import type { Brand } from './brand.ts';
import { compareContexts } from './compare-contexts.ts';
import { compareNodes } from './compare-nodes.ts';
import { compareSettings } from './compare-settings.ts';
import type { SurveyReading } from './survey-types.ts';
import type { ClusterView } from './view.ts';

/** What balancers can say differently, in the order in which it is told, and what one has to know about it. */
export const DISAGREEMENTS = {
  'node-missing': 'one knows the node and another does not',
  'node-address': 'the node is at another place',
  'node-balancer': 'the node belongs to another balancer',
  'node-domain': 'the node is in another domain',
  'node-state': 'the node may get requests from one and not from another',
  'node-load': 'the node has another load, and so another share of the requests',
  context: 'the context has another status, or is not known',
  alias: 'the contexts are served under a name that another does not know',
  setting: 'a setting of sessions and retries differs',
} as const;

export type DisagreementKind = keyof typeof DISAGREEMENTS;

/** One thing that balancers of one survey say differently. Strings are byte strings. */
export interface Disagreement {
  readonly kind: DisagreementKind;
  /** The node; of a setting, the name of the balancer group. */
  readonly of: string;
  /** Path of the context, the alias, or the name of the setting; empty for what is said of the node as a whole. */
  readonly about: string;
  /** Of a context: the names under which it is said; none when the nodes have no aliases. */
  readonly aliases: readonly string[];
  /** In the order of the views. Who cannot tell is left out. */
  readonly says: readonly Saying[];
}

export interface Saying {
  readonly target: string;
  /** Undefined: it knows nothing of the kind. */
  readonly value: string | undefined;
}

/** What one balancer said, as far as it is compared. */
export interface ComparedView {
  readonly target: string;
  readonly brand: Brand;
  readonly view: ClusterView;
}

/**
 * Finds what balancers say differently. What a brand cannot tell is not compared (`TELLS`), and neither are counters. The
 * order of what is found depends on what is said only, not on the order of the views.
 */
export function disagreements(views: readonly ComparedView[]): Disagreement[] {
  if (views.length < 2) return [];
  const found = [...compareNodes(views), ...compareContexts(views), ...compareSettings(views)];
  return found.sort(inOrder);
}

/** The same of those balancers that answered; what one said before it fell silent is no word of now. */
export function surveyDisagreements(reading: SurveyReading): Disagreement[] {
  return disagreements(
    reading.targets.flatMap((one) =>
      one.outcome === 'read' ? [{ target: one.target, brand: one.good.state.brand, view: one.good.state.view }] : [],
    ),
  );
}

const KINDS = Object.keys(DISAGREEMENTS);

function inOrder(left: Disagreement, right: Disagreement): number {
  if (left.kind !== right.kind) return KINDS.indexOf(left.kind) - KINDS.indexOf(right.kind);
  return (
    compareText(left.of, right.of) ||
    compareText(left.about, right.about) ||
    compareText(left.aliases.join(), right.aliases.join())
  );
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
