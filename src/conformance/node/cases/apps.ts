import { outcome, said } from '../../case.ts';
import { demand, demandEqual, NotHere } from '../../verdict.ts';
import { connectorOf, httpUrlOf } from '../connector.ts';
import { forNodes } from '../kinds.ts';
import { type Reaction, reply } from '../reactions.ts';
import { fieldOf, type NodeRequest, outline } from '../request.ts';
import { aboutContext, isWhole, methodsOf, needField, ofMethod, since } from '../sayings.ts';
import { type NodeCase, type NodeStage, nodeCase, type Registration } from '../stage.ts';

/** `stopContextTimeout` of a Java node, at the end of which it stops waiting for requests and sessions (reference §9.5). */
const DRAIN_MS = 10_000;
/** A node that does not wait for sessions stops a context within milliseconds. */
const HESITATES_MS = 500;

/** A context that is enabled. @throws NotHere when the node has none */
export function enabledContext({ contexts }: Registration): string {
  const path = [...contexts].find(([, status]) => status === 'ENABLED')?.[0];
  if (path === undefined) throw new NotHere('the node has no context that is enabled');
  return path;
}

/** STOP-APP as httpd 1.3 answers it, with requests in flight (reference §2.2). */
function stopped(request: NodeRequest, requests: number): Reaction {
  const values = ['Alias', 'Context'].map((name) => `${name}=${fieldOf(request, name) ?? ''}`).join('&');
  return reply(
    200,
    `Type=STOP-APP-RSP&JvmRoute=${fieldOf(request, 'JVMRoute') ?? ''}&${values}&Requests=${requests}\n`,
  );
}

/** Registers, undeploys the first context and waits until it is removed. @returns what was said of it */
async function undeploy(
  stage: NodeStage,
  react: ((request: NodeRequest) => Reaction) | undefined,
): Promise<{ readonly registration: Registration; readonly path: string; readonly commands: readonly NodeRequest[] }> {
  const { balancer, node } = await stage.begin();
  const registration = await stage.settled(balancer);
  const path = enabledContext(registration);
  if (react !== undefined) balancer.on('STOP-APP', react);
  const last = balancer.requests.at(-1);
  await node.act('undeploy', { context: path });
  const commands = (): readonly NodeRequest[] => aboutContext(since(balancer.requests, last), path);
  await stage.until(
    `REMOVE-APP ${path} is answered`,
    () => ofMethod(commands(), 'REMOVE-APP').some(({ answeredAtMs }) => answeredAtMs !== undefined),
    DRAIN_MS + stage.soonMs,
  );
  return { registration, path, commands: commands() };
}

function stopCase(
  facts: Pick<NodeCase, 'id' | 'requirement'>,
  kinds: Parameters<typeof nodeCase>[0]['expected'],
  react: (request: NodeRequest, count: number) => Reaction,
  isAsExpected: (stops: number) => boolean,
): NodeCase {
  return nodeCase({
    ...facts,
    level: 'may',
    lines: facts.id === 'apps/stop-repeated' ? ['NODE-21'] : ['NODE-22'],
    spec: '9.5',
    needs: ['node-undeploy'],
    expected: kinds,
    async run(stage, { words }) {
      let count = 0;
      const { commands } = await undeploy(stage, (request) => {
        count += 1;
        return react(request, count);
      });
      const stops = ofMethod(commands, 'STOP-APP').length;
      demand(isAsExpected(stops), words, () => outline(commands));
    },
  });
}

/** Applications that come and go while the node runs (reference §9.3, §9.5). */
export const APP_CASES = [
  nodeCase({
    id: 'apps/deploy',
    requirement: 'An application that is deployed while the node runs is enabled.',
    level: 'must',
    lines: ['NODE-18'],
    spec: '9.3',
    needs: ['node-deploy'],
    expected: {
      ...forNodes(outcome('ENABLE-APP for it', { noConfig: false })),
      mcmp: outcome('ENABLE-APP for it, and no CONFIG', { noConfig: true }),
      java: outcome('ENABLE-APP for it, and no CONFIG', { noConfig: true }),
    },
    async run(stage, { value, words }) {
      const { balancer, node } = await stage.begin();
      const { route } = await stage.settled(balancer);
      const last = balancer.requests.at(-1);
      await node.act('deploy', { context: '/cf-new' });
      const enables = (): NodeRequest | undefined =>
        aboutContext(ofMethod(since(balancer.requests, last), 'ENABLE-APP'), '/cf-new')[0];
      const command = await stage.until('ENABLE-APP /cf-new', enables);
      demandEqual('JVMRoute', needField(command, 'JVMRoute'), route);
      needField(command, 'Alias');
      const news = since(balancer.requests, last);
      demand(!value.noConfig || ofMethod(news, 'CONFIG').length === 0, words, () => outline(news));
    },
  }),
  nodeCase({
    id: 'apps/born-disabled',
    requirement: 'A node that is configured not to enable its contexts tells them as disabled.',
    level: 'should',
    lines: ['NODE-19'],
    spec: '9.3',
    needs: ['fresh-node', 'node-born-disabled'],
    expected: forNodes(said('DISABLE-APP in the place of ENABLE-APP')),
    async run(stage, { words }) {
      const { balancer } = await stage.begin(undefined, { settings: ['node-born-disabled'] });
      const { requests } = await stage.settled(balancer);
      const isGood = ofMethod(requests, 'DISABLE-APP').length > 0 && ofMethod(requests, 'ENABLE-APP').length === 0;
      demand(isGood, words, () => outline(requests));
    },
  }),
  nodeCase({
    id: 'apps/undeploy',
    requirement: 'An application that goes is removed, and no other.',
    level: 'must',
    lines: ['NODE-20'],
    spec: '9.3',
    needs: ['node-undeploy'],
    expected: {
      ...forNodes(outcome('REMOVE-APP at last', /REMOVE-APP$/)),
      mcmp: outcome('DISABLE-APP, STOP-APP, REMOVE-APP', /^DISABLE-APP (?:STOP-APP )+REMOVE-APP$/),
      java: outcome('DISABLE-APP, STOP-APP, REMOVE-APP', /^DISABLE-APP (?:STOP-APP )+REMOVE-APP$/),
    },
    async run(stage, { value, words }) {
      const { balancer, node } = await stage.begin();
      const registration = await stage.settled(balancer);
      const path = enabledContext(registration);
      const last = balancer.requests.at(-1);
      await node.act('undeploy', { context: path });
      const news = (): readonly NodeRequest[] => since(balancer.requests, last);
      const removal = await stage.until(
        `REMOVE-APP ${path}`,
        () => aboutContext(ofMethod(news(), 'REMOVE-APP'), path)[0],
        DRAIN_MS + stage.soonMs,
      );
      const commands = aboutContext(news(), path);
      demand(value.test(methodsOf(commands.slice(0, commands.indexOf(removal) + 1))), words, () => outline(commands));
      await stage.until('STATUS goes on', () => ofMethod(since(balancer.requests, removal), 'STATUS')[0]);
      const others = news().filter((one) => one.method.endsWith('-APP') && !commands.includes(one));
      demand(others.length === 0 && !commands.some(isWhole), 'no command about another context', () => outline(others));
    },
  }),
  stopCase(
    {
      id: 'apps/stop-repeated',
      requirement: 'While the balancer counts requests in a context that stops, the node waits, and asks again.',
    },
    { mcmp: said('STOP-APP again before REMOVE-APP'), java: said('STOP-APP again before REMOVE-APP') },
    (request, count) => stopped(request, count === 1 ? 2 : 0),
    (stops) => stops >= 2,
  ),
  stopCase(
    {
      id: 'apps/stop-not-repeated',
      requirement: 'Where the balancer does not count requests, STOP-APP is said once (the report of httpd 2).',
    },
    { mcmp: said('one STOP-APP'), java: said('one STOP-APP') },
    (request) => {
      const [route, alias, context] = ['JVMRoute', 'Alias', 'Context'].map((name) => fieldOf(request, name) ?? '');
      return reply(200, `Type=STOP-APP-RSP\nJvmRoute=${route}\nAlias=${alias} Contexts=${context}\n\n`);
    },
    (stops) => stops === 1,
  ),
  stopCase(
    {
      id: 'apps/stop-undertow-form',
      requirement: "Undertow's count has no separators, and a Java node does not see it.",
    },
    { java: said('one STOP-APP') },
    (request) => {
      const [route, alias, context] = ['JVMRoute', 'Alias', 'Context'].map((name) => fieldOf(request, name) ?? '');
      return reply(200, `Type=STOP-APP-RSP,JvmRoute=${route}Alias=${alias}Context=${context}Requests=2`);
    },
    (stops) => stops === 1,
  ),
  nodeCase({
    id: 'apps/sessions-drain',
    requirement:
      'A context with sessions that would be lost is disabled first, and stopped when they are gone or time is up.',
    level: 'may',
    lines: ['NODE-23'],
    spec: '9.5',
    needs: ['fresh-node', 'node-undeploy', 'node-sessions'],
    expected: {
      mcmp: said('DISABLE-APP at once, STOP-APP later'),
      java: said('DISABLE-APP at once, STOP-APP later'),
    },
    async run(stage) {
      const { balancer, node } = await stage.begin(undefined, { settings: ['node-sessions'] });
      const registration = await stage.settled(balancer);
      const path = enabledContext(registration);
      await beginSession(stage, registration, path);
      const last = balancer.requests.at(-1);
      await node.act('undeploy', { context: path });
      const first = (method: string): NodeRequest | undefined =>
        aboutContext(ofMethod(since(balancer.requests, last), method), path)[0];
      const disabled = await stage.until('DISABLE-APP at once', () => first('DISABLE-APP'));
      const stop = await stage.until('STOP-APP', () => first('STOP-APP'), DRAIN_MS + stage.soonMs);
      const pauseMs = stop.atMs - disabled.atMs;
      demand(pauseMs >= HESITATES_MS, `STOP-APP at least ${HESITATES_MS} ms later`, `${Math.round(pauseMs)} ms later`);
    },
  }),
  nodeCase({
    id: 'apps/disable-enable',
    requirement: 'A context that is disabled and enabled again is told so.',
    level: 'should',
    lines: ['NODE-18'],
    spec: '9.3',
    needs: ['node-disable', 'node-enable'],
    expected: forNodes(said('DISABLE-APP, then ENABLE-APP')),
    async run(stage) {
      const { balancer, node } = await stage.begin();
      const registration = await stage.settled(balancer);
      const path = enabledContext(registration);
      for (const [action, method] of [
        ['disable', 'DISABLE-APP'],
        ['enable', 'ENABLE-APP'],
      ] as const) {
        const last = balancer.requests.at(-1);
        await node.act(action, { context: path });
        await stage.until(
          `${method} ${path}`,
          () => aboutContext(ofMethod(since(balancer.requests, last), method), path)[0],
        );
      }
    },
  }),
  nodeCase({
    id: 'apps/stop-enable',
    requirement:
      'A context that is stopped without being undeployed is stopped, not removed, and enabled when it starts.',
    level: 'should',
    lines: ['NODE-20'],
    spec: '9.3',
    needs: ['node-stop', 'node-enable'],
    expected: forNodes(said('STOP-APP and no REMOVE-APP, then ENABLE-APP')),
    async run(stage, { words }) {
      const { balancer, node } = await stage.begin();
      const registration = await stage.settled(balancer);
      const path = enabledContext(registration);
      const last = balancer.requests.at(-1);
      const about = (): readonly NodeRequest[] => aboutContext(since(balancer.requests, last), path);
      await node.act('stop', { context: path });
      await stage.until(`STOP-APP ${path}`, () => ofMethod(about(), 'STOP-APP')[0], DRAIN_MS + stage.soonMs);
      await node.act('enable', { context: path });
      await stage.until(`ENABLE-APP ${path}`, () => ofMethod(about(), 'ENABLE-APP')[0], DRAIN_MS + stage.soonMs);
      demand(ofMethod(about(), 'REMOVE-APP').length === 0, words, () => outline(about()));
    },
  }),
  nodeCase({
    id: 'apps/excluded',
    requirement: 'A context that is excluded is never told.',
    level: 'should',
    lines: ['NODE-25'],
    spec: '9.9',
    needs: ['fresh-node', 'node-excluded'],
    expected: forNodes(said('no command about /cf-hidden')),
    async run(stage, { words }) {
      const { balancer } = await stage.begin(undefined, { settings: ['node-excluded'] });
      await stage.settled(balancer);
      await stage.until('a second STATUS', () => ofMethod(balancer.requests, 'STATUS').length >= 2);
      demand(aboutContext(balancer.requests, '/cf-hidden').length === 0, words, () => outline(balancer.requests));
    },
  }),
];

/** Visits the application until it has a session of ours. @throws NotHere when it has no sessions */
async function beginSession(stage: NodeStage, { config }: Registration, path: string): Promise<void> {
  const address = connectorOf(config);
  const { place } = address;
  const connection = await stage.open(httpUrlOf(address));
  const target = path === '/' ? '/?session=keep' : `${path}/?session=keep`;
  connection.write(`GET ${target} HTTP/1.1\r\nHost: ${place}\r\nConnection: close\r\n\r\n`);
  const { headers } = await connection.answer('GET');
  connection.close();
  if (!headers.has('set-cookie')) throw new NotHere(`the application at ${path} begins no session at GET ${target}`);
}
