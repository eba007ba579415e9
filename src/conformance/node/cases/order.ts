import { outcome, said } from '../../case.ts';
import { demand } from '../../verdict.ts';
import type { StagedBalancer } from '../balancer.ts';
import { forNodes } from '../kinds.ts';
import { GENERIC_FAILURE, late } from '../reactions.ts';
import { outline } from '../request.ts';
import { demandGap, demandSequence, methodsOf, ofMethod } from '../sayings.ts';
import { nodeCase, type Registration, type StartOptions } from '../stage.ts';

/** Late enough for a second message to come in between. */
const ANSWER_AFTER_MS = 60;

/** What a node says first, and in which order (reference §9.3). */
export const ORDER_CASES = [
  nodeCase({
    id: 'order/first-message',
    requirement: 'A node introduces itself before it says anything about its applications or its load.',
    level: 'must',
    lines: ['NODE-01'],
    spec: '9.3',
    needs: ['fresh-node'],
    expected: {
      ...forNodes(outcome('CONFIG, or a message that only looks, comes first', /^(?:CONFIG|INFO|DUMP|PING|VERSION) /)),
      mcmp: outcome('`INFO / HTTP/1.1` comes first', /^INFO \/ HTTP\/1\.1$/),
      java: outcome('`INFO / HTTP/1.1` comes first', /^INFO (?:\/[^ ]*)?\/ HTTP\/1\.1$/),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin();
      await stage.registered(balancer);
      const [first] = balancer.requests;
      const line = first === undefined ? 'nothing' : `${first.method} ${first.target} ${first.version}`;
      demand(value.test(line), words, line);
      demand(first?.method !== 'INFO' || first.body === '', 'INFO without a body', () => JSON.stringify(first?.body));
    },
  }),
  nodeCase({
    id: 'order/registration',
    requirement: 'A node says CONFIG before it enables applications, and reports its load when it is known.',
    level: 'must',
    lines: ['NODE-03'],
    spec: '9.3',
    expected: {
      ...forNodes(outcome('CONFIG before every ENABLE-APP and STATUS', /^(?!(?:(?!CONFIG).)*(?:ENABLE-APP|STATUS))/)),
      mcmp: outcome('INFO, CONFIG, ENABLE-APP, STATUS', /^INFO, CONFIG, (?:[A-Z]+-APP [^,]+(?:,\/[^,]*)*, )*STATUS$/),
      // A booting WildFly stops its contexts, from another thread, sometimes before CONFIG (§9.3, step 7).
      java: outcome(
        'INFO, CONFIG, then a command for each context, STATUS',
        /^INFO, (?:STOP-APP [^,]+, )*CONFIG, (?:[A-Z]+-APP [^,]+, )*STATUS$/,
      ),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin();
      const { requests } = await stage.registered(balancer);
      demandSequence(requests, value, words);
    },
  }),
  nodeCase({
    id: 'order/info-refused',
    requirement: 'A node whose INFO was refused does not go on as if it had been answered.',
    level: 'may',
    lines: ['NODE-02'],
    spec: '9.2',
    expected: {
      mcmp: outcome('INFO again, nothing before it', { intervals: 0 }),
      java: outcome('INFO again at the next periodic event, nothing before it', { intervals: 0.5 }),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin((one) => one.on('INFO', GENERIC_FAILURE, 1));
      const { requests } = await stage.registered(balancer);
      const [first, second] = requests;
      demandSequence(requests, /^INFO, INFO, /, words);
      if (first !== undefined && second !== undefined) {
        demandGap(first, second, { least: value.intervals * stage.statusIntervalMs });
      }
    },
  }),
  nodeCase({
    id: 'order/one-at-a-time',
    requirement: 'A node waits for the answer to a message before it sends the next.',
    level: 'should',
    lines: ['NODE-36'],
    spec: '9.2',
    expected: {
      ...forNodes(outcome('no message before the last one was answered', { oneConnection: false })),
      mcmp: outcome('one message after the other, on one connection', { oneConnection: true }),
      java: outcome('one message after the other, on one connection', { oneConnection: true }),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin((one) => one.on('*', late(ANSWER_AFTER_MS)));
      const { requests } = await stage.registered(balancer);
      for (const [at, request] of requests.entries()) {
        const before = requests[at - 1];
        demand(
          before === undefined || (before.answeredAtMs ?? Number.POSITIVE_INFINITY) <= request.atMs,
          words,
          () => `${request.method} came before ${before?.method} was answered`,
        );
      }
      const connections = new Set(requests.map(({ connection }) => connection)).size;
      demand(!value.oneConnection || connections === 1, words, `${connections} connections`);
    },
  }),
  nodeCase({
    id: 'order/two-balancers',
    requirement: 'A node with two balancers tells both the same.',
    level: 'should',
    lines: ['NODE-37'],
    spec: '9.2',
    needs: ['fresh-node', 'node-second-balancer'],
    expected: forNodes(said('the same CONFIG and the same contexts at both')),
    async run(stage, { words }) {
      const first = await stage.balancer();
      const second = await stage.balancer();
      await stage.start(withSecond(first, second));
      const one = await stage.settled(first);
      const other = await stage.settled(second);
      const told = ({ route, requests }: Registration): string =>
        `${route}: ${outline(requests.filter(({ method }) => method === 'CONFIG' || method.endsWith('-APP')))}`;
      demand(told(one) === told(other), words, () => `${told(one)} at the first, ${told(other)} at the second`);
    },
  }),
  nodeCase({
    id: 'order/dead-balancer',
    requirement: 'A balancer that is dead does not keep a node from another one, and is served when it comes.',
    level: 'must',
    lines: ['NODE-37', 'NODE-30'],
    spec: '9.2',
    needs: ['fresh-node', 'node-second-balancer'],
    expected: forNodes(said('registered with the one that lives, and with the other when it comes')),
    async run(stage) {
      const alive = await stage.balancer();
      const dead = await stage.balancer();
      await dead.goAway();
      await stage.start(withSecond(alive, dead));
      await stage.registered(alive);
      await stage.until(
        'STATUS goes on at the balancer that lives',
        () => ofMethod(alive.requests, 'STATUS').length >= 3,
      );
      await dead.comeBack();
      await stage.registered(dead);
    },
  }),
  nodeCase({
    id: 'order/new-balancer',
    requirement: 'A balancer that a running node is given is introduced to it from the beginning.',
    level: 'should',
    lines: ['NODE-38'],
    spec: '9.2',
    needs: ['fresh-node', 'node-add-balancer'],
    expected: {
      any: outcome('registered with it, too', { first: /^/, reconnects: false }),
      mcmp: outcome('INFO first', { first: /^INFO/, reconnects: false }),
      java: outcome('INFO first, and all connections are opened anew', { first: /^INFO/, reconnects: true }),
    },
    async run(stage, { value, words }) {
      const { balancer, node } = await stage.begin();
      await stage.registered(balancer);
      const added = await stage.balancer();
      const count = balancer.requests.length;
      await node.act('add-balancer', { value: added.url.origin });
      const { requests } = await stage.registered(added);
      demand(value.first.test(methodsOf(requests)), words, () => outline(requests));
      if (!value.reconnects) return;
      const next = await stage.until('STATUS goes on at the first balancer', () => balancer.requests[count]);
      const before = balancer.requests[count - 1];
      demand(
        next.connection !== before?.connection,
        words,
        `${next.method} came on the connection of ${before?.method}`,
      );
    },
  }),
];

function withSecond(first: StagedBalancer, second: StagedBalancer): StartOptions {
  return {
    balancers: [first, second],
    settings: ['node-second-balancer'],
    values: new Map([['node-second-balancer', second.url.origin]]),
  };
}
