import { describe, expect, it } from 'vitest';
import { CPONG } from '../../../../src/core/ajp/index.ts';
import type { ConnectorOptions } from '../../../../src/node/connector/types.ts';
import { openRaw } from '../../../support/raw-http.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { ajpRequest, openAjp } from '../../connector/ajp-client.ts';
import { endingOf, type FaultyNode, faultyNode } from './faulty.ts';

const faulty = (options: Partial<ConnectorOptions> = {}): Promise<FaultyNode> =>
  faultyNode({ type: 'ajp', ...options });
const REQUEST = ajpRequest().toString('latin1');

async function expectHealed(node: FaultyNode): Promise<void> {
  const answer = await (await openAjp(node.port)).ask({ uri: '/healed' });
  expect(answer).toMatchObject({ status: 200, body: 'n1 GET /healed 0', reuse: true });
}

/** What a strict reader says of the answer. */
async function violationOf(port: number): Promise<string> {
  const client = await openAjp(port);
  return await client.ask({}).then(
    ({ status }) => `none: ${status}`,
    (error: Error) => error.message,
  );
}

describe('faults of nodes that speak AJP', () => {
  it.each([
    ['ajp-no-head', 'AJP_UNEXPECTED_PACKET'],
    ['ajp-two-heads', 'AJP_UNEXPECTED_PACKET'],
    ['ajp-crlf', 'AJP_HEADER_VALUE'],
    ['ajp-unexpected', 'AJP_UNEXPECTED_PACKET'],
    ['ajp-magic', 'AJP_MAGIC'],
    ['ajp-too-long', 'AJP_MAGIC'],
    ['garbage', 'AJP_MAGIC'],
  ])('%s: a strict balancer sees %s', async (fault, code) => {
    const node = await faulty();
    const heal = node.suffer(fault);
    expect(await violationOf(node.port)).toBe(code);
    expect(node.strikes()).toBe(1);
    heal();
    await expectHealed(node);
  });

  it('ajp-crlf: the value has a line end and a header of HTTP behind it', async () => {
    const node = await faulty();
    node.suffer('ajp-crlf');
    const client = await openRaw(node.port);
    client.write(REQUEST);
    await client.until((text) => text.includes('fault\r\nX-Injected\0'));
  });

  it('ajp-after-end: two whole answers come for one request', async () => {
    const node = await faulty();
    node.suffer('ajp-after-end');
    const client = await openAjp(node.port);
    client.write(ajpRequest());
    await client.answer();
    await client.answer();
    expect(node.connector.requestCount()).toBe(1);
  });

  it('ajp-refused: 403, no reuse, and the end', async () => {
    const node = await faulty();
    const heal = node.suffer('ajp-refused');
    const client = await openAjp(node.port);
    expect(await client.ask({})).toMatchObject({ status: 403, reuse: false });
    await client.closed();
    heal();
    await expectHealed(node);
  });

  it('ajp-no-reuse: the right answer, reuse forbidden, and the connection stays open', async () => {
    const node = await faulty();
    const heal = node.suffer('ajp-no-reuse');
    const client = await openAjp(node.port);
    expect(await client.ask({})).toMatchObject({ status: 200, reuse: false });
    heal();
    expect(await client.ask({})).toMatchObject({ status: 200, reuse: true });
  });

  it('close: the right answer, reuse forbidden, and the end', async () => {
    const node = await faulty();
    node.suffer('close');
    const client = await openAjp(node.port);
    expect(await client.ask({})).toMatchObject({ status: 200, reuse: false });
    await client.closed();
  });

  it.each([
    ['with a length', [['Content-Length', '20000']], 8186],
    ['without one', [], 0],
  ] as const)(
    'ajp-body-not-asked: of a body %s the application gets what came unasked',
    async (_words, headers, bytes) => {
      const node = await faulty();
      const heal = node.suffer('ajp-body-not-asked');
      const client = await openAjp(node.port);
      const answer = await client.ask({ method: 'POST', headers }, Buffer.alloc(20_000));
      expect(answer).toMatchObject({ body: `n1 POST /app ${bytes}`, events: ['head', 'data', 'end'] });
      heal();
      expect(await client.ask({ method: 'POST', headers }, Buffer.alloc(20_000))).toMatchObject({
        body: 'n1 POST /app 20000',
      });
    },
  );

  it('ajp-body-asked-twice: two questions at a time, and all of the body comes', async () => {
    const node = await faulty();
    node.suffer('ajp-body-asked-twice');
    const client = await openAjp(node.port);
    const answer = await client.ask({ method: 'POST' }, Buffer.alloc(10_000));
    expect(answer.body).toBe('n1 POST /app 10000');
    expect(answer.events).toEqual(['asked', 'asked', 'asked', 'asked', 'head', 'data', 'end']);
    expect(await client.ask({})).toMatchObject({ status: 200 });
  });

  it.each(['cping-silent', 'hang'])('%s: no CPONG comes until it is switched off', async (fault) => {
    const node = await faulty();
    const heal = node.suffer(fault);
    const client = await openAjp(node.port);
    const ponged = client.ping();
    await waitFor(() => node.strikes() === 1);
    heal();
    await ponged;
  });

  it('cping-silent does not mind requests', async () => {
    const node = await faulty();
    node.suffer('cping-silent');
    await expectHealed(node);
  });

  it('latency delays a CPONG and an answer', async () => {
    const node = await faulty();
    node.suffer('latency:60ms');
    const client = await openAjp(node.port);
    const from = performance.now();
    await client.ping();
    expect(performance.now() - from).toBeGreaterThan(50);
    await client.ask({});
    expect(performance.now() - from).toBeGreaterThan(110);
  });

  it('reset: a RST and not a byte', async () => {
    const node = await faulty();
    node.suffer('reset');
    expect(await endingOf(node.port, REQUEST)).toEqual({ text: '', end: 'reset' });
  });

  it('half-close: a FIN and not a byte, and the node goes on reading', async () => {
    const node = await faulty();
    node.suffer('half-close');
    expect(await endingOf(node.port, REQUEST)).toEqual({ text: '', end: 'fin' });
  });

  it.each(['wrong-length', 'truncated-chunk'])(
    '%s: an answer begins, and the connection ends before it',
    async (fault) => {
      const node = await faulty();
      const heal = node.suffer(fault);
      const { text, end } = await endingOf(node.port, REQUEST);
      expect(end).toBe('fin');
      expect(text).toContain('mcmp mcmp');
      expect(text).not.toContain('AB\0\x02\x05');
      heal();
      await expectHealed(node);
    },
  );

  it('reset-after: so many bytes of packets, and a RST', async () => {
    const node = await faulty();
    node.suffer('reset-after:10');
    const { text, end } = await endingOf(node.port, REQUEST);
    expect(text).toHaveLength(10);
    expect(end).toBe('reset');
  });

  it('error: the application fails, and the connection stays', async () => {
    const node = await faulty();
    const heal = node.suffer('error:503');
    const client = await openAjp(node.port);
    expect(await client.ask({})).toMatchObject({ status: 503, reuse: true });
    heal();
    expect(await client.ask({})).toMatchObject({ status: 200 });
  });

  it('keep-alive-race: a kept connection ends when the next request comes', async () => {
    const node = await faulty();
    const client = await openAjp(node.port);
    await client.ask({});
    node.suffer('keep-alive-race');
    client.write(ajpRequest());
    expect(await client.closed()).toEqual([]);
  });

  it('slow-read: bodies are read slowly', async () => {
    const node = await faulty();
    node.suffer('slow-read:100KiB');
    const client = await openAjp(node.port);
    const from = performance.now();
    const answer = await client.ask({ method: 'POST', headers: [['Content-Length', '20000']] }, Buffer.alloc(20_000));
    expect(answer.body).toBe('n1 POST /app 20000');
    expect(performance.now() - from).toBeGreaterThan(150);
  });

  it('a board on which nothing is on changes nothing', async () => {
    const node = await faulty();
    const client = await openRaw(node.port);
    client.write(Buffer.from('123400010a', 'hex'));
    await client.until((text) => text === CPONG.toString('latin1'));
    await expectHealed(node);
  });
});
