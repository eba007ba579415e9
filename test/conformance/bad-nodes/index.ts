import type { StartNode } from '../../../src/conformance/node/node-under-test.ts';
import type { BadNode } from './bad-node.ts';
import { BAD_LISTENERS } from './listeners.ts';
import { BAD_SPEAKERS } from './speakers.ts';

const asItIs = (good: StartNode): StartNode => good;

/** Bad nodes that need no relay: judged as what they are not, deaf to what they are told, or configured otherwise. */
const OTHERWISE: readonly BadNode[] = [
  {
    id: 'kind/java-as-mcmp',
    fault: 'It has the manners of a Java node where ours are expected.',
    ...{ manners: 'java', kind: 'mcmp', spoil: asItIs },
    aims: [
      'config/defaults-left-out',
      'goodbye/order',
      'status/other-id',
      'errors/syntax-goodbye',
      'transport/half-an-answer',
      'answers/no-reason-no-space',
      'answers/no-length',
      'answers/cut-short',
      'answers/100-before-it',
      'reset/enabled-already',
      'reset/administrator-disabled',
      'reset/obsolete',
      'reset/all-obsolete',
      'reset/other-names',
      'reset/unreadable',
      'discovery/gone',
    ],
  },
  {
    id: 'kind/mcmp-as-java',
    fault: 'It has our manners where those of a Java node are expected.',
    // Long enough for what happens at once to be told from what happens at the next event.
    ...{ manners: 'mcmp', kind: 'java', spoil: asItIs, statusIntervalMs: 1000 },
    aims: [
      'order/info-refused',
      'order/new-balancer',
      'headers/java',
      'headers/host-ipv6',
      'fields/context',
      'fields/root-context',
      'fields/aliases',
      'config/force-default',
      'apps/stop-undertow-form',
      'errors/config-mem',
      'errors/config-untyped',
      'errors/enable-mem',
      'errors/status-mem',
      'transport/two-losses',
      'answers/chunk-extension',
    ],
  },
  {
    id: 'settings/ignored',
    fault: 'It takes no notice of how it is configured.',
    ...{ manners: 'mcmp', kind: 'mcmp' },
    aims: [
      'config/domain',
      'config/balancer-name',
      'config/flush',
      'config/cookie',
      'config/engines',
      'fields/context',
      'fields/root-context',
      'fields/aliases',
      'apps/born-disabled',
      'apps/sessions-drain',
      'status/first-loads',
    ],
    spoil: (good) => (wishes) => good({ ...wishes, settings: new Map() }),
  },
  {
    id: 'settings/route-of-all',
    fault: 'Without a route of its own it takes one that every node would take.',
    ...{ manners: 'java', kind: 'java' },
    aims: ['fields/generated-route'],
    spoil: (good) => (wishes) => good({ ...wishes, settings: new Map() }),
  },
  {
    id: 'settings/speaks-in-clear',
    fault: 'It was told https and speaks http.',
    ...{ manners: 'mcmp', kind: 'mcmp' },
    aims: ['headers/tls'],
    spoil: (good) => (wishes) =>
      good({ ...wishes, balancers: wishes.balancers.map(({ host }) => new URL(`http://${host}`)) }),
  },
  {
    id: 'actions/ignored',
    fault: 'It does nothing of what it is told while it runs, and ends without a word.',
    ...{ manners: 'mcmp', kind: 'mcmp' },
    aims: [
      'apps/deploy',
      'apps/disable-enable',
      'goodbye/nothing-left',
      'goodbye/last-word',
      'status/load-changed',
      'status/unavailable',
      'management/ping',
    ],
    spoil: (good) => async (wishes) => {
      const node = await good(wishes);
      return { ...node, act: async (action) => (action === 'exit' ? await node.end() : undefined) };
    },
  },
  {
    ...{ id: 'actions/connector-not-watched', fault: 'It does not notice that its connector was stopped.' },
    ...{ manners: 'mcmp', kind: 'mcmp', isLibrary: true, aims: ['status/connector-stopped'] },
    spoil: (good) => async (wishes) => ({ ...(await good(wishes)), act: async () => undefined }),
  },
];

/** Every bad node. */
export const BAD_NODES: readonly BadNode[] = [...OTHERWISE, ...BAD_SPEAKERS, ...BAD_LISTENERS];
