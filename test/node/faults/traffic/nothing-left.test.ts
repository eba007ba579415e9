import { describe, expect, it } from 'vitest';
import { bodyPacketHead, CPING } from '../../../../src/core/ajp/index.ts';
import { FAULTS, type FaultName, faultRow } from '../../../../src/node/faults/table.ts';
import { openRaw, talk } from '../../../support/raw-http.ts';
import { waitFor } from '../../../support/wait-for.ts';
import { ajpRequest, openAjp } from '../../connector/ajp-client.ts';
import { get } from '../../connector/serve.ts';
import { faultyNode } from './faulty.ts';

const TRAFFIC = (Object.keys(FAULTS) as FaultName[]).filter((name) => faultRow(name).side === 'traffic');
const BY_HTTP = TRAFFIC.filter((name) => (faultRow(name).connector ?? 'http') === 'http');
const BY_AJP = TRAFFIC.filter((name) => (faultRow(name).connector ?? 'ajp') === 'ajp');

const REQUESTS = [
  get('/'),
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\nonly the beginning',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
  `${get('/', 'Connection: Upgrade', 'Upgrade: websocket')}message`,
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  get('/wait') + get('/pipelined'),
  'no HTTP\r\n\r\n',
];

describe.each(BY_HTTP)('%s', (fault) => {
  it('leaves nothing behind, whatever was asked and however the balancer goes: the node serves as ever', async () => {
    const node = await faultyNode();
    for (const how of ['destroy', 'resetAndDestroy'] as const) {
      // Connections from before, of which half have carried a request, and from after the switching on.
      const before = await Promise.all(REQUESTS.map(() => openRaw(node.port)));
      for (const client of before.slice(0, 4)) client.write(get('/first'));
      for (const client of before.slice(0, 4)) await client.until((text) => text.endsWith('n1 GET /first 0'));
      const heal = node.suffer(fault);
      for (const [i, client] of before.entries()) client.write(REQUESTS[i] ?? '');
      const after = await Promise.all(REQUESTS.map(() => openRaw(node.port).catch(() => undefined)));
      for (const [i, client] of after.entries()) client?.write(REQUESTS[i] ?? '');
      if (fault !== 'refuse') await waitFor(() => node.strikes() > 0);
      for (const client of before) client.socket[how]();
      heal();
      for (const client of after) client?.socket[how]();
      node.release();
      await waitFor(() => node.connector.inFlight() === 0);
    }
    await waitFor(() =>
      talk(node.port, get('/', 'Connection: close')).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    await node.connector.close(60_000);
    expect(node.connector.inFlight()).toBe(0);
  });
});

const BODY = Buffer.concat([bodyPacketHead(4), Buffer.from('body')]);
const AJP_REQUESTS = [
  ajpRequest(),
  Buffer.concat([ajpRequest({ method: 'POST', headers: [['Content-Length', '4']] }), BODY]),
  Buffer.concat([ajpRequest({ method: 'POST', headers: [['Content-Length', '400']] }), BODY]),
  ajpRequest({ method: 'POST' }),
  CPING,
  Buffer.concat([ajpRequest({ uri: '/wait' }), ajpRequest({ uri: '/pipelined' })]),
  Buffer.from('no AJP'),
];

describe.each(BY_AJP)('%s, by AJP', (fault) => {
  it('leaves nothing behind, whatever was asked and however the balancer goes: the node serves as ever', async () => {
    const node = await faultyNode({ type: 'ajp' });
    for (const how of ['destroy', 'resetAndDestroy'] as const) {
      const before = await Promise.all(AJP_REQUESTS.map(() => openAjp(node.port)));
      for (const client of before.slice(0, 4)) await client.ask({ uri: '/first' });
      const heal = node.suffer(fault);
      for (const [i, client] of before.entries()) client.write(AJP_REQUESTS[i] ?? CPING);
      const after = await Promise.all(AJP_REQUESTS.map(() => openRaw(node.port).catch(() => undefined)));
      for (const [i, client] of after.entries()) client?.write(AJP_REQUESTS[i] ?? CPING);
      if (fault !== 'refuse') await waitFor(() => node.strikes() > 0);
      for (const client of before) client.socket[how]();
      heal();
      for (const client of after) client?.socket[how]();
      node.release();
      await waitFor(() => node.connector.inFlight() === 0);
    }
    await waitFor(() =>
      openAjp(node.port)
        .then((client) => client.ask({}))
        .then(
          ({ status }) => status === 200,
          () => false,
        ),
    );
    await node.connector.close(60_000);
    expect(node.connector.inFlight()).toBe(0);
  });
});
