import { describe, expect, it } from 'vitest';
import { type AnswerVerdict, createAnswerReader } from '../../src/core/mcmp/answer-reader.ts';
import { readReply } from '../../src/core/mcmp/reply.ts';
import { readInfoAsJava } from '../../src/node/registrar/java-info.ts';
import { readReported } from '../../src/node/registrar/reported.ts';
import { planJavaReset, planReset, type ResetInput } from '../../src/node/registrar/reset.ts';
import { createRoom } from '../../src/node/wire/room.ts';
import { createWire } from '../../src/node/wire/wire.ts';
import { infoOf, outline, scripted, stagedNode, statusAnswer } from '../node/registrar/stage.ts';
import { freeAfter } from '../support/cleanup.ts';
import { createHandClock } from '../support/hand-clock.ts';

/** Whatever a balancer says, reading it costs no more work than this. */
const MOST_CPU_MS = 5000;
const MIB = 1024 * 1024;
const NOTHING_ELSE = new AbortController().signal;

function timely<T>(work: () => T): T {
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(MOST_CPU_MS);
  return result;
}

function readAnswer(bytes: string): AnswerVerdict {
  const reader = createAnswerReader({ manners: 'mcmp', method: 'INFO', maxBytes: MIB });
  return reader.push(Buffer.from(bytes, 'latin1')) ?? reader.end();
}

const SPACES = ' '.repeat(60_000);

describe('a status line of 60 KB costs no more than its length', () => {
  it.each([
    ['spaces before a CR', `HTTP/1.1 200${SPACES}\rx\n`, 'malformed'],
    ['spaces inside of the reason', `HTTP/1.1 200 a${SPACES}b\n`, 'cut'],
    ['spaces and tabs', `HTTP/1.1 200${' \t'.repeat(30_000)}\r\r\n`, 'malformed'],
    ['digits', `HTTP/${'1'.repeat(60_000)}x 200 OK\n`, 'malformed'],
    ['spaces before the code', `HTTP/1.1${SPACES}20\n`, 'malformed'],
  ])('%s', (_, bytes, fault) => {
    expect(timely(() => readAnswer(bytes))).toMatchObject({ kind: 'broken', fault });
  });

  it('and keeps its reason', () => {
    const head = `HTTP/1.1 200 ${SPACES}all  is well${SPACES}`.slice(0, 61_000);
    expect(readAnswer(`${head}\r\nContent-Length: 0\r\n\r\n`)).toMatchObject({ reason: 'all  is well' });
    expect(readAnswer('HTTP/1.1 204\r\n\r\n')).toMatchObject({ status: 204, reason: '' });
    expect(readAnswer('HTTP/1.1 2000 OK\r\n\r\n')).toMatchObject({ fault: 'malformed' });
  });
});

describe('a reply of a megabyte costs no more than its length', () => {
  it.each([
    ['line ends in its middle', `Type=STATUS-RSP${'\n'.repeat(MIB)}x`],
    ['the name of a list over and over', `Type=STOP-APP-RSP\nAlias=${' Contexts='.repeat(100_000)}\rx\nx`],
    ['names without values', `Type=STATUS-RSP${'&a'.repeat(MIB / 2)}`],
    ['escapes', `Type=STATUS-RSP&State=${'%41'.repeat(MIB / 3)}`],
  ])('%s', (_, body) => {
    expect(timely(() => readReply(body))).toBeDefined();
  });

  it('and lists are read as they were', () => {
    const { processed } = readReply('Type=ENABLE-APP-RSP\nJvmRoute=n1\nAlias=a Contexts=b Contexts=/x,/y\n') ?? {};
    expect(processed).toEqual([{ alias: 'a Contexts=b', contexts: ['/x', '/y'] }]);
  });

  it.each(['99999999999999999999', '-99999999999999999999', '1e9', 'NaN', '0x10', ''])(
    'Requests=%s is no count',
    (requests) => {
      expect(readReply(`Type=STOP-APP-RSP&JvmRoute=n1&Requests=${requests}\n`)?.requests).toBeUndefined();
    },
  );
});

const NODE = infoOf({}).split('\n', 1)[0] ?? '';

function manyContexts(count: number, head = infoOf({})): string {
  return (
    head + Array.from({ length: count }, (_, i) => `Context: [1:1:${i}], Context: /c${i}, Status: ENABLED\n`).join('')
  );
}

const wishes = new Map([['/app', 'enabled' as const]]);
const input: ResetInput = { aliases: ['localhost'], wishes, told: new Map(), insists: false };

describe('an INFO of many lines about a node', () => {
  it('that has 300,000 contexts is read, and they are taken away with one message', () => {
    const { reported } = timely(() => readReported(manyContexts(300_000), 'n1'));
    expect(reported.contexts.size).toBe(300_000);
    expect(planReset(reported, input, 'ours')).toMatchObject({ removesAll: true, obsolete: [] });
    expect(planReset(reported, input, 'strange').told.size).toBe(1000);
  });

  it('that has 300,000 contexts is taken for one message by a node with Java manners, too', () => {
    const vhosts = timely(() => readInfoAsJava(manyContexts(300_000), 'n1')) ?? [];
    expect(planJavaReset(vhosts, input).removesAll).toBe(true);
  });

  it('that has it 50,000 times costs no more than its length', () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => NODE.replace('[1]', `[${i}]`)).join('\n');
    const { info } = timely(() => readReported(`${rows}\n`, 'n1'));
    expect(info.nodes).toHaveLength(50_000);
  });

  it('that has 300,000 aliases is read', () => {
    const aliases = Array.from({ length: 300_000 }, (_, i) => `a${i}`);
    const { reported } = timely(() => readReported(infoOf({ '/app': 'ENABLED' }, { aliases }), 'n1'));
    expect(planReset(reported, input, 'ours').removesAll).toBe(true);
  });

  it('that is a tree of millions of elements is not read', () => {
    const { info } = timely(() => readReported(`<Info>${'<a/>'.repeat(5_000_000)}</Info>`, 'n1'));
    expect(info.nodes).toHaveLength(0);
  });
});

describe('a node whose balancer', () => {
  it('gives it 150,000 contexts registers with one REMOVE-APP, and leaves at once', async () => {
    const body = manyContexts(150_000);
    const peer = await scripted(({ method }) =>
      method === 'INFO' ? { body } : method === 'STATUS' ? statusAnswer() : {},
    );
    const { node, reaches } = stagedNode([peer]);
    await reaches('registered');
    await node.leave();
    expect(outline(peer.requests)).toEqual([
      ...['INFO', 'REMOVE-APP /*', 'CONFIG', 'ENABLE-APP /app', 'STATUS'],
      ...['DISABLE-APP /app', 'STOP-APP /app', 'REMOVE-APP /app', 'REMOVE-APP /*'],
    ]);
  });

  it('takes the contexts of another node away as slowly as it may can be left meanwhile', async () => {
    const body = infoOf(
      Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`/${'c'.repeat(900)}${i}`, 'ENABLED'])),
    );
    let removed = 0;
    const peer = await scripted(async ({ method, target }) => {
      if (method === 'INFO') return { body };
      if (method === 'REMOVE-APP' && target === '/' && ++removed === 3) void node.leave();
      return {};
    });
    const { node } = stagedNode([peer]);
    await peer.until(() => removed === 3);
    await node.leave();
    expect(removed).toBe(3);
    expect(outline(peer.requests).at(-1)).toBe('REMOVE-APP /*');
  });

  it('takes nine seconds for each goodbye gets the last one in time', async () => {
    const clock = createHandClock({ random: 0 });
    let slow = false;
    const peer = await scripted(({ method }) => {
      if (slow) clock.advance(9000);
      return method === 'STATUS' ? statusAnswer() : {};
    });
    const contexts = Array.from({ length: 50 }, (_, i) => `/c${i}`);
    const { node, reaches } = stagedNode([peer], { contexts, clock, drainTimeoutMs: 5000, mcmpTimeoutMs: 20_000 });
    await reaches('registered');
    slow = true;
    const before = peer.requests.length;
    await node.leave();
    expect(outline(peer.requests).slice(before)).toEqual(['DISABLE-APP /c0', 'DISABLE-APP /c1', 'REMOVE-APP /*']);
  });

  it('explains itself at length is quoted in brief, and its state cut', async () => {
    const long = 'x'.repeat(60_000);
    const headers = { Version: '0.2.1', Type: 'MEM', Mess: `MEM: ${long}` };
    let refuses = false;
    const peer = await scripted(({ method }) => {
      if (refuses && method === 'CONFIG') return { status: 500, headers };
      return method === 'STATUS' ? statusAnswer({ state: long, id: long }) : {};
    });
    const { node, reaches, events } = stagedNode([peer]);
    await reaches('registered');
    expect(node.registrations()[0]?.reportedState.length).toBeLessThan(100);
    refuses = true;
    node.refresh();
    await reaches('retrying');
    expect(node.registrations()[0]?.lastFailure).toMatch(/^CONFIG: MEM: x+\.\.\.$/);
    const reasons = events.flatMap((event) => (event.kind === 'life' ? [event.reason.length] : []));
    expect(Math.max(...reasons)).toBeLessThan(2000);
  });

  it('knows it at an address of a megabyte is not quoted at that length', async () => {
    const body = infoOf({ '/app': 'ENABLED' }, { host: 'h'.repeat(MIB) });
    const peer = await scripted(({ method }) => (method === 'INFO' ? { body } : {}));
    const { reaches, warnings } = stagedNode([peer]);
    await reaches('registered');
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]?.length).toBeLessThan(2000);
  });
});

describe('answers of many balancers at the same time', () => {
  it('have room together: what is too much is refused, and there is room again', async () => {
    const room = createRoom(100_000);
    const body = 'x'.repeat(70_000);
    const peer = await scripted(() => ({ body }));
    const message = { method: 'INFO', target: '/', pairs: [] } as const;
    expect(room.take(50_000)).toBe(true);
    const wire = createWire(peer.url, { room });
    freeAfter(() => wire.close());
    await expect(wire.exchange(message, NOTHING_ELSE)).rejects.toMatchObject({ code: 'MCMP_NO_ROOM' });
    room.give(50_000);
    expect((await wire.exchange(message, NOTHING_ELSE)).body).toHaveLength(70_000);
    expect(room.take(100_000)).toBe(true);
  });

  it('have room together with the messages that ask for them', async () => {
    const room = createRoom(100_000);
    const peer = await scripted();
    const wire = createWire(peer.url, { room });
    freeAfter(() => wire.close());
    const config = (domain: string) => ({ method: 'CONFIG', target: '/', pairs: [['Domain', domain]] }) as const;
    const long = wire.exchange(config('x'.repeat(50_000)), NOTHING_ELSE);
    await expect(long).rejects.toMatchObject({ code: 'MCMP_NO_ROOM' });
    expect((await wire.exchange(config('x'.repeat(20_000)), NOTHING_ELSE)).status).toBe(200);
    expect(peer.requests).toHaveLength(1);
  });

  it('are short where no table was asked for', async () => {
    const body = 'x'.repeat(2 * MIB);
    const peer = await scripted(() => ({ body }));
    const wire = createWire(peer.url);
    freeAfter(() => wire.close());
    const exchange = (method: string) => wire.exchange({ method, target: '/', pairs: [] }, NOTHING_ELSE);
    await expect(exchange('STATUS')).rejects.toMatchObject({ code: 'MCMP_ANSWER_TOO_LONG' });
    expect((await exchange('INFO')).body).toHaveLength(2 * MIB);
  });
});
