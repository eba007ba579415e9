import { describe, expect, test } from 'vitest';
import { DIALECTS } from '../../../src/core/mcmp/dialect.ts';
import type { Line, Message } from '../../core/checklist.ts';
import { linesOf } from '../../core/dialects/lines-of.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { startNode } from '../../support/node-server.ts';
import { createPeer, type McmpPeer } from '../mcmp-peer.ts';

/** The nodes of the lines are at these ports; servers on free ports stand for them. */
const NODE_PORTS = [9001, 9002] as const;

/** httpd's own table sizes. */
const LIMITS = { maxNodes: 20, maxContexts: 100, maxHosts: 20 };

/** The same lines that parser and machine are checked by, now by bytes on sockets. */
for (const { name: dialect } of DIALECTS.values()) {
  for (const { name, lines } of linesOf(dialect)) {
    const chosen = lines.filter(({ id }) => id.startsWith('MCMP-'));
    if (chosen.length === 0) continue;
    describe(`${name} over sockets (${dialect})`, () => {
      test.for(chosen)('$id', async (line) => await check(line, dialect));
    });
  }
}

async function check(line: Line, dialect: string): Promise<void> {
  const { limits, maxMessageBytes, reachable = () => true } = line.setup ?? {};
  const balancer = await startTestBalancer({
    dialect,
    limits: { ...LIMITS, ...limits },
    ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }),
  });
  const ports = new Map<string, string>();
  for (const recorded of NODE_PORTS) {
    const node = await startNode(`node at ${recorded}`);
    if (!reachable(`127.0.0.1:${recorded}`)) node.kill();
    ports.set(String(recorded), String(node.port));
  }
  const peer = createPeer(balancer.mcmpPort);
  for (const message of line.given ?? []) {
    expect(await say(peer, message, ports), `given ${message[0]} ${message[1] ?? ''}`).toMatch(/^200/);
  }
  if (line.when !== undefined) {
    const answer = await say(peer, line.when, ports);
    if (line.says === undefined) expect(answer).toMatch(/^200/);
    else if (typeof line.says === 'string') expect(answer).toBe(withoutId(line.says));
    else expect(answer).toMatch(line.says);
  }
  if (line.info !== undefined) look(await say(peer, ['INFO'], ports), line.info);
  if (line.dump !== undefined) look(await say(peer, ['DUMP'], ports), line.dump);
}

/** Sends a message; the answer as the lines spell it: `TYPE/words`, or `200` and the body. */
async function say(
  peer: McmpPeer,
  [line, body = '', accept]: Message,
  ports: ReadonlyMap<string, string>,
): Promise<string> {
  const [method = '', target = '/'] = line.split(' ');
  const sent = renumber(body, ports);
  const headers = `Host: 127.0.0.1\r\n${accept === undefined ? '' : `Accept: ${accept}\r\n`}`;
  const length = sent === '' ? '' : `Content-Length: ${sent.length}\r\n`;
  const answer = await peer.ask(`${method} ${target} HTTP/1.1\r\n${headers}${length}\r\n${sent}`);
  // Undertow's failure of its own code says nothing but this.
  if (answer.status === 500 && !answer.headers.has('type')) return `GENERAL/${answer.body}`;
  if (answer.status !== 200) {
    expect({ status: answer.status, version: answer.headers.get('version') }).toEqual({
      status: 500,
      version: '0.2.1',
    });
    return `${answer.headers.get('type')}/${answer.headers.get('mess')}`;
  }
  const back = new Map([...ports].map(([recorded, real]) => [real, recorded]));
  return `200 ${withoutId(renumber(answer.body, back))}`.trimEnd();
}

/** The balancer's incarnation is another each time. */
function withoutId(text: string): string {
  return text.replace(/id=-?\d+/, 'id=');
}

function look(text: string, patterns: readonly string[]): void {
  for (const pattern of patterns) {
    // The last line feed is not part of what was said.
    if (pattern.startsWith('!')) expect(`${text}\n`).not.toContain(pattern.slice(1));
    else expect(`${text}\n`).toContain(pattern);
  }
}

function renumber(text: string, ports: ReadonlyMap<string, string>): string {
  return text.replace(/\d+/g, (digits) => ports.get(digits) ?? digits);
}
