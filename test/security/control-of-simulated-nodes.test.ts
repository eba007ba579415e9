import { describe, expect, it } from 'vitest';
import { standInFleet } from '../node/control/stand-in-fleet.ts';
import { startTestControl } from '../node/control/test-control.ts';
import { openRaw } from '../support/raw-http.ts';

const TOKEN = 'a-token-of-some-length';

describe('a control request', () => {
  it.each([undefined, TOKEN])('with two Host headers is refused, token or not: %s (CVE-2025-12543)', async (token) => {
    const { port } = await startTestControl(standInFleet(), token);
    const client = await openRaw(port);
    const lines = ['GET /v1 HTTP/1.1', 'Host: localhost', 'Host: attacker.example', `Authorization: Bearer ${TOKEN}`];
    client.write([...lines, 'Connection: close', '', ''].join('\r\n'));
    expect((await client.closed()).status).toBe(400);
  });

  it.each([
    ['brackets 60,000 deep', '['.repeat(60_000)],
    ['objects 5,000 deep', `${'{"fault":'.repeat(5000)}1${'}'.repeat(5000)}`],
    ['a prototype for a field', '{"__proto__":{"fault":"hang"}}'],
    ['a constructor for a fault', '{"fault":"constructor"}'],
    ['half a surrogate pair', '{"fault":"\\ud800"}'],
    ['the same field twice, the last one wrong', '{"fault":"hang","fault":1}'],
  ])('with %s is refused, and switches nothing on', async (_, body) => {
    const fleet = standInFleet();
    const { ask, logged } = await startTestControl(fleet);
    expect((await ask('POST', '/v1/faults', body)).status).toBe(400);
    expect(fleet.faults.list()).toHaveLength(0);
    expect(logged).toHaveLength(0);
  });

  it.each(['PING\r\nX: y', 'PING /', 'P\0', ' PING', ''])('to say %j never reaches a balancer', async (method) => {
    const { ask } = await startTestControl(standInFleet());
    expect((await ask('POST', '/v1/nodes/node1/say', { method })).status).toBe(400);
  });

  it('for a route of two thousand stars is answered at once', async () => {
    const { ask } = await startTestControl(standInFleet());
    expect((await ask('GET', `/v1/nodes/${'*a'.repeat(2000)}`)).status).toBe(400);
    expect((await ask('GET', `/v1/nodes/${'*a'.repeat(120)}b`)).status).toBe(404);
  });
});
