import type { InfoView } from '../../core/mcmp/info.ts';
import type { ToldAddress } from './compose.ts';
import { Refusal } from './conversation.ts';
import { readInfoAsJava } from './java-info.ts';
import type { MannersRow } from './manners.ts';
import { readReported, toldAddressKey } from './reported.ts';
import { planJavaReset, planReset, type ResetInput, type ResetPlan } from './reset.ts';

/** What a node makes of the answer to INFO. */
export interface Introduction {
  readonly plan: ResetPlan;
  /** Undefined where the node does not look at it. */
  readonly info: InfoView | undefined;
  readonly warnings: readonly string[];
}

export interface IntroductionInput extends ResetInput {
  readonly route: string;
  /** As shown to people. */
  readonly balancer: string;
  /** Where the node is reached now; undefined when it never listened. */
  readonly address: ToldAddress | undefined;
  /** `host:port` of the last CONFIG that this balancer took. */
  readonly toldAddress: string | undefined;
}

/**
 * @returns undefined for an answer that a Java node cannot read
 * @throws Refusal for words that nobody who speaks MCMP would say
 */
export function readIntroduction(
  body: string,
  input: IntroductionInput,
  manners: MannersRow,
): Introduction | undefined {
  const { route, balancer, address, toldAddress } = input;
  if (manners.trustsInfo === 'to-the-letter') {
    const vhosts = readInfoAsJava(body, route);
    return vhosts === undefined ? undefined : { plan: planJavaReset(vhosts, input), info: undefined, warnings: [] };
  }
  if (!isInfo(body)) {
    // A web server that answers 200 to whatever it is asked would else pass for a balancer, and take CONFIG, too.
    throw new Refusal('refused', `INFO: ${balancer} does not speak MCMP here; is this its management address?`);
  }
  const { reported, info } = readReported(body, route);
  const elsewhere =
    address !== undefined && reported.address !== undefined && reported.address !== toldAddressKey(address);
  // What we said ourselves may be taken back; another node of the same name must not be thrown out (needs B7).
  const moved = elsewhere && reported.address === toldAddress;
  const plan = planReset(reported, input, moved ? 'moved' : elsewhere ? 'strange' : 'ours');
  const warnings = plan.byOthers.map(
    (path) => `somebody made ${path} ${plan.told.get(path)?.status ?? ''} on ${balancer}; it is left like that`,
  );
  // A row without contexts is what is left for a while of a node that said goodbye.
  if (elsewhere && !moved && reported.contexts.size > 0) {
    warnings.push(
      `${balancer} knows ${route} at ${reported.address ?? ''}: another node of this name, ` +
        'or this one before it was started again',
    );
  }
  return { plan, info, warnings };
}

/** Whether any line is one of INFO, in one of its forms; a balancer without nodes has none. */
function isInfo(body: string): boolean {
  return body.trim() === '' || /^(?:Node|Vhost|Context): \[/m.test(body) || /^\s*<(?:\?xml|Info)\b/.test(body);
}
