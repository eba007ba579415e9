import { parseDuration } from '../../../core/units.ts';
import { outcome, said } from '../../case.ts';
import { demand, NotHere } from '../../verdict.ts';
import type { StagedBalancer } from '../balancer.ts';
import { forNodes } from '../kinds.ts';
import { bytes, CLOSE, HALF, RESET, type Reaction, SILENCE, WELL_AND_CLOSE } from '../reactions.ts';
import { type NodeRequest, outline } from '../request.ts';
import { demandGap, demandSequence, methodsOf, ofMethod, since } from '../sayings.ts';
import { type NodeCase, type NodeStage, nodeCase } from '../stage.ts';

/** The first STATUS from now on. */
async function nextStatus(stage: NodeStage, balancer: StagedBalancer): Promise<NodeRequest> {
  const count = balancer.requests.length;
  return await stage.until('STATUS', () => ofMethod(balancer.requests.slice(count), 'STATUS')[0]);
}

/** A STATUS is lost once; what comes next. */
function lostCase(id: string, requirement: string, how: Reaction): NodeCase {
  return nodeCase({
    ...{ id, requirement, level: 'must', lines: ['NODE-29'], spec: '9.2' },
    expected: {
      ...forNodes(outcome('the node speaks again, on a new connection', { at: 2.5, first: /^/ })),
      mcmp: outcome('the same message again at once, on a new connection', { at: 0.5, first: /^STATUS/ }),
      java: outcome('the same message again at once, on a new connection', { at: 0.5, first: /^STATUS/ }),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin();
      await stage.settled(balancer);
      balancer.on('STATUS', how, 1);
      const lost = await nextStatus(stage, balancer);
      const next = await stage.until('the node speaks again', () => since(balancer.requests, lost)[0]);
      demand(value.first.test(next.method) && next.connection !== lost.connection, words, () => outline([next]));
      demandGap(lost, next, { most: value.at * stage.statusIntervalMs + AT_ONCE_MS });
      await stage.until('STATUS is answered well', () =>
        ofMethod(since(balancer.requests, lost), 'STATUS').find(({ status }) => status === 200),
      );
    },
  });
}

/** On a busy machine. */
const AT_ONCE_MS = 300;

/** Connections and answers that go wrong (reference §9.2, and what was measured with real nodes). */
export const TRANSPORT_CASES = [
  nodeCase({
    id: 'transport/balancer-late',
    requirement: 'A node that finds no balancer at its start registers when there is one.',
    level: 'must',
    lines: ['NODE-30'],
    spec: '9.2',
    needs: ['fresh-node'],
    expected: forNodes(said('registered within a few intervals of the start of the balancer')),
    async run(stage) {
      const balancer = await stage.balancer();
      await balancer.goAway();
      await stage.start();
      await stage.pass('no balancer is there', 2.5 * stage.statusIntervalMs);
      await balancer.comeBack();
      await stage.registered(balancer);
    },
  }),
  nodeCase({
    id: 'transport/balancer-restarts',
    requirement: 'A balancer that was away and has forgotten everything gets the whole registration again.',
    level: 'must',
    lines: ['NODE-58', 'NODE-30'],
    spec: '9.2',
    expected: {
      ...forNodes(outcome('CONFIG, its contexts, STATUS', /CONFIG(?:, [A-Z]+-APP [^ ]+)+.*, STATUS$/)),
      mcmp: outcome('INFO, CONFIG, its contexts, STATUS', /^INFO, CONFIG, (?:[A-Z]+-APP [^ ]+, )+STATUS$/),
      java: outcome('INFO, CONFIG, its contexts, STATUS', /^INFO, CONFIG, (?:[A-Z]+-APP [^ ]+, )+STATUS$/),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin();
      await stage.settled(balancer);
      await balancer.goAway();
      balancer.forget();
      const last = balancer.requests.at(-1);
      await stage.pass('the balancer is away', 1.5 * stage.statusIntervalMs);
      await balancer.comeBack();
      const { requests } = await stage.registered(balancer, last);
      demandSequence(requests, value, words);
    },
  }),
  lostCase(
    'transport/closed-without-answer',
    'A connection that is closed in place of an answer costs one message, not the registration.',
    CLOSE,
  ),
  lostCase(
    'transport/reset-without-answer',
    'A connection that is reset in place of an answer costs one message, not the registration.',
    RESET,
  ),
  nodeCase({
    id: 'transport/two-losses',
    requirement: 'A balancer that answers twice with nothing is begun with anew.',
    level: 'should',
    lines: ['NODE-30'],
    spec: '9.2',
    expected: {
      ...forNodes(outcome('the node reports again within a few intervals', { first: /^/, intervals: 0 })),
      mcmp: outcome('INFO', { first: /^INFO$/, intervals: 0 }),
      java: outcome('INFO at the next periodic event', { first: /^INFO$/, intervals: 0.5 }),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin();
      await stage.settled(balancer);
      balancer.on('STATUS', CLOSE, 2);
      await nextStatus(stage, balancer);
      const lost = await stage.until('two STATUS without an answer', () => {
        const unanswered = ofMethod(balancer.requests, 'STATUS').filter(
          ({ answeredAtMs, status }) => answeredAtMs !== undefined && status === undefined,
        );
        return unanswered[1];
      });
      const next = await stage.until('the node speaks again', () => since(balancer.requests, lost)[0]);
      demand(value.first.test(next.method), words, () => outline([next]));
      demandGap(lost, next, { least: value.intervals * stage.statusIntervalMs });
      await stage.until('STATUS is answered well', () =>
        ofMethod(since(balancer.requests, lost), 'STATUS').find(({ status }) => status === 200),
      );
    },
  }),
  nodeCase({
    id: 'transport/silence',
    requirement: 'A balancer that does not answer is given up after a time, and tried again.',
    level: 'must',
    lines: ['NODE-31'],
    spec: '9.2',
    needs: ['node-timeout'],
    expected: {
      ...forNodes(outcome('the node speaks again when its time-out is over', { first: /^/ })),
      mcmp: outcome('INFO on a new connection when its time-out is over', { first: /^INFO$/ }),
      java: outcome('the same message on a new connection when its time-out is over', { first: /^STATUS$/ }),
    },
    async run(stage, { value, words }) {
      const timeoutMs = parseDuration(stage.features.get('node-timeout') ?? '', 's');
      if (typeof timeoutMs === 'string') throw new NotHere(`--with node-timeout: ${timeoutMs}`);
      const { balancer } = await stage.begin();
      await stage.settled(balancer);
      balancer.on('STATUS', SILENCE, 1);
      const lost = await nextStatus(stage, balancer);
      const patienceMs = timeoutMs + stage.soonMs;
      const next = await stage.until('the node speaks again', () => since(balancer.requests, lost)[0], patienceMs);
      demand(value.first.test(next.method) && next.connection !== lost.connection, words, () => outline([next]));
      demandGap(lost, next, { least: 0.8 * timeoutMs, most: 1.2 * timeoutMs + stage.statusIntervalMs + AT_ONCE_MS });
    },
  }),
  nodeCase({
    id: 'transport/close-each',
    requirement: 'A balancer that closes after each answer, as Undertow does, is served like any other.',
    level: 'must',
    lines: ['NODE-35'],
    spec: '9.2',
    expected: forNodes(said('each message on a connection of its own, none said twice')),
    async run(stage, { words }) {
      const { balancer } = await stage.begin((one) => one.on('*', WELL_AND_CLOSE));
      const { requests } = await stage.settled(balancer);
      const connections = new Set(requests.map(({ connection }) => connection)).size;
      demand(connections === requests.length, words, `${connections} connections for ${outline(requests)}`);
      demand(ofMethod(requests, 'CONFIG').length === 1, words, () => outline(requests));
    },
  }),
  nodeCase({
    id: 'transport/idle-close',
    requirement: 'A connection that was closed while nothing was said costs nothing.',
    level: 'must',
    lines: ['NODE-29', 'NODE-35'],
    spec: '9.2',
    expected: {
      ...forNodes(outcome('STATUS goes on', /^/)),
      mcmp: outcome('STATUS on a new connection, and nothing else', /^STATUS STATUS/),
      java: outcome('STATUS on a new connection, and nothing else', /^STATUS STATUS/),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin();
      await stage.settled(balancer);
      const last = balancer.requests.at(-1);
      balancer.closeConnections();
      await stage.until('two STATUS', () => ofMethod(since(balancer.requests, last), 'STATUS').length >= 2);
      demand(value.test(methodsOf(since(balancer.requests, last))), words, () =>
        outline(since(balancer.requests, last)),
      );
    },
  }),
  nodeCase({
    id: 'transport/half-an-answer',
    requirement: 'A connection that ends in the middle of an answer does not end the registration.',
    level: 'should',
    lines: ['NODE-30'],
    spec: '9.2',
    expected: {
      ...forNodes(outcome('the node reports again', /^/)),
      mcmp: outcome('not taken as an answer: INFO', /^INFO /),
      java: outcome('taken as a success: STATUS at the next event', /^STATUS /),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin();
      await stage.settled(balancer);
      // Head and half of the body: whoever reads the length knows that something is missing.
      balancer.on('STATUS', HALF, 1);
      const lost = await nextStatus(stage, balancer);
      await stage.until('STATUS is answered well', () =>
        ofMethod(since(balancer.requests, lost), 'STATUS').find(({ status }) => status === 200),
      );
      demand(value.test(`${methodsOf(since(balancer.requests, lost))} `), words, () =>
        outline(since(balancer.requests, lost)),
      );
    },
  }),
  nodeCase({
    id: 'transport/garbage',
    requirement: 'Whatever nonsense comes back, the node tries again and registers when it is answered well.',
    level: 'must',
    lines: ['NODE-30'],
    spec: '9.2',
    needs: ['fresh-node'],
    expected: forNodes(said('registered after an answer that is no HTTP, an empty one, and a head without an end')),
    async run(stage) {
      const nonsense = ['SSH-2.0-OpenSSH_9.6\r\n', '', '\x15\x03\x01\x00\x02\x02\x46', 'HTTP/1.1 200 OK\r\nContent-Le'];
      let at = 0;
      const { balancer } = await stage.begin((one) =>
        one.on(
          '*',
          () => {
            const text = nonsense[at % nonsense.length] ?? '';
            at += 1;
            return bytes(text, { end: true });
          },
          2 * nonsense.length,
        ),
      );
      await stage.until(
        'the node has seen all of it',
        () => balancer.requests.length > nonsense.length,
        2 * nonsense.length * stage.statusIntervalMs + stage.soonMs,
      );
      balancer.behave();
      await stage.registered(balancer);
    },
  }),
];
