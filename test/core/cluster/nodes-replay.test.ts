import { describe, expect, test } from 'vitest';
import { methodOf } from '../../../src/core/mcmp/commands.ts';
import { HTTPD2_DIALECT, MCMP_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { readInfoAsNode, resetRequests } from '../../support/java-node.ts';
import { NODE_FOLDERS, type NodeExchange, nodeRecordings } from '../../support/recordings.ts';
import { said, type TestBalancer, testBalancer } from '../balancer.ts';

/** Everything a recorded node said, in its time, to a balancer that speaks the default dialect. */
describe.each(NODE_FOLDERS)('%s', (folder) => {
  test.each(nodeRecordings(folder).map((recording) => [recording.file, recording.exchanges] as const))(
    '%s',
    (file, exchanges) => {
      const balancer = testBalancer(MCMP_DIALECT);
      let alive = '18100';
      balancer.reachable = (address) => address.endsWith(`:${alive}`);
      const host = new JavaHost();
      for (const { atMs, event, request } of exchanges) {
        balancer.now = 1_000 + Math.max(0, Math.round(atMs));
        balancer.apply({ kind: 'TICK' });
        if (event !== undefined) {
          const port = /started with .*--port (\d+)/.exec(event)?.[1];
          if (port !== undefined) alive = port;
          else if (/node: killed/.test(event)) alive = 'none';
          else if (/node: started/.test(event)) alive = '18100';
        }
        if (request === undefined) continue;
        const [name = '', target = '/'] = request.line.split(' ');
        if (methodOf(name) === undefined) continue;
        const reply = balancer.send(`${name} ${target}`, request.body);
        // In file 40 a node that could not read INFO reports itself without a CONFIG: only a refusal heals it (interop §3).
        const expected = file.startsWith('40') && name === 'STATUS' ? /^(200|MEM)/ : /^200/;
        expect(said(reply), `${file} at ${atMs}: ${request.line} ${request.body}`).toMatch(expected);
        host.hear(name, target, request);
        if (reply.ok && name === 'INFO') readInfoAsNode(reply.body);
        host.check(balancer);
      }
      if (file.startsWith('01')) expect(host.compared).toBeGreaterThan(2);
    },
  );
});

/** The requests of a node with one host that read INFO now. */
function wouldSend(
  balancer: TestBalancer,
  route: string,
  aliases: ReadonlySet<string>,
  started: ReadonlySet<string>,
): string[] {
  const [name = ''] = aliases;
  const host = { name, aliases, contexts: new Map([...started].map((path) => [path, true])) };
  const mind = { route, config: '', hosts: [host], autoEnable: true };
  return resetRequests(mind, readInfoAsNode(balancer.info())).map(({ line }) => line);
}

/** What the node has deployed, learned from what it sends. */
class JavaHost {
  route = '';
  aliases = new Set<string>();
  readonly enabled = new Set<string>();
  settled = false;
  /** How often the whole picture was compared. */
  compared = 0;

  hear(name: string, target: string, request: NonNullable<NodeExchange['request']>): void {
    const body = new URLSearchParams(request.body);
    if (name === 'CONFIG') this.route = body.get('JVMRoute') ?? '';
    if (name === 'REMOVE-APP' && target.endsWith('/*')) this.enabled.clear();
    if (target.endsWith('*') || !name.endsWith('-APP')) {
      this.settled = name === 'STATUS';
      return;
    }
    this.settled = false;
    this.aliases = new Set((body.get('Alias') ?? '').split(','));
    for (const path of (body.get('Context') ?? '').split(',')) {
      if (name === 'ENABLE-APP') this.enabled.add(path);
      else this.enabled.delete(path);
    }
  }

  /** After a STATUS the node would find all it said, were it to read INFO now: nothing is removed, nothing sent again. */
  check(balancer: TestBalancer): void {
    if (!this.settled || this.aliases.size === 0 || this.enabled.size === 0) return;
    const shown = new Set(
      readInfoAsNode(balancer.info())
        .get(this.route)
        ?.flatMap((vhost) => [...vhost.contexts.keys()]) ?? [],
    );
    for (const path of shown) if (!this.enabled.has(path)) return;
    this.compared++;
    expect(wouldSend(balancer, this.route, this.aliases, this.enabled)).toEqual(['CONFIG /']);
  }
}

describe('a node with several aliases that resets its configuration (file 32)', () => {
  const aliases = new Set(['localhost', 'www.example.com', 'example.com']);
  const started = new Set(['/one', '/two']);
  const registered = (balancer: TestBalancer) => {
    balancer.send('CONFIG', 'JVMRoute=node1&Host=127.0.0.1&Port=18100&Type=http');
    for (const path of started) {
      balancer.send('ENABLE-APP', `JVMRoute=node1&Alias=localhost%2Cwww.example.com%2Cexample.com&Context=${path}`);
    }
    return balancer;
  };

  test('keeps its applications with the default dialect', () => {
    const balancer = registered(testBalancer(MCMP_DIALECT));
    expect(wouldSend(balancer, 'node1', aliases, started)).toEqual(['CONFIG /']);
  });

  test('would lose them with httpd 2, which is why the default differs', () => {
    const balancer = registered(testBalancer(HTTPD2_DIALECT));
    expect(wouldSend(balancer, 'node1', aliases, started)).toEqual(['REMOVE-APP /*', 'CONFIG /']);
  });
});

test('WildFly boots with STOP-APP before CONFIG, and enables when it is ready', () => {
  const balancer = testBalancer(MCMP_DIALECT);
  const app = (path: string) => `JVMRoute=wf&Alias=default-host%2Clocalhost&Context=${path}`;
  for (const path of ['%2F', '%2Fwildfly-services']) expect(said(balancer.send('STOP-APP', app(path)))).toMatch(/^200/);
  balancer.send('CONFIG', 'JVMRoute=wf&Host=127.0.0.1&Maxattempts=1&Port=8080&StickySessionForce=No&Type=http&ping=10');
  balancer.send('STOP-APP', app('%2Fapp'));
  balancer.send('STATUS', 'JVMRoute=wf&Load=1');
  const statuses = () =>
    readInfoAsNode(balancer.info())
      .get('wf')
      ?.map(({ contexts }) => Object.fromEntries(contexts));
  expect(statuses()).toEqual([{ '/': 'STOPPED', '/wildfly-services': 'STOPPED', '/app': 'STOPPED' }]);
  for (const path of ['%2F', '%2Fwildfly-services', '%2Fapp']) balancer.send('ENABLE-APP', app(path));
  expect(statuses()).toEqual([{ '/': 'ENABLED', '/wildfly-services': 'ENABLED', '/app': 'ENABLED' }]);
  expect(
    wouldSend(balancer, 'wf', new Set(['default-host', 'localhost']), new Set(['/', '/app', '/wildfly-services'])),
  ).toEqual(['CONFIG /']);
});
