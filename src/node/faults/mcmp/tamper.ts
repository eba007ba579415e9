import type { Tamper } from '../../registrar/types.ts';
import type { Outgoing } from '../../wire/types.ts';
import type { FaultName } from '../table.ts';
import type { FaultBoard, Strike } from '../types.ts';
import { fieldOf, LONG_FIELD, withField } from './rewrite.ts';

export interface TamperOptions {
  readonly board: FaultBoard;
  /** Route of the node. */
  readonly route: string;
  /** Route of the first node of the simulator, which `duplicate-route` takes; the first node itself cannot have that fault. */
  readonly firstRoute: string;
  /** Makes the registrar register again, so that a fault is said, or taken back, at once: `McmpNode.refresh`. */
  readonly nudge: () => void;
}

/** The faults of a node's words. */
export interface NodeTamper extends Tamper {
  /** Looks at the board no more; what was said stays said. */
  close(): void;
}

/** Faults that show in a registration: switched on they are said at once, switched off the right words follow at once. */
const SAID_BY_REGISTERING: readonly FaultName[] = [
  'duplicate-route',
  'duplicate-address',
  'changed-port',
  'config-flood',
  'wrong-order',
  'oversized',
];

/** tcpmux: nobody listens there these days, and nobody can without privileges. */
const DEAD_PORT = '1';

/** Whatever a user asks for, one flood is a list that fits in memory. */
const MOST_CONFIGS_AT_ONCE = 100_000;
/** Far beyond what any balancer reads; each node of a fleet has one in memory at the same time. */
const MOST_FIELD_BYTES = 16 * 1024 * 1024;

/** What one balancer was told, as far as a fault has to remember it. */
interface Conversation {
  readonly balancer: string;
  /** CONFIG and what goes with it, held back by `wrong-order`. */
  held: readonly Outgoing[];
  /** Whether its last CONFIG had the first node's route, by `duplicate-route`. */
  asFirst: boolean;
  /** Whether it was told of the second route of `duplicate-address`. */
  hasTwin: boolean;
}

/** Puts the faults of the MCMP side into what one node says to its balancers, as the board says at each message. */
export function createTamper(options: TamperOptions): NodeTamper {
  const { board, route, firstRoute, nudge } = options;
  const twin = `${route}-twin`;
  let firstBalancer: string | undefined;
  /** Each balancer has draws of its own: what is said to one must not depend on how fast another one answers. */
  const draw = (fault: FaultName, balancer: string): Strike | undefined => {
    firstBalancer ??= balancer;
    return balancer === firstBalancer ? board.strike(fault, route) : board.strike(fault, route, balancer);
  };
  const strikes = (fault: FaultName, { balancer }: Conversation): boolean => draw(fault, balancer) !== undefined;
  /** Only of balancers with whom something is pending. */
  const conversations = new Map<string, Conversation>();
  /** Drawn once: a node goes once, to all balancers alike. */
  let vanishing: boolean | undefined;

  const distort = (message: Outgoing, conversation: Conversation): Outgoing => {
    const { method } = message;
    let said = message;
    if (method === 'CONFIG') {
      conversation.asFirst = route !== firstRoute && strikes('duplicate-route', conversation);
      if (strikes('changed-port', conversation)) said = withField(said, 'Port', DEAD_PORT);
    }
    // Goodbyes keep the node's own name: they would take the first node's rows along, and leave its own behind.
    const registers = method === 'CONFIG' || method === 'ENABLE-APP' || method === 'STATUS';
    if (registers && conversation.asFirst && board.isOn('duplicate-route', route)) {
      said = withField(said, 'JVMRoute', firstRoute);
    }
    const longField = LONG_FIELD.get(method);
    if (longField === undefined) return said;
    const bytes = draw('oversized', conversation.balancer)?.amount;
    return bytes === undefined
      ? said
      : withField(said, longField, (fieldOf(said, longField) ?? '').padEnd(Math.min(bytes, MOST_FIELD_BYTES), 'x'));
  };

  /** The message, and the same of the second route, whose answer never counts: whatever comes of it, the node goes on. */
  const double = (message: Outgoing, conversation: Conversation): readonly Outgoing[] => {
    if (fieldOf(message, 'JVMRoute') === undefined) return [message];
    const ofTwin = withField(message, 'JVMRoute', twin);
    if (message.method === 'CONFIG') {
      conversation.hasTwin = strikes('duplicate-address', conversation);
      // The node comes first, or its twin would have the address; and last, because the last answer counts.
      return conversation.hasTwin ? [message, ofTwin, message] : [message];
    }
    return conversation.hasTwin && board.isOn('duplicate-address', route) ? [ofTwin, message] : [message];
  };

  const flood = (messages: readonly Outgoing[], { balancer }: Conversation): readonly Outgoing[] => {
    const [first] = messages;
    if (first?.method !== 'CONFIG') return messages;
    const times = draw('config-flood', balancer)?.amount ?? 1;
    const more = Math.max(0, Math.min(MOST_CONFIGS_AT_ONCE, Math.round(times)) - 1);
    return [...Array.from({ length: more }, () => first), ...messages];
  };

  /** What has to be said before a message because a fault that is over has left it undone. */
  const mend = ({ method }: Outgoing, conversation: Conversation): readonly Outgoing[] => {
    let first: Outgoing[] = [];
    if (conversation.hasTwin && !board.isOn('duplicate-address', route)) {
      conversation.hasTwin = false;
      first.push({ method: 'REMOVE-APP', target: '/*', pairs: [['JVMRoute', twin]] });
    }
    // INFO starts from the beginning, and a goodbye has no CONFIG after it.
    const superseded = method === 'INFO' || method === 'CONFIG' || method === 'REMOVE-APP';
    if (!superseded && !board.isOn('wrong-order', route)) first = first.concat(conversation.held);
    if (superseded || !board.isOn('wrong-order', route)) conversation.held = [];
    return first;
  };

  const say = (message: Outgoing, conversation: Conversation): readonly Outgoing[] => {
    const { method } = message;
    if (method === 'STATUS' && strikes('skip-status', conversation)) return [];
    const said = flood(double(distort(message, conversation), conversation), conversation);
    if (method === 'CONFIG' && strikes('wrong-order', conversation)) {
      conversation.held = said;
      return [];
    }
    const { held } = conversation;
    conversation.held = [];
    return [...said, ...held];
  };

  const askew = (): string => SAID_BY_REGISTERING.filter((fault) => board.isOn(fault, route)).join();
  let lastAskew = askew();
  const stopListening = board.onChange(() => {
    const now = askew();
    if (now === lastAskew) return;
    lastAskew = now;
    nudge();
  });

  return {
    outgoing(message, balancer) {
      const conversation = conversations.get(balancer) ?? { balancer, held: [], asFirst: false, hasTwin: false };
      const said = [...mend(message, conversation), ...say(message, conversation)];
      const { held, asFirst, hasTwin } = conversation;
      if (held.length > 0 || asFirst || hasTwin) conversations.set(balancer, conversation);
      else conversations.delete(balancer);
      return said;
    },
    pace: (balancer) => (draw('byte-by-byte', balancer) === undefined ? 'whole' : 'byte-by-byte'),
    leavesConnectionOpen: (balancer) => draw('connection-left-open', balancer) !== undefined,
    vanishes() {
      vanishing ??= board.strike('vanish', route) !== undefined;
      return vanishing;
    },
    close: stopListening,
  };
}
