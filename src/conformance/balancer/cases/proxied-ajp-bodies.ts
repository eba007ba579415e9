import { said } from '../../case.ts';
import { inHttpd, inHU } from '../../dialects.ts';
import { demand, demandEqual } from '../../verdict.ts';
import { type AjpAnswer, type AjpSeen, ajpBackend, nothingSeen } from '../ajp-backend.ts';
import { type BalancerTrial, balancerCase, type TrialNode } from '../trial.ts';
import { demandServed } from '../web-demands.ts';

/** Bodies, answers and connections of AJP nodes (reference §6.5). */

/** More than one packet of any usual size carries. */
const BODY = Array.from({ length: 2500 }, (_, line) => `${String(line).padStart(7, '.')}\n`).join('');
/** Seconds that the balancer waits for CPONG. */
const PING_SECONDS = 1;

async function ajpNode(
  trial: BalancerTrial,
  answer?: (request: number) => AjpAnswer,
): Promise<{ readonly node: TrialNode; readonly seen: AjpSeen }> {
  const seen = nothingSeen();
  const route = trial.route();
  const backend = ajpBackend(seen, () => route, answer);
  return { node: await trial.node({ route, config: { Type: 'ajp', ping: PING_SECONDS }, backend }), seen };
}

/** @throws Deviation `fail` when the balancer sent what it must not */
function demandNoProblems({ problems }: AjpSeen): void {
  demand(problems.length === 0, 'packets as AJP/1.3 has them', () => problems.join('; '));
}

/** @throws Deviation `fail` unless the one request had this body */
function demandBody({ bodies }: AjpSeen, expected: string): void {
  const [body = ''] = bodies;
  demand(body === expected, `${expected.length} bytes as they were sent`, () => `${body.length} bytes, or other ones`);
}

const headersOf = (seen: AjpSeen, name: string): string =>
  (seen.requests[0]?.headers ?? [])
    .filter(([other]) => other.toLowerCase() === name)
    .map(([, value]) => value)
    .join(', ');

export const PROXIED_AJP_BODY_CASES = [
  balancerCase({
    id: 'proxy/ajp-post',
    requirement:
      'A body with a length: its first packet follows the FORWARD_REQUEST unasked, the others when asked for.',
    level: 'should',
    lines: [],
    spec: '6.5',
    tags: ['ajp'],
    needs: ['traffic', 'ajp'],
    expected: inHU(said('200, and Content-Length and the whole body at the node')),
    async run(trial) {
      const { node, seen } = await ajpNode(trial);
      const answer = await trial.web(node.context, { method: 'POST', body: BODY });
      demandNoProblems(seen);
      demandServed(answer, node);
      demandEqual('Content-Length at the node', headersOf(seen, 'content-length'), String(BODY.length));
      demandBody(seen, BODY);
    },
  }),
  balancerCase({
    id: 'proxy/ajp-chunked-post',
    requirement: 'A body in chunks: no packet of it is sent before GET_BODY_CHUNK, and an empty one ends it.',
    level: 'may',
    lines: [],
    spec: '6.5',
    tags: ['ajp'],
    needs: ['traffic', 'ajp'],
    expected: {
      mcmp: said('200, and the whole body at the node'),
      ...inHttpd(said('200, and the whole body at the node')),
    },
    async run(trial) {
      const { node, seen } = await ajpNode(trial, () => ({ noReuse: true }));
      const client = await trial.openTraffic();
      const half = BODY.length / 2;
      const chunks = [BODY.slice(0, half), BODY.slice(half)].map(
        (part) => `${part.length.toString(16)}\r\n${part}\r\n`,
      );
      const head = `POST ${node.context} HTTP/1.1\r\nHost: ${trial.webHost}\r\nTransfer-Encoding: chunked\r\n\r\n`;
      // Whoever has the whole body may say its length instead; so the rest of it comes when the head is with the node.
      client.write(`${head}${chunks[0]}`);
      await trial.until('a FORWARD_REQUEST at the node', async () => seen.requests.length > 0);
      client.write(`${chunks[1]}0\r\n\r\n`);
      const answer = await client.answer('POST');
      client.close();
      // A packet too many lies behind the last one: all that was sent has been read when the connection is closed.
      await trial.until('the connection to the node is closed', async () => seen.closed > 0);
      demandNoProblems(seen);
      demandEqual('status', answer.status, 200);
      demandBody(seen, BODY);
    },
  }),
  balancerCase({
    id: 'proxy/ajp-response',
    requirement: 'The response of an AJP node reaches the client: its status, its headers, its body without a length.',
    level: 'should',
    lines: [],
    spec: '6.5',
    tags: ['ajp'],
    needs: ['traffic', 'ajp'],
    expected: inHU(said('202, Content-Type, both cookies and X-Own, the whole body')),
    async run(trial) {
      const headers = [
        ['Content-Type', 'text/x-own'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['X-Own', 'yes'],
      ] as const;
      const chunks = [BODY.slice(0, 8000), BODY.slice(8000, 8001), BODY.slice(8001, 16_000), BODY.slice(16_000)];
      const { node, seen } = await ajpNode(trial, () => ({ status: 202, headers, chunks }));
      const answer = await trial.web(node.context);
      demandNoProblems(seen);
      demandEqual('status', answer.status, 202);
      demandEqual('Content-Type', answer.headers.get('content-type') ?? 'none', 'text/x-own');
      demandEqual('Set-Cookie', answer.headers.get('set-cookie') ?? 'none', 'a=1, b=2');
      demandEqual('X-Own', answer.headers.get('x-own') ?? 'none', 'yes');
      demand(
        answer.body === BODY,
        `a body of ${BODY.length} bytes`,
        () => `${answer.body.length} bytes, or other ones`,
      );
    },
  }),
  balancerCase({
    id: 'proxy/ajp-no-reuse',
    requirement: 'Behind an END_RESPONSE that says so, the connection is not used again.',
    level: 'should',
    lines: [],
    spec: '6.5',
    tags: ['ajp'],
    needs: ['traffic', 'ajp'],
    expected: inHU(said('200 on other connections')),
    async run(trial) {
      const { node, seen } = await ajpNode(trial, () => ({ noReuse: true }));
      for (let request = 1; request <= 3; request++) demandServed(await trial.web(node.context), node);
      demandNoProblems(seen);
      demandEqual('requests at the node', seen.requests.length, 3);
    },
  }),
  balancerCase({
    id: 'proxy/ajp-silent-connection',
    requirement: 'A kept connection on which CPING is not answered gets no POST: that goes to a new one.',
    level: 'may',
    lines: [],
    spec: '6.5',
    tags: ['ajp'],
    needs: ['traffic', 'ajp'],
    expected: {
      mcmp: said('200, and nothing but CPING on the silent connection'),
      ...inHttpd(said('200, and nothing but CPING on the silent connection')),
    },
    async run(trial) {
      const { node, seen } = await ajpNode(trial, (request) => (request === 1 ? { thenSilent: true } : {}));
      demandServed(await trial.web(node.context), node);
      const answer = await trial.web(node.context, { method: 'POST', body: 'once' });
      demandNoProblems(seen);
      demandServed(answer, node);
      demandEqual('body at the node', seen.bodies[1] ?? 'none', 'once');
    },
  }),
];
