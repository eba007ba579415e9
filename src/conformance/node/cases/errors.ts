import { outcome, said } from '../../case.ts';
import { demand } from '../../verdict.ts';
import type { StagedBalancer } from '../balancer.ts';
import { forNodes, type PerKind } from '../kinds.ts';
import { GENERIC_FAILURE, type Reaction, refusal, reply } from '../reactions.ts';
import { type NodeRequest, outline } from '../request.ts';
import { demandGap, demandSequence, ofMethod, since } from '../sayings.ts';
import { type NodeCase, type NodeStage, nodeCase } from '../stage.ts';

const NO_ROOM = refusal('MEM', 'MEM: Can\'t update or insert node with "cf" JVMRoute');
const WRONG = refusal('SYNTAX', 'SYNTAX: Domain field too big');
/** Intervals for which nothing may be said. */
const SILENT_INTERVALS = 2.5;

/** The first message of a method from some point on, once it is answered. */
function answered(
  stage: NodeStage,
  balancer: StagedBalancer,
  method: string,
  after?: NodeRequest,
): Promise<NodeRequest> {
  return stage.until(`${method} is answered`, () =>
    ofMethod(since(balancer.requests, after), method).find((request) => request.answeredAtMs !== undefined),
  );
}

/** What follows a refusal that is no fault of the node's: it begins anew by itself. */
interface ComesBack {
  /** Messages from the refusal to the next good STATUS. */
  readonly sequence: RegExp;
  /** Intervals that pass at least. */
  readonly intervals: number;
}

const AGAIN: PerKind<{ readonly words: string; readonly value: ComesBack }> = {
  ...forNodes(outcome('CONFIG again, by itself', { sequence: /\bCONFIG\b/, intervals: 0 })),
  mcmp: outcome('INFO, CONFIG, ENABLE-APP, STATUS, at once', {
    sequence: /^INFO, CONFIG, (?:[A-Z]+-APP [^ ]+, )*STATUS$/,
    intervals: 0,
  }),
  java: outcome('nothing until the next periodic event, then INFO, CONFIG, ENABLE-APP, STATUS', {
    sequence: /^INFO, CONFIG, (?:[A-Z]+-APP [^ ]+, )*STATUS$/,
    intervals: 0.5,
  }),
};

/** A message is refused once, in the middle of a registration or later. */
function comesBackCase(
  facts: Pick<NodeCase, 'id' | 'requirement' | 'lines'>,
  refuse: { readonly method: 'CONFIG' | 'ENABLE-APP' | 'STATUS'; readonly with: Reaction },
): NodeCase {
  return nodeCase({
    ...facts,
    level: 'must',
    spec: '9.2',
    expected: AGAIN,
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin(
        refuse.method === 'STATUS' ? undefined : (one) => one.on(refuse.method, refuse.with, 1),
      );
      if (refuse.method === 'STATUS') {
        await stage.settled(balancer);
        balancer.forget();
        balancer.on('STATUS', refuse.with, 1);
      }
      const refused = await stage.until(`${refuse.method} is refused`, () =>
        balancer.requests.find(({ method, status }) => method === refuse.method && status === 500),
      );
      const { contexts, requests } = await stage.registered(balancer, refused);
      demandSequence(requests, value.sequence, words);
      const [next] = requests;
      if (next !== undefined) demandGap(refused, next, { least: value.intervals * stage.statusIntervalMs });
      demand(contexts.size > 0, 'its contexts at the balancer again', 'none');
    },
  });
}

/** Refusals, and what a node makes of them (reference §9.2). */
export const ERROR_CASES = [
  comesBackCase(
    {
      id: 'errors/config-mem',
      requirement: 'A CONFIG that is refused with Type: MEM is tried again.',
      lines: ['NODE-27'],
    },
    { method: 'CONFIG', with: NO_ROOM },
  ),
  comesBackCase(
    {
      id: 'errors/config-untyped',
      requirement: 'A 500 without Type, as Undertow says it, is no reason to give up either.',
      lines: ['NODE-28'],
    },
    { method: 'CONFIG', with: GENERIC_FAILURE },
  ),
  comesBackCase(
    {
      id: 'errors/enable-mem',
      requirement: 'When a context is refused with Type: MEM, the node registers again until it is there.',
      lines: ['NODE-27'],
    },
    { method: 'ENABLE-APP', with: NO_ROOM },
  ),
  comesBackCase(
    {
      id: 'errors/status-mem',
      requirement:
        'A node whose STATUS is refused because nobody knows its route registers anew, with all its contexts.',
      lines: ['NODE-58', 'NODE-27'],
    },
    { method: 'STATUS', with: refusal('MEM', "MEM: Can't read node") },
  ),
  nodeCase({
    id: 'errors/config-syntax',
    requirement: 'A CONFIG that is refused with Type: SYNTAX is not said again and again.',
    level: 'should',
    lines: ['NODE-26'],
    spec: '9.2',
    needs: ['fresh-node'],
    expected: {
      ...forNodes(outcome('no more than one attempt for each interval', { most: 4 })),
      mcmp: outcome('nothing more for a minute', { most: 0 }),
      java: outcome('nothing more, ever', { most: 0 }),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin((one) => one.on('CONFIG', WRONG));
      const refused = await answered(stage, balancer, 'CONFIG');
      await stage.pass('what follows a SYNTAX', SILENT_INTERVALS * stage.statusIntervalMs);
      const news = since(balancer.requests, refused);
      const attempts = value.most === 0 ? news : ofMethod(news, 'CONFIG');
      demand(attempts.length <= value.most, words, () => outline(news));
    },
  }),
  nodeCase({
    id: 'errors/status-syntax',
    requirement: 'After Type: SYNTAX to anything a Java node is silent, also towards a balancer that was good before.',
    level: 'may',
    lines: ['NODE-26'],
    spec: '9.2',
    needs: ['fresh-node'],
    expected: { mcmp: said('nothing more for a minute'), java: said('nothing more, ever') },
    async run(stage, { words }) {
      const { balancer } = await stage.begin();
      await stage.registered(balancer);
      balancer.on('STATUS', WRONG);
      const refused = await stage.until('a STATUS is refused', () =>
        balancer.requests.find(({ method, status }) => method === 'STATUS' && status === 500),
      );
      await stage.pass('what follows a SYNTAX', SILENT_INTERVALS * stage.statusIntervalMs);
      demand(since(balancer.requests, refused).length === 0, words, () => outline(since(balancer.requests, refused)));
    },
  }),
  nodeCase({
    id: 'errors/syntax-goodbye',
    requirement:
      'A node that was silenced by Type: SYNTAX goes without a word, a node of ours takes back what it may have left.',
    level: 'may',
    lines: ['NODE-26'],
    spec: '9.2',
    needs: ['fresh-node', 'node-exit'],
    expected: {
      mcmp: outcome('REMOVE-APP /*', /^REMOVE-APP \/\*$/),
      java: outcome('nothing', /^nothing$/),
    },
    async run(stage, { value, words }) {
      const { balancer, node } = await stage.begin();
      await stage.settled(balancer);
      balancer.on('STATUS', WRONG);
      const refused = await stage.until('a STATUS is refused', () =>
        balancer.requests.find(({ method, status }) => method === 'STATUS' && status === 500),
      );
      // A node that closes has read that it is refused; another one may keep its connection until it needs it.
      await stage.until('the node hears the refusal', () => {
        const sinceMs = stage.nowMs() - (refused.answeredAtMs ?? refused.atMs);
        return balancer.openConnections() === 0 || sinceMs > stage.statusIntervalMs / 2;
      });
      await stage.pass('it takes the refusal to heart', stage.statusIntervalMs / 4);
      await node.act('exit');
      demandSequence(since(balancer.requests, refused), value, words);
    },
  }),
  nodeCase({
    id: 'errors/config-refused-for-ever',
    requirement: 'A node that is never taken keeps trying, reports nothing, and does not become a burden.',
    level: 'should',
    lines: ['NODE-27'],
    spec: '9.2',
    needs: ['fresh-node'],
    expected: {
      ...forNodes(outcome('attempts go on, few in each interval, without STATUS', { perInterval: 3, extra: 3 })),
      java: outcome('one attempt at every event, without STATUS', { perInterval: 1, extra: 1 }),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin((one) => one.on('CONFIG', NO_ROOM));
      const first = await answered(stage, balancer, 'CONFIG');
      const intervals = 4;
      await stage.pass('attempts to register', intervals * stage.statusIntervalMs);
      const news = since(balancer.requests, first);
      const attempts = ofMethod(news, 'CONFIG').length;
      const most = value.perInterval * intervals + value.extra;
      demand(attempts >= 1 && attempts <= most, words, () => `${attempts} attempts in ${intervals} intervals`);
      demand(ofMethod(news, 'STATUS').length === 0, words, () => outline(news));
    },
  }),
  nodeCase({
    id: 'errors/not-mcmp',
    requirement: 'A web page in place of an answer is no success: nothing is enabled after it.',
    level: 'should',
    lines: ['NODE-28'],
    spec: '9.2',
    expected: {
      ...forNodes(outcome('CONFIG again before ENABLE-APP', /^(?:(?!ENABLE-APP).)*CONFIG/)),
      mcmp: outcome('INFO, CONFIG', /^INFO, CONFIG/),
      java: outcome('INFO, CONFIG', /^INFO, CONFIG/),
    },
    async run(stage, { value, words }) {
      const page = reply(404, '<html><body>Not Found</body></html>\n', { headers: [['Content-Type', 'text/html']] });
      const { balancer } = await stage.begin((one) => one.on('CONFIG', page, 1));
      const refused = await answered(stage, balancer, 'CONFIG');
      const { requests } = await stage.registered(balancer, refused);
      demandSequence(requests, value, words);
    },
  }),
];
