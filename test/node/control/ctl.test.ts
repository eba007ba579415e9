import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { McmpError } from '../../../src/core/errors.ts';
import { createControlClient } from '../../../src/node/control/client.ts';
import { type CtlOutcome, runCtl } from '../../../src/node/control/ctl.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type StandInFleet, standInFleet } from './stand-in-fleet.ts';
import { startTestControl } from './test-control.ts';

interface Spoken {
  readonly outcome: CtlOutcome;
  readonly lines: readonly string[];
  readonly documents: readonly unknown[];
  readonly logged: readonly string[];
}

interface Manner {
  readonly json?: boolean;
  readonly token?: string;
  readonly waitMs?: number;
  readonly stop?: AbortSignal;
  readonly lines?: string[];
}

/** Says a whole line to the control API at `url`, words split at spaces. */
async function speak(url: URL, line: string, manner: Manner = {}): Promise<Spoken> {
  const { json = false, token, waitMs = 5_000, stop = new AbortController().signal, lines = [] } = manner;
  const documents: unknown[] = [];
  const logged: string[] = [];
  const client = createControlClient(url, { timeoutMs: 5_000, ...(token === undefined ? {} : { token }) });
  const log = (message: string, fields = {}): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const [action = '', ...words] = line.split(' ');
  try {
    const outcome = await runCtl(action, words, {
      client,
      waitMs,
      force: false,
      stop: () => stop,
      log: { error: log, warn: log, info: log, debug: log },
      screen: { json, line: (text) => void lines.push(text), document: (value) => void documents.push(value) },
    });
    return { outcome, lines, documents, logged };
  } finally {
    await client.close();
  }
}

async function open(): Promise<{ readonly fleet: StandInFleet; readonly url: URL }> {
  const fleet = standInFleet(2);
  const { url } = await startTestControl(fleet);
  return { fleet, url };
}

describe('node-sim ctl', () => {
  it.each([
    ['load node1 70', ['load 70 = 70']],
    ['enable node1 /app', ['wish /app enabled']],
    ['disable node1 /app', ['wish /app disabled']],
    ['stop node1 /app', ['wish /app stopped']],
    ['stop node1 /new', ['deploy /new stopped']],
    ['deploy node1 /app', ['deploy /app enabled']],
    ['remove node1 /app', ['undeploy /app']],
    ['kill node1', ['kill']],
    ['restart node1', ['restart']],
    ['leave node1', ['leave']],
    ['refresh node1', ['refresh']],
    ['refresh *1', ['refresh']],
  ])('%s', async (line, told) => {
    const { fleet, url } = await open();
    expect((await speak(url, line)).outcome).toBe('done');
    expect(fleet.nodes.get('node1')?.told).toEqual(told);
  });

  it.each([
    ['list', ['node1', 'node2'], '127.0.0.1:9002'],
    ['show node2', ['node2', '127.0.0.1:8090'], 'registered'],
    ['show node2', ['node2'], '/app'],
    ['show node2 /app', ['node2'], 'enabled'],
    ['kill node2', ['node2'], 'killed'],
    ['load node2 70', ['node2'], 'load from the next STATUS on: 70'],
    ['disable node* /app', ['node1', 'node2'], 'disabled'],
    ['fault on latency:200ms@node2', ['f1'], 'latency:200ms@node2'],
    ['fault list', ['no fault is on'], ''],
    ['fault', ['no fault is on'], ''],
    ['fault off all', ['no fault is on'], ''],
    ['remove node1 /app', ['no context'], ''],
  ])('%s prints what is so', async (line, beginnings, part) => {
    const { url } = await open();
    const { lines } = await speak(url, line);
    for (const beginning of beginnings) {
      expect(
        lines.filter((text) => text.trimStart().startsWith(beginning)),
        lines.join('\n'),
      ).not.toEqual([]);
    }
    expect(lines.join('\n')).toContain(part);
  });

  it('switches one fault off by its id', async () => {
    const { fleet, url } = await open();
    await speak(url, 'fault on hang@node2');
    await speak(url, 'fault on reset:0.5');
    const [first] = fleet.faults.list();
    expect((await speak(url, `fault off ${first?.id}`)).lines.join('\n')).not.toContain('hang');
    expect(fleet.faults.list()).toMatchObject([{ spec: { text: 'reset:0.5' } }]);
  });

  it('prints the answers of balancers, and fails when one refused or said nothing', async () => {
    const { fleet, url } = await open();
    const { lines, outcome } = await speak(url, 'say node1 ping JVMRoute={route}');
    expect(fleet.nodes.get('node1')?.told).toEqual(['say PING / JVMRoute=node1']);
    expect(lines).toEqual([
      'node1 at 127.0.0.1:8090: 200',
      '  Type=PING-RSP&State=OK',
      'node1 at 127.0.0.1:8091: nothing listens',
    ]);
    expect(outcome).toBe('check-failed');
  });

  it('lets nothing of a balancer reach the terminal as it is', async () => {
    const { fleet, url } = await open();
    const node = fleet.nodes.get('node1');
    if (node !== undefined) node.standing = { ...node.standing, reportedState: '\u001b[2J', lastFailure: 'a\u0007b' };
    const { lines } = await speak(url, 'show node1');
    expect(lines.join('\n')).toContain('\\u{1b}[2J');
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f]/);
  });

  it('prints the very document with --json', async () => {
    const { url } = await open();
    const { lines, documents } = await speak(url, 'list', { json: true });
    expect(lines).toEqual([]);
    expect(documents).toEqual([
      expect.objectContaining({
        schemaVersion: 1,
        nodes: [expect.objectContaining({ route: 'node1' }), expect.anything()],
      }),
    ]);
  });

  it('names the nodes that did not do it', async () => {
    const { fleet, url } = await open();
    fleet.nodes.get('node2')?.failWith(new McmpError('unreachable', 'MCMP_LISTEN', 'the port is taken'));
    const { outcome, lines, logged } = await speak(url, 'restart node*');
    expect(outcome).toBe('check-failed');
    expect(lines.join('\n')).toContain('node1');
    expect(logged).toEqual([expect.stringMatching(/node2.*the port is taken/)]);
  });

  it('names the nodes that are still at it', async () => {
    const { fleet, url } = await open();
    fleet.nodes.get('node2')?.holdUntil(new Promise(() => {}));
    const { outcome, logged } = await speak(url, 'leave node*', { waitMs: 50 });
    expect(outcome).toBe('timeout');
    expect(logged).toEqual([expect.stringContaining('node2')]);
  });

  it('watches until it is stopped', async () => {
    const { fleet, url } = await open();
    const stop = new AbortController();
    const lines: string[] = [];
    const watching = speak(url, 'watch', { stop: stop.signal, lines });
    await waitFor(() => lines.length > 0);
    lines.length = 0;
    await speak(url, 'kill node2');
    await speak(url, 'disable node1 /app');
    await speak(url, 'deploy node1 /b');
    await speak(url, 'remove node1 /b');
    await speak(url, 'fault on hang@node1');
    const node = fleet.nodes.get('node1');
    if (node !== undefined) node.standing = { ...node.standing, state: 'retrying', lastFailure: 'gone', load: 5 };
    await waitFor(() => lines.length >= 7);
    stop.abort();
    expect((await watching).outcome).toBe('done');
    expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ''))).toEqual([
      'node2  running -> killed',
      'node1  /app enabled -> disabled',
      'node1  /b new -> enabled',
      'node1  /b removed',
      'faults  hang@node1',
      'node1  registered -> retrying  127.0.0.1:8090  gone',
      'node1  load 100 -> 5  127.0.0.1:8090',
    ]);
  });
});

describe('node-sim ctl, said wrongly,', () => {
  it.each([
    ['lst', 'Did you mean list?'],
    ['frobnicate', 'There are: list, show'],
    ['kill', 'It is: mcmp node-sim ctl kill ROUTE'],
    ['kill node1 now', 'It is: mcmp node-sim ctl kill ROUTE'],
    ['load node1', 'ROUTE SPEC'],
    ['list all', 'It is: mcmp node-sim ctl list'],
    ['fault hang', 'on SPEC, off ID'],
    ['fault on', 'on SPEC, off ID'],
    ['fault on hang @node1', 'on SPEC, off ID'],
    ['say node1', 'COMMAND'],
    ['say node1 PNIG', 'Did you mean PING?'],
    ['kill node9', 'There are 2: node1 .. node2.'],
    ['disable node1 /nope/ /app', 'ROUTE PATH'],
  ])('"%s" says what is right', async (line, hint) => {
    const { fleet, url } = await open();
    await expect(speak(url, line)).rejects.toMatchObject({ kind: 'usage', hint: expect.stringContaining(hint) });
    expect(fleet.nodes.get('node1')?.told).toEqual([]);
  });

  it('to nobody says how to start one', async () => {
    const { port, close } = await startTestControl(standInFleet());
    await close();
    await expect(speak(new URL(`http://127.0.0.1:${port}`), 'list')).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('nothing listens there'),
      hint: expect.stringContaining('--control'),
    });
  });

  it('without the token is refused, with it not', async () => {
    const token = 'a-token-of-some-length';
    const { url } = await startTestControl(standInFleet(), token);
    await expect(speak(url, 'list')).rejects.toMatchObject({
      kind: 'refused',
      hint: expect.stringContaining('--token-file'),
    });
    await expect(speak(url, 'watch')).rejects.toMatchObject({ kind: 'refused' });
    expect((await speak(url, 'list', { token })).outcome).toBe('done');
  });

  it.each([
    ['text/html', '<html>', 404],
    ['application/json', '{"status":"ok"}', 200],
    ['application/json', '[]', 200],
    ['application/json', '{"schemaVersion":1,"error":"no"}', 500],
  ])('to something else that answers %s %s is not believed', async (type, body, status) => {
    const server = createServer((_, response) => response.writeHead(status, { 'content-type': type }).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    freeAfter(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const url = new URL(`http://127.0.0.1:${port}`);
    await expect(speak(url, 'list')).rejects.toMatchObject({ kind: 'protocol', code: 'MCMP_NOT_CONTROL' });
  });
});
