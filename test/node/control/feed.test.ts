import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/node/clock.ts';
import { createControlClient } from '../../../src/node/control/client.ts';
import type { ControlEvent } from '../../../src/node/control/documents.ts';
import { createFeed } from '../../../src/node/control/feed.ts';
import { readEvents } from '../../../src/node/control/read-events.ts';
import { parseFault } from '../../../src/node/faults/grammar.ts';
import { freeAfter } from '../../support/cleanup.ts';
import { openRaw } from '../../support/raw-http.ts';
import { waitFor } from '../../support/wait-for.ts';
import { standInFleet } from './stand-in-fleet.ts';
import { startTestControl, type TestControl } from './test-control.ts';

/** A reader of events that remembers them. */
function watch({ url }: TestControl): {
  readonly events: ControlEvent[];
  readonly stop: AbortController;
  readonly ended: Promise<void>;
} {
  const client = createControlClient(url, { timeoutMs: 5_000 });
  const stop = new AbortController();
  const events: ControlEvent[] = [];
  const read = async (): Promise<void> => {
    for await (const event of client.events(stop.signal)) events.push(event);
  };
  const ended = read();
  ended.catch(() => {});
  freeAfter(async () => {
    stop.abort();
    await client.close();
  });
  return { events, stop, ended };
}

/** The load of a node as an event shows it. */
function loadSeen(event: ControlEvent | undefined, route: string): number | null | undefined {
  const nodes = event?.kind === 'snapshot' ? event.nodes : event?.kind === 'node' ? [event.node] : [];
  return nodes.find((node) => node.route === route)?.balancers[0]?.load;
}

describe('the events of a fleet', () => {
  it('begin with everything, and go on with what changes', async () => {
    const fleet = standInFleet();
    const control = await startTestControl(fleet);
    const { events } = watch(control);
    await waitFor(() => events.length === 1);
    expect(events[0]).toMatchObject({
      schemaVersion: 1,
      kind: 'snapshot',
      nodes: [{ route: 'node1' }, { route: 'node2' }, { route: 'node3' }],
      faults: [],
    });
    await control.ask('POST', '/v1/nodes/node2/kill', {});
    await waitFor(() => events.length === 2);
    expect(events[1]).toMatchObject({ kind: 'node', node: { route: 'node2', condition: 'killed' } });
    fleet.faults.add(parseFault('hang@node1'));
    await waitFor(() => events.length === 3);
    expect(events[2]).toMatchObject({ kind: 'faults', faults: [{ text: 'hang@node1' }] });
  });

  it('tell of changes that nobody asked for here', async () => {
    const fleet = standInFleet();
    const control = await startTestControl(fleet);
    const { events } = watch(control);
    await waitFor(() => events.length === 1);
    const node3 = fleet.nodes.get('node3');
    if (node3 === undefined) throw new Error('there are three nodes');
    node3.standing = { ...node3.standing, state: 'retrying', lastFailure: 'nothing listens' };
    await waitFor(() => events.length === 2);
    expect(events[1]).toMatchObject({
      node: { route: 'node3', balancers: [{ state: 'retrying', reason: 'nothing listens' }] },
    });
    node3.become('leaving');
    control.changed('node3');
    control.changed('no such node');
    await waitFor(() => events.length === 3);
    expect(events[2]).toMatchObject({ node: { route: 'node3', condition: 'leaving' } });
  });

  it('end for a reader that stops, and fail for one whose node-sim ends', async () => {
    const control = await startTestControl(standInFleet());
    const first = watch(control);
    const second = watch(control);
    await waitFor(() => first.events.length === 1 && second.events.length === 1);
    first.stop.abort();
    await first.ended;
    await control.close();
    await expect(second.ended).rejects.toMatchObject({ kind: 'unreachable', code: 'MCMP_CONTROL_GONE' });
  });

  it('go to a limited number of readers', async () => {
    const control = await startTestControl(standInFleet());
    const readers = Array.from({ length: 16 }, () => watch(control));
    await waitFor(() => readers.every(({ events }) => events.length === 1));
    const { status, headers, document } = await control.ask('GET', '/v1/events');
    expect({ status, retryAfter: headers['retry-after'] }).toEqual({ status: 503, retryAfter: '5' });
    expect(document).toMatchObject({ error: { code: 'MCMP_TOO_MANY_READERS' } });
    readers[0]?.stop.abort();
    await waitFor(async () => {
      const again = watch(control);
      await Promise.race([again.ended.catch(() => {}), waitFor(() => again.events.length === 1)]);
      return again.events.length === 1;
    });
  });

  it('are not queued without end for a reader that does not read, who is told everything when it does', async () => {
    const fleet = standInFleet(400);
    const control = await startTestControl(fleet);
    const slow = await openRaw(control.port);
    slow.socket.pause();
    slow.write('GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    const fast = watch(control);
    await waitFor(() => fast.events.length === 1);
    const ROUNDS = 60;
    const node400 = fleet.nodes.get('node400');
    for (let round = 1; round <= ROUNDS; round++) {
      for (const node of fleet.nodes.values()) {
        node.standing = { ...node.standing, load: round };
        control.changed(node.route);
      }
      // The last node of a round is told last.
      await waitFor(() => node400 !== undefined && loadSeen(fast.events.at(-1), node400.route) === round);
    }
    slow.socket.resume();
    await slow.until((received) => received.split('event: snapshot').length === 3);
    const text = await slow.until((received) => received.split(`"load":${ROUNDS}}`).length > 400);
    // All of it would be one event for each node and round.
    expect(text.split('event: node').length - 1).toBeLessThan(ROUNDS * 400);
  });
});

describe('a reader that has stopped reading', () => {
  it('is cut off after a while, and shown signs of life before', async () => {
    let now = 0;
    const clock: Clock = {
      nowMs: () => now,
      random: () => 0,
      sleep: (_, signal) => systemClock.sleep(5, signal),
    };
    const fleet = standInFleet(2000);
    const feed = createFeed(fleet, clock);
    const closed: string[] = [];
    const server = createServer((request, response) => {
      response.once('close', () => void closed.push(request.url ?? ''));
      feed.attach(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    freeAfter(() => {
      feed.close();
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const attentive = await openRaw(port);
    attentive.write('GET /attentive HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await attentive.until((text) => /\r\n:\n\n/.test(text));
    attentive.close();
    await waitFor(() => closed.length === 1);
    const stuck = await openRaw(port);
    stuck.socket.pause();
    stuck.write('GET /stuck HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await waitFor(() => {
      for (const node of fleet.nodes.values()) node.standing = { ...node.standing, load: now };
      now += 1000;
      return closed.length === 2;
    });
    expect(closed).toEqual(['/attentive', '/stuck']);
  });
});

describe('a stream of events', () => {
  const event: ControlEvent = { schemaVersion: 1, kind: 'faults', faults: [] };
  const bytes = Buffer.from(
    `:\n\nevent: faults\ndata: ${JSON.stringify(event)}\n\n:\n\nid: 5\ndata: ${JSON.stringify(event)}\n\ndata: {`,
  );

  async function read(chunks: readonly Buffer[]): Promise<ControlEvent[]> {
    const body = async function* (): AsyncGenerator<Buffer> {
      yield* chunks;
    };
    const events: ControlEvent[] = [];
    for await (const one of readEvents(body(), 'here')) events.push(one);
    return events;
  }

  it('is read whole and one byte at a time', async () => {
    expect(await read([bytes])).toEqual([event, event]);
    expect(await read([...bytes].map((byte) => Buffer.from([byte])))).toEqual([event, event]);
  });

  it.each([
    'data: nothing\n\n',
    'data: null\n\n',
    'data: {"schemaVersion":2,"kind":"faults"}\n\n',
    'data: {"schemaVersion":1,"kind":"x"}\n\n',
  ])('%j is none of ours', async (text) => {
    await expect(read([Buffer.from(text)])).rejects.toMatchObject({ code: 'MCMP_BAD_EVENT', kind: 'protocol' });
  });
});
