import { outcome, said } from '../../case.ts';
import { demand, demandEqual } from '../../verdict.ts';
import type { StagedBalancer } from '../balancer.ts';
import { forNodes } from '../kinds.ts';
import { type Reaction, reply } from '../reactions.ts';
import { fieldOf, type NodeRequest, outline } from '../request.ts';
import { demandGap, methodsOf, needField, ofMethod, since } from '../sayings.ts';
import { type NodeStage, nodeCase } from '../stage.ts';

/** Beyond the interval, on a machine that has other work. */
const LATE_MS = 1_500;

/** Waits until so many STATUS have come in all. */
function statuses(stage: NodeStage, balancer: StagedBalancer, count: number): Promise<readonly NodeRequest[]> {
  return stage.until(
    `${count} STATUS`,
    () => {
      const all = ofMethod(balancer.requests, 'STATUS');
      return all.length >= count ? all : undefined;
    },
    count * stage.statusIntervalMs * 2 + stage.soonMs,
  );
}

/** The answer to a STATUS that was taken. */
function statusReply(request: NodeRequest, state: 'OK' | 'NOTOK', id: string): Reaction {
  return reply(200, `Type=STATUS-RSP&JVMRoute=${fieldOf(request, 'JVMRoute') ?? ''}&State=${state}&id=${id}\n`);
}

function loadCase(id: string, requirement: string, lines: readonly string[], load: string) {
  return nodeCase({
    ...{ id, requirement, lines, level: 'should', spec: '9.8', needs: ['node-load'] },
    expected: forNodes(said(`Load=${load} in STATUS`)),
    async run(stage: NodeStage) {
      const { balancer, node } = await stage.begin();
      await stage.registered(balancer);
      await node.act('load', { value: load });
      await stage.until(`STATUS with Load=${load}`, () =>
        ofMethod(balancer.requests, 'STATUS').some((request) => fieldOf(request, 'Load') === load),
      );
    },
  });
}

/** Reports (reference §2.3, §9.3, §9.8). */
export const STATUS_CASES = [
  nodeCase({
    id: 'status/period',
    requirement: 'A node reports at its interval: often enough to be kept, not so often that it is a burden.',
    level: 'must',
    lines: ['NODE-15'],
    spec: '9.3',
    expected: {
      ...forNodes(outcome('STATUS again within two intervals, not before a third of one', { least: 0.33, most: 2 })),
      java: outcome('STATUS at every interval', { least: 0.7, most: 1.5 }),
    },
    async run(stage, { value }) {
      const { balancer } = await stage.begin();
      await stage.registered(balancer);
      const all = await statuses(stage, balancer, 4);
      const intervalMs = stage.statusIntervalMs;
      for (const [at, request] of all.entries()) {
        const before = all[at - 1];
        if (before === undefined) continue;
        demandGap(before, request, { least: value.least * intervalMs, most: value.most * intervalMs + LATE_MS });
      }
    },
  }),
  nodeCase({
    id: 'status/fields',
    requirement: 'STATUS names the node and its load.',
    level: 'must',
    lines: ['NODE-15'],
    spec: '2.3',
    expected: forNodes(said('JVMRoute and Load in each')),
    async run(stage) {
      const { balancer } = await stage.begin();
      await stage.registered(balancer);
      for (const request of await statuses(stage, balancer, 2)) {
        needField(request, 'JVMRoute');
        needField(request, 'Load');
      }
    },
  }),
  nodeCase({
    id: 'status/load-range',
    requirement: 'Load is a number that every balancer takes.',
    level: 'must',
    lines: ['NODE-16', 'NODE-60'],
    spec: '9.8',
    expected: {
      ...forNodes(outcome('a whole number from -1 to 100', /^(?:-1|\d|[1-9]\d|100)$/)),
      java: outcome('a whole number from 1 to 100, or -1', /^(?:-1|[1-9]|[1-9]\d|100)$/),
      // Undertow refuses it; it is what this client does all the same.
      mcc: outcome('a number with a fraction', /^\d+\.\d+$/),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin();
      await stage.registered(balancer);
      for (const request of await statuses(stage, balancer, 3)) {
        const load = needField(request, 'Load');
        demand(value.test(load), words, load);
      }
    },
  }),
  nodeCase({
    id: 'status/first-loads',
    requirement: 'A node that has just started does not claim to be idle before it can know.',
    level: 'may',
    lines: ['NODE-17'],
    spec: '9.8',
    needs: ['fresh-node', 'node-load-metric'],
    expected: { mcmp: said('loads of about 50, 75, 88 and 94'), java: said('loads of about 50, 75, 88 and 94') },
    async run(stage, { words }) {
      const { balancer } = await stage.begin(undefined, { settings: ['node-load-metric'] });
      await stage.registered(balancer);
      const loads = (await statuses(stage, balancer, 4)).map((request) => Number(fieldOf(request, 'Load')));
      const isNear = [50, 75, 88, 94].every((load, at) => Math.abs((loads[at] ?? 0) - load) <= 3);
      demand(isNear, words, () => loads.join(', '));
    },
  }),
  loadCase('status/load-changed', 'Another load is what the next STATUS says.', ['NODE-16'], '37'),
  loadCase('status/unavailable', 'A node that is out of order says so with Load=-1.', ['NODE-51'], '-1'),
  nodeCase({
    id: 'status/connector-stopped',
    requirement: 'A node whose connector is stopped is out of order.',
    level: 'should',
    lines: ['NODE-52'],
    spec: '9.3',
    needs: ['fresh-node', 'node-stop-connector'],
    expected: forNodes(said('Load=-1')),
    async run(stage) {
      const { balancer, node } = await stage.begin();
      await stage.registered(balancer);
      await node.act('stop-connector');
      await stage.until('STATUS with Load=-1', () =>
        ofMethod(balancer.requests, 'STATUS').some((request) => fieldOf(request, 'Load') === '-1'),
      );
    },
  }),
  nodeCase({
    id: 'status/notok',
    requirement: 'A balancer that cannot reach the node says State=NOTOK; the node goes on reporting.',
    level: 'must',
    lines: ['NODE-57', 'NODE-59'],
    spec: '9.2',
    expected: {
      any: outcome('STATUS or CONFIG', /^(?:STATUS|CONFIG|INFO)/),
      mcmp: outcome('STATUS, STATUS', /^STATUS STATUS/),
      java: outcome('STATUS, STATUS', /^STATUS STATUS/),
      starman: outcome('CONFIG', /^CONFIG/),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin();
      await stage.registered(balancer);
      balancer.on('STATUS', (request) => statusReply(request, 'NOTOK', balancer.id()));
      const count = balancer.requests.length;
      const first = await stage.until('a STATUS that is answered with NOTOK', () => balancer.requests[count]);
      await stage.until('two more messages', () => balancer.requests[count + 2]);
      const methods = methodsOf(since(balancer.requests, first));
      demand(value.test(methods), words, () => outline(since(balancer.requests, first)));
    },
  }),
  nodeCase({
    id: 'status/other-id',
    requirement: 'Another id in the answers to STATUS says that the balancer is another one.',
    level: 'may',
    lines: ['NODE-57'],
    spec: '9.2',
    expected: {
      mcmp: outcome('the node registers again', { again: true }),
      java: outcome('the node does not look at it', { again: false }),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin();
      // What a node has still to tell after its first STATUS would look like an answer to the other id.
      await stage.settled(balancer);
      balancer.on('STATUS', (request) => statusReply(request, 'OK', '4711'));
      const last = balancer.requests.at(-1);
      const news = (): readonly NodeRequest[] => since(balancer.requests, last);
      if (value.again) {
        await stage.registered(balancer, last);
        demandEqual(
          'messages until then',
          methodsOf(news())
            .replace(/^(?:STATUS )+/, '')
            .split(' ')[0] ?? '',
          'INFO',
        );
      } else {
        await stage.until('three STATUS', () => ofMethod(news(), 'STATUS').length >= 3);
        demand(/^(?:STATUS ?)+$/.test(methodsOf(news())), words, () => outline(news()));
      }
    },
  }),
];
