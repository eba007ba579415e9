import { said } from '../../case.ts';
import { inAll } from '../../dialects.ts';
import { Deviation, demand, demandEqual, NotHere } from '../../verdict.ts';
import type { WireConnection } from '../../wire/connection.ts';
import { encodeFields } from '../create-trial.ts';
import { statusInInfo } from '../looks.ts';
import { ownNode } from '../own-node.ts';
import { chunked, post, strictNode } from '../smuggling.ts';
import { type BalancerTrial, balancerCase, type TrialNode } from '../trial.ts';

const SECURITY = { level: 'must', lines: [], tags: ['security', 'access'] } as const;

/** So long an answer is waited for that may never come. */
const REFUSAL_TIMEOUT_MS = 1000;

/** Every way to name what a message is for. */
const targetsOf = (host: string): readonly string[] => ['/', '*', '/*', '/anything', `http://${host}/`];

/** Who may change something, and by which door (CVE-2011-4608, CVE-2024-10306). */
export const SECURITY_ACCESS_CASES = [
  balancerCase({
    id: 'security/no-mcmp-in-web-traffic',
    requirement: 'MCMP is not spoken at an address that is there for web traffic alone.',
    spec: 'CVE-2011-4608',
    ...SECURITY,
    needs: ['traffic'],
    expected: inAll(said('no command changes anything, and none is told of nodes')),
    async run(trial) {
      if (trial.trafficUrl.host === trial.mcmpUrl.host) {
        throw new NotHere('web traffic and MCMP have one address here, which --mcmp-allow or its like has to guard');
      }
      await demandShut(trial, () => trial.openTraffic(), trial.trafficUrl.host);
    },
  }),
  balancerCase({
    id: 'security/acl-covers-all-targets',
    requirement: 'Who may not manage may not do so by any form of the request target.',
    spec: 'CVE-2024-10306',
    ...SECURITY,
    needs: ['foreign-address'],
    expected: inAll(said('refused for `/`, `*`, `/*`, `/anything` and the absolute form, and nothing changes')),
    async run(trial) {
      const from = trial.features.get('foreign-address') ?? '';
      await demandShut(trial, () => trial.openMcmp({ from }), trial.mcmpUrl.host);
    },
  }),
  balancerCase({
    id: 'security/hidden-command',
    requirement: 'A command in the body of a web request is a body, whatever becomes of the request.',
    spec: 'RFC 9112 11.2',
    ...SECURITY,
    deadlineMs: 30_000,
    needs: ['traffic'],
    expected: inAll(said('the node stays, and serves')),
    async run(trial) {
      const { node } = await strictNode(trial);
      const host = trial.webHost;
      const fields = encodeFields({ JVMRoute: node.route });
      const command = `REMOVE-APP /* HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${fields.length}\r\n\r\n${fields}`;
      const length = `Content-Length: ${command.length}\r\n`;
      const both = `${length}Transfer-Encoding: chunked\r\n`;
      const unheard = trial.context();
      // What stands behind a request that is refused, or comes late as its body, is no request either.
      const attempts = [
        { path: node.context, bytes: post(length, () => command), late: '' },
        { path: unheard, bytes: post(length, () => command), late: '' },
        {
          path: node.context,
          bytes: chunked(() => `${command.length.toString(16)}\r\n${command}\r\n0\r\n\r\n`),
          late: '',
        },
        { path: node.context, bytes: post(both, () => `0\r\n\r\n${command}`), late: command },
        { path: unheard, bytes: post(both, () => `0\r\n\r\n${command}`), late: command },
        { path: node.context, bytes: chunked(() => `x\r\n${command}`), late: command },
        { path: unheard, bytes: post(length, () => ''), late: command },
      ];
      for (const { path, bytes, late } of attempts) {
        const connection = await trial.openTraffic();
        connection.write(bytes({ host, path, hidden: command }));
        await settled(connection);
        if (late !== '') {
          connection.write(late);
          await settled(connection);
        }
        connection.close();
        demandEqual(`status of ${node.context}`, await statusInInfo(trial, node.route, node.context), 'ENABLED');
      }
      demandEqual('status of a web request', (await trial.web(node.context)).status, 200);
    },
  }),
  balancerCase({
    id: 'security/target-only-from-table',
    requirement: 'The address in a request target or in a header is never connected to; only nodes are.',
    spec: 'CVE-2021-40438; RFC 9112 3.2.2',
    ...SECURITY,
    needs: ['traffic'],
    expected: inAll(said('no connection to the other server, whatever names it')),
    async run(trial) {
      const node = await trial.node();
      const other = await trial.backend();
      const there = `${other.host}:${other.port}`;
      const requests = [
        `GET http://${there}${node.context} HTTP/1.1\r\nHost: ${there}\r\n`,
        `GET http://${there}/ HTTP/1.1\r\nHost: ${there}\r\n`,
        `GET http://${trial.webHost}@${there}${node.context} HTTP/1.1\r\nHost: ${trial.webHost}\r\n`,
        `GET ${node.context}@${there}/ HTTP/1.1\r\nHost: ${trial.webHost}\r\n`,
        `GET ${node.context}?unix:${'A'.repeat(200)}|http://${there}/ HTTP/1.1\r\nHost: ${trial.webHost}\r\n`,
        `GET ${node.context} HTTP/1.1\r\nHost: ${there}\r\nX-Forwarded-Host: ${there}\r\nX-Host: ${there}\r\n`,
        `CONNECT ${there} HTTP/1.1\r\nHost: ${there}\r\n`,
      ];
      for (const request of requests) {
        const connection = await trial.openTraffic();
        connection.write(`${request}Connection: close\r\n\r\n`);
        await settled(connection);
        connection.close();
        const line = request.slice(0, request.indexOf('\r'));
        demand(other.connections() === 0, `no connection to ${there}`, `one for ${JSON.stringify(line)}`);
      }
    },
  }),
];

/** Waits for an answer or the end, but not long: a reader may rightly wait for more. */
async function settled(connection: WireConnection): Promise<void> {
  const before = connection.received();
  await connection
    .until('an answer', (received) => received !== before && /\r\n\r\n/.test(received), REFUSAL_TIMEOUT_MS)
    .catch((error: unknown) => {
      if (!(error instanceof Deviation)) throw error;
    });
}

/** @throws Deviation when a command that comes by this door is carried out, or told anything */
async function demandShut(trial: BalancerTrial, open: () => Promise<WireConnection>, host: string): Promise<void> {
  const node = await trial.node();
  const load = (await trial.nodeLine(node.route))?.load ?? 0;
  for (const target of targetsOf(host)) {
    const fresh = await ownNode(trial);
    const app = { JVMRoute: node.route, Alias: node.alias, Context: node.context };
    const messages = [
      ['CONFIG', encodeFields(fresh.fields)],
      ['DISABLE-APP', encodeFields(app)],
      ['STOP-APP', encodeFields({ JVMRoute: node.route })],
      ['REMOVE-APP', encodeFields({ JVMRoute: node.route })],
      ['STATUS', encodeFields({ JVMRoute: node.route, Load: 1 })],
      ['INFO', ''],
      ['DUMP', ''],
      ['config', encodeFields(fresh.fields)],
    ] as const;
    for (const [method, body] of messages) {
      const connection = await open();
      const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
      connection.write(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${length}Connection: close\r\n\r\n${body}`);
      await connection.ended(REFUSAL_TIMEOUT_MS);
      connection.close();
      const isTold = body === '' && connection.received().includes(node.route);
      demand(!isTold, `nothing of nodes for ${method} ${target}`, () =>
        JSON.stringify(connection.received().slice(0, 300)),
      );
    }
    await demandUntouched(trial, { ...node, load }, fresh.route, target);
  }
}

async function demandUntouched(
  trial: BalancerTrial,
  node: TrialNode & { readonly load: number },
  fresh: string,
  target: string,
): Promise<void> {
  const { nodes } = await trial.info();
  const line = nodes.find(({ name }) => name === node.route);
  demand(!nodes.some(({ name }) => name === fresh), `no node by CONFIG ${target}`, `INFO has ${fresh}`);
  demandEqual(
    `status of the context after commands for ${target}`,
    await statusInInfo(trial, node.route, node.context),
    'ENABLED',
  );
  demandEqual(`load after STATUS ${target}`, line?.load ?? 'no line', node.load);
}
