import { outcome } from '../../case.ts';
import { demand, demandEqual } from '../../verdict.ts';
import { forNodes } from '../kinds.ts';
import { outline } from '../request.ts';
import { aboutContext, isWhole, methodsOf, ofMethod, since } from '../sayings.ts';
import { nodeCase } from '../stage.ts';

/** An orderly end (reference §9.3, step 12). */
export const GOODBYE_CASES = [
  nodeCase({
    id: 'goodbye/nothing-left',
    requirement: 'A node that is shut down leaves nothing behind to which a balancer would still send requests.',
    level: 'must',
    lines: ['NODE-24'],
    spec: '9.3',
    needs: ['fresh-node', 'node-exit'],
    expected: forNodes(outcome('no context of it is enabled any more', 'ENABLED')),
    async run(stage, { value, words }) {
      const { balancer, node } = await stage.begin();
      const { route } = await stage.settled(balancer);
      await node.act('exit');
      const told = balancer.nodes().find((one) => one.route === route);
      const left = [...(told?.contexts ?? [])].filter(([, status]) => status === value).map(([path]) => path);
      demand(left.length === 0, words, () => `enabled: ${left.join(', ')}; it said ${outline(balancer.requests)}`);
    },
  }),
  nodeCase({
    id: 'goodbye/order',
    requirement: 'At its end a node disables, stops and removes each context, and then itself.',
    level: 'should',
    lines: ['NODE-24'],
    spec: '9.3',
    needs: ['fresh-node', 'node-exit'],
    expected: {
      mcmp: outcome('DISABLE-APP, STOP-APP, REMOVE-APP of each, all disabled before the first is stopped', {
        oneByOne: false,
      }),
      java: outcome('DISABLE-APP, STOP-APP, REMOVE-APP of each', { oneByOne: true }),
    },
    async run(stage, { value, words }) {
      const { balancer, node } = await stage.begin();
      const { contexts } = await stage.settled(balancer);
      const last = balancer.requests.at(-1);
      await node.act('exit');
      const news = since(balancer.requests, last).filter(({ method }) => method !== 'STATUS');
      for (const [path, status] of contexts) {
        const methods = methodsOf(aboutContext(news, path));
        // A WildFly is suspended before it stops: it disables and stops everything twice.
        const isGood = /^(?:DISABLE-APP (?:STOP-APP )+){1,2}REMOVE-APP$/.test(methods) || status !== 'ENABLED';
        demand(isGood, words, () => `${methods} for ${path}`);
      }
      if (value.oneByOne) return;
      const lastDisable = news.findLastIndex(({ method }) => method === 'DISABLE-APP');
      const firstStop = news.findIndex(({ method }) => method === 'STOP-APP');
      demand(lastDisable < firstStop, words, () => outline(news));
    },
  }),
  nodeCase({
    id: 'goodbye/last-word',
    requirement: 'The last message of a node is REMOVE-APP for all of it, with its JVMRoute and nothing else.',
    level: 'should',
    lines: ['NODE-24'],
    spec: '9.3',
    needs: ['fresh-node', 'node-exit'],
    expected: {
      mcmp: outcome('REMOVE-APP /* with JVMRoute only, and nothing after it', 1),
      java: outcome('REMOVE-APP /* with JVMRoute only, and nothing after it', 1),
      mcc: outcome('REMOVE-APP /* with JVMRoute only, and nothing after it', 1),
    },
    async run(stage, { value, words }) {
      const { balancer, node } = await stage.begin();
      const { route } = await stage.settled(balancer);
      await node.act('exit');
      const lastWord = balancer.requests.at(-1);
      const wholes = ofMethod(balancer.requests, 'REMOVE-APP').filter(isWhole);
      demand(wholes.length === value && wholes[0] === lastWord, words, () => outline(balancer.requests));
      demandEqual('body', lastWord?.body ?? '', `JVMRoute=${encodeURIComponent(route)}`);
      await stage.until('it closes its connection', () => balancer.openConnections() === 0);
    },
  }),
];
