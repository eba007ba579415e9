import { type HttpAnswer, headerOf } from '../../client/answer.ts';
import { type Brand, brandByName, brandByShape } from '../../client/brand.ts';
import { notMcmp } from '../../client/recognise.ts';
import type { InfoView } from '../../core/mcmp/info.ts';
import type { McmpWire, Outgoing } from '../wire/types.ts';
import { beginningOf } from './beginning.ts';
import type { LifeEvent } from './life-cycle.ts';
import type { MannersRow } from './manners.ts';
import type { NodeEvent, Tamper } from './types.ts';
import { namedField, troubleWith } from './warnings.ts';

/** An answer that is no success. */
export class Refusal extends Error {
  readonly event: Extract<LifeEvent, 'refused' | 'rejected' | 'silenced'>;
  /** `Type`, as it is meant; empty when it has none. */
  readonly type: string;
  /** What to do, when this is no balancer, or one that does not want us (needs B2, B3, B4). */
  readonly hint: string | undefined;

  constructor(event: Refusal['event'], message: string, { type = '', hint }: { type?: string; hint?: string } = {}) {
    super(message);
    this.event = event;
    this.type = type;
    this.hint = hint;
  }
}

/** A registrar's side of what is said between a node and one balancer. */
export interface Conversation {
  /** Who answers, as far as it has said so. */
  readonly brand: () => Brand;
  /**
   * Sends a message and returns the answer when it is a success.
   * @throws Refusal when it is none; McmpError when there is none; the signal's reason
   */
  say(message: Outgoing, signal: AbortSignal): Promise<HttpAnswer>;
  /** Sends a message and returns whatever answer comes. @throws McmpError, the signal's reason */
  tell(message: Outgoing, signal: AbortSignal): Promise<HttpAnswer>;
  /** Takes a balancer that does not give its name for what its tables look like. */
  guessBrand(info: InfoView): void;
  /** Says something once that is likely to go wrong there. */
  warn(message: string): void;
}

/** What is remembered of warnings, so that each is given once. */
const MOST_WARNINGS = 100;
/** As much as is kept of what a balancer says is wrong. */
const MOST_CHARACTERS = 1000;

export function createConversation(
  wire: McmpWire,
  manners: MannersRow,
  options: { readonly tamper?: Tamper | undefined; readonly onEvent: (event: NodeEvent) => void },
): Conversation {
  const { tamper, onEvent } = options;
  const balancer = wire.address;
  const warned = new Set<string>();
  let brand: Brand = 'unknown';

  const warn = (message: string): void => {
    const text = beginningOf(message, MOST_CHARACTERS);
    if (warned.has(text) || warned.size >= MOST_WARNINGS) return;
    warned.add(text);
    onEvent({ kind: 'warning', balancer, message: text });
  };

  const send = async (message: Outgoing, signal: AbortSignal): Promise<HttpAnswer> => {
    const answer = await wire.exchange(message, signal);
    onEvent({ kind: 'exchange', balancer, message, answer });
    return answer;
  };

  const tell = async (message: Outgoing, signal: AbortSignal): Promise<HttpAnswer> => {
    for (const trouble of troubleWith(message, brand)) warn(trouble);
    if (tamper === undefined) return await send(message, signal);
    let answer = nothingSaid(message);
    for (const outgoing of tamper.outgoing(message, balancer)) answer = await send(outgoing, signal);
    return answer;
  };

  return {
    brand: () => brand,
    warn,
    tell,
    async say(message, signal) {
      const answer = await tell(message, signal);
      // Only INFO and DUMP of Undertow have the header, so that its absence says nothing.
      const named = brandByName(headerOf(answer, 'server'));
      if (named !== undefined) brand = named.brand;
      const refusal = refusalOf(message, answer, balancer, manners);
      if (refusal?.hint !== undefined) warn(`${refusal.message}. ${refusal.hint}`);
      if (refusal !== undefined) throw refusal;
      return answer;
    },
    guessBrand(info) {
      if (brand === 'unknown') brand = brandByShape(info);
    },
  };
}

/** What counts as the answer to a message that was held back. */
function nothingSaid({ method, target }: Outgoing): HttpAnswer {
  return { method, target, status: 200, statusText: 'OK', headers: new Map(), body: '', elapsedMs: 0 };
}

function refusalOf(message: Outgoing, answer: HttpAnswer, balancer: string, manners: MannersRow): Refusal | undefined {
  const { method } = message;
  const type = headerOf(answer, 'type');
  const mess = beginningOf(headerOf(answer, 'mess') || answer.body.trim(), MOST_CHARACTERS);
  if (manners.anyOkIsGood) {
    if (answer.status === 200) return undefined;
    return new Refusal(type === 'SYNTAX' ? 'silenced' : 'refused', `${method}: ${mess || answer.status}`);
  }
  const stranger = notMcmp(answer, balancer);
  if (stranger !== undefined) {
    const { hint } = stranger;
    return new Refusal('refused', beginningOf(stranger.message, MOST_CHARACTERS), hint === undefined ? {} : { hint });
  }
  if (answer.status === 200) return undefined;
  // Undertow calls a node that moved a syntax error, although the same CONFIG is welcome the second time; the text is right.
  const wrong = type === 'SYNTAX' && !mess.startsWith('MEM:');
  const field = wrong ? namedField(message, mess) : '';
  const meant = wrong || type !== 'SYNTAX' ? type : 'MEM';
  return new Refusal(wrong ? 'rejected' : 'refused', `${method}: ${mess || answer.status}${field}`, { type: meant });
}
