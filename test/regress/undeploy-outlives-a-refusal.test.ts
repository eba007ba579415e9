import { expect, it } from 'vitest';
import { infoOf, MEM, outline, scripted, stagedNode } from '../node/registrar/stage.ts';

it.each(['refused', 'not answered'])(
  'a context is not called gone because a report was %s while it drains (need F9)',
  async (how) => {
    let failed = false;
    let requestsLeft = 1;
    const peer = await scripted(({ method }) => {
      if (method === 'INFO') return { body: failed ? infoOf({ '/app': 'STOPPED' }) : '' };
      if (method === 'STOP-APP') return { body: `Type=STOP-APP-RSP&Requests=${requestsLeft}` };
      if (method !== 'STATUS' || failed || !outline(peer.requests).includes('STOP-APP /app')) return {};
      failed = true;
      return how === 'refused' ? MEM : { bytes: 'HTTP/1.1 200', end: true };
    });
    const { node } = stagedNode([peer], { statusIntervalMs: 20, drainTimeoutMs: 0 });
    await node.registered(5000);
    let isGone = false;
    const undeployed = node.undeploy('/app').then(() => {
      isGone = true;
    });
    await peer.until(() => outline(peer.requests).at(-1) === 'STOP-APP /app' && failed);
    expect(isGone).toBe(false);
    requestsLeft = 0;
    await undeployed;
    expect(outline(peer.requests).at(-1)).toBe('REMOVE-APP /app');
  },
);
