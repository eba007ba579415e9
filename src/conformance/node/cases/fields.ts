import { outcome, said } from '../../case.ts';
import { demand, demandEqual } from '../../verdict.ts';
import { forNodes } from '../kinds.ts';
import { fieldOf, outlineOf } from '../request.ts';
import { contextsOf, needField, ofMethod } from '../sayings.ts';
import { nodeCase } from '../stage.ts';

/** Bodies, and what all messages say (reference §1.2, §9.1). */
export const FIELD_CASES = [
  nodeCase({
    id: 'fields/route',
    requirement: 'Every message about a node names its JVMRoute, and always the same.',
    level: 'must',
    lines: ['NODE-14'],
    spec: '9.1',
    expected: forNodes(said('one JVMRoute in CONFIG, STATUS and all commands about contexts')),
    async run(stage) {
      const { balancer } = await stage.begin();
      const { route } = await stage.registered(balancer);
      await stage.until('a second STATUS', () => ofMethod(balancer.requests, 'STATUS').length >= 2);
      for (const request of balancer.requests) {
        if (request.body === '' && /^(?:INFO|DUMP|PING|VERSION)$/.test(request.method)) continue;
        demandEqual(`JVMRoute of ${outlineOf(request)}`, fieldOf(request, 'JVMRoute') ?? 'none', route);
      }
    },
  }),
  nodeCase({
    id: 'fields/generated-route',
    requirement: 'A node that was given no jvmRoute makes one up that nobody else has, and keeps it.',
    level: 'may',
    lines: ['NODE-14'],
    spec: '9.9',
    needs: ['fresh-node', 'node-generated-route'],
    expected: { java: said('a UUID') },
    async run(stage) {
      const { balancer } = await stage.begin(undefined, { settings: ['node-generated-route'] });
      const { route } = await stage.registered(balancer);
      demand(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(route), 'a UUID as JVMRoute', route);
      await stage.until('a second STATUS', () => ofMethod(balancer.requests, 'STATUS').length >= 2);
      const routes = new Set(balancer.requests.map((request) => fieldOf(request, 'JVMRoute') ?? route));
      demand(routes.size === 1, 'the same in all messages', () => [...routes].join(', '));
    },
  }),
  nodeCase({
    id: 'fields/order',
    requirement: 'JVMRoute stands first, the others by the bytes of their names.',
    level: 'may',
    lines: ['NODE-05'],
    spec: '9.1',
    expected: { mcmp: said('JVMRoute first, the rest sorted'), java: said('JVMRoute first, the rest sorted') },
    async run(stage) {
      const { balancer } = await stage.begin();
      const { requests } = await stage.registered(balancer);
      for (const request of requests) {
        if (request.fields.length === 0) continue;
        const names = request.fields.map(([name]) => name);
        const sorted = ['JVMRoute', ...names.slice(1).sort((one, other) => (one < other ? -1 : 1))];
        demandEqual(`names in ${request.method}`, names.join(' '), sorted.join(' '));
      }
    },
  }),
  nodeCase({
    id: 'fields/portable',
    requirement:
      'Bodies are encoded so that every balancer reads the same: no `+`, no raw `=` in values, no lonely name.',
    level: 'should',
    lines: ['NODE-06'],
    spec: '1.2',
    expected: forNodes(said('pairs of name and value, all but plain characters as %XX')),
    async run(stage, { words }) {
      const { balancer } = await stage.begin();
      const { requests } = await stage.registered(balancer);
      for (const { method, body } of requests) {
        const pairs = body === '' ? [] : body.split('&');
        const isPlain = pairs.every((pair) => PAIR.test(pair));
        demand(isPlain, words, () => `${method} with the body ${JSON.stringify(body)}`);
      }
    },
  }),
  nodeCase({
    id: 'fields/context',
    requirement: 'A context is told by its path, from the first slash on.',
    level: 'must',
    lines: ['NODE-06'],
    spec: '9.1',
    needs: ['fresh-node', 'node-contexts'],
    expected: {
      ...forNodes(outcome('the context /a/b', /^/)),
      java: outcome('Context=%2Fa%2Fb', /(?:^|&)Context=%2Fa%2Fb(?:&|$)/),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin(undefined, { settings: ['node-contexts'] });
      const { requests } = await stage.settled(balancer);
      const commands = requests.filter((request) => contextsOf(request).includes('/a/b'));
      const bodies = requests.filter(({ method }) => method.endsWith('-APP')).map(({ body }) => body);
      demand(commands.length > 0 && commands.every(({ body }) => value.test(body)), words, bodies.join(', '));
    },
  }),
  nodeCase({
    id: 'fields/root-context',
    requirement: 'The application at the root is the context `/`.',
    level: 'must',
    lines: ['NODE-07'],
    spec: '9.6',
    needs: ['fresh-node', 'node-root-context'],
    expected: {
      ...forNodes(outcome('the context /', /^/)),
      java: outcome('Context=%2F', /(?:^|&)Context=%2F(?:&|$)/),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin(undefined, { settings: ['node-root-context'] });
      const { requests } = await stage.settled(balancer);
      const commands = requests.filter((request) => contextsOf(request).includes('/'));
      const bodies = requests.filter(({ method }) => method.endsWith('-APP')).map(({ body }) => body);
      demand(commands.length > 0 && commands.every(({ body }) => value.test(body)), words, bodies.join(', '));
    },
  }),
  nodeCase({
    id: 'fields/aliases',
    requirement: 'Every name of the host is told with each context.',
    level: 'must',
    lines: ['NODE-08'],
    spec: '9.1',
    needs: ['fresh-node', 'node-aliases'],
    expected: {
      ...forNodes(outcome('all names, in lists or one by one', { oneField: false })),
      java: outcome('one Alias, with %2C between the names', { oneField: true }),
    },
    async run(stage, { value, words }) {
      const { balancer } = await stage.begin(undefined, { settings: ['node-aliases'] });
      const { requests } = await stage.settled(balancer);
      for (const request of requests.filter(({ method }) => method.endsWith('-APP'))) {
        const fields = request.fields.filter(([name]) => name.toLowerCase() === 'alias').map(([, names]) => names);
        const names = fields.join(',').split(',');
        const isWhole = ['www.cf.test', 'cf.test'].every((name) => names.includes(name));
        demand(isWhole, words, () => request.body);
        demand(!value.oneField || (fields.length === 1 && request.body.includes('%2C')), words, () => request.body);
      }
    },
  }),
  nodeCase({
    id: 'fields/alias-and-context',
    requirement: 'A command about a context names both its host and its path.',
    level: 'must',
    lines: ['NODE-03'],
    spec: '2.2',
    expected: forNodes(said('JVMRoute, Alias and Context in each')),
    async run(stage) {
      const { balancer } = await stage.begin();
      const { requests } = await stage.settled(balancer);
      for (const request of requests) {
        if (!request.method.endsWith('-APP') || request.target.endsWith('*')) continue;
        for (const name of ['JVMRoute', 'Alias', 'Context']) needField(request, name);
        const paths = contextsOf(request);
        demand(
          paths.every((path) => path.startsWith('/')),
          'paths that begin with a slash',
          () => paths.join(', '),
        );
      }
    },
  }),
];

/** Characters that all balancers read alike, or bytes as `%XX` (reference §1.2). */
const PAIR = /^[A-Za-z]+=(?:[A-Za-z0-9\-._~/,*]|%[0-9A-Fa-f]{2})*$/;
