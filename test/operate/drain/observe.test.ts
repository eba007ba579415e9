import { describe, expect, it } from 'vitest';
import type { Brand } from '../../../src/client/brand.ts';
import { observe, type Patience, type Waited, waitsFor } from '../../../src/operate/drain/observe.ts';
import { DRAIN_STEPS, isOver, nextState } from '../../../src/operate/drain/states.ts';
import { selectOn } from '../../../src/operate/select.ts';
import type { Scope } from '../../../src/operate/types.ts';
import { sketch } from '../readings.ts';

const NODE = { kind: 'node', route: 'n1' } as const;
const APP = { kind: 'context', route: 'n1', path: '/app' } as const;

function seen(brand: Brand, scope: Scope, connected: number, other: 'ENABLED' | 'STOPPED' = 'ENABLED') {
  const { nodes } = sketch({
    route: 'n1',
    connected,
    vhosts: { localhost: { '/app': 'DISABLED', '/other': other } },
    ...(brand === 'mcmp' ? { inFlight: { '/app': connected, '/other': 100 } } : {}),
  });
  return observe(brand, selectOn('lb', brand, nodes, scope));
}

describe('what is known of requests in flight', () => {
  it.each<[Brand, Scope, 'ENABLED' | 'STOPPED', object]>([
    ['mcmp', APP, 'ENABLED', { how: 'requests per context', requests: 4 }],
    ['mcmp', NODE, 'ENABLED', { how: 'requests per context', requests: 104 }],
    ['httpd-2', NODE, 'ENABLED', { how: 'requests of the node', requests: 4 }],
    ['httpd-1.3', NODE, 'ENABLED', { how: 'requests of the node', requests: 4 }],
    ['httpd-2', APP, 'STOPPED', { how: 'requests of the node', requests: 4 }],
    ['httpd-2', APP, 'ENABLED', { how: 'only the clock', requests: 4 }],
    ['undertow', NODE, 'ENABLED', { how: 'requests per context', requests: undefined }],
    ['nginx', NODE, 'ENABLED', { how: 'only the clock', requests: undefined, elected: undefined }],
    ['unknown', NODE, 'ENABLED', { how: 'only the clock', requests: undefined }],
  ])('%s, %o, the other context is %s', (brand, scope, other, expected) => {
    expect(seen(brand, scope, 4, other)).toMatchObject(expected);
  });
});

describe('what is waited for', () => {
  const waiting = (elapsedMs: number, quietForMs?: number): Waited => ({ state: 'waiting', elapsedMs, quietForMs });
  const finishing = (elapsedMs: number): Waited => ({ state: 'finishing', elapsedMs, quietForMs: undefined });
  const nothing: Patience = { waitMs: undefined, quietMs: undefined };

  it.each<[string, Brand, Scope, number, Waited, Patience, string | undefined]>([
    ['requests', 'mcmp', APP, 2, waiting(0), nothing, '2 requests in flight'],
    ['one request', 'mcmp', APP, 1, finishing(9e9), nothing, '1 request in flight'],
    ['nothing', 'mcmp', APP, 0, waiting(0), nothing, undefined],
    [
      'the time given to sessions',
      'mcmp',
      APP,
      0,
      waiting(400),
      { ...nothing, waitMs: 1_400 },
      '1 s more by the clock',
    ],
    ['requests behind it', 'mcmp', APP, 3, waiting(2_000), { ...nothing, waitMs: 1_400 }, '3 requests in flight'],
    ['quiet', 'mcmp', APP, 0, waiting(0, 3_500), { ...nothing, quietMs: 5_000 }, 'its last request came 3 s ago'],
    ['no longer than until it is quiet', 'mcmp', APP, 0, waiting(0, 5_000), { ...nothing, quietMs: 5_000 }, undefined],
    ['the clock, httpd, one context', 'httpd-2', APP, 5, waiting(1_000), nothing, '29 s more by the clock'],
    ['no clock when the node does nothing at all', 'httpd-2', APP, 0, waiting(0), nothing, undefined],
    ['the clock once more, after STOP', 'httpd-2', APP, 5, finishing(10_000), nothing, '20 s more by the clock'],
    ['no longer than the clock says', 'httpd-2', APP, 5, finishing(30_000), nothing, undefined],
    ['the clock alone', 'unknown', NODE, 0, waiting(0), { ...nothing, waitMs: 2_000 }, '2 s more by the clock'],
    ['nothing after STOP at nginx: DISABLED was that', 'nginx', NODE, 0, finishing(0), nothing, undefined],
    ['nothing before STOP at Undertow', 'undertow', NODE, 7, waiting(0), nothing, undefined],
    ['the answer to STOP-APP', 'undertow', NODE, 7, finishing(0), nothing, 'the number of requests in flight'],
  ])('%s', (_, brand, scope, connected, waited, patience, expected) => {
    expect(waitsFor(brand, seen(brand, scope, connected), waited, patience)).toBe(expected);
  });
});

describe('the states of a drain', () => {
  it.each([
    ['disabling', 'answered', 'waiting'],
    ['waiting', 'clear', 'stopping'],
    ['stopping', 'answered', 'finishing'],
    ['finishing', 'clear', 'removing'],
    ['removing', 'answered', 'drained'],
    ['disabling', 'refused', 'refused'],
    ['waiting', 'answered', 'waiting'],
    ['waiting', 'gone', 'left'],
    ['waiting', 'enabled-again', 'interfered'],
    ['finishing', 'time-over', 'timed-out'],
    ['finishing', 'told-to-end', 'given-up'],
    ['stopping', 'silent', 'unreachable'],
    ['drained', 'enabled-again', 'drained'],
  ] as const)('%s: %s leads to %s', (state, trigger, next) => {
    expect(nextState(state, trigger)).toBe(next);
  });

  it('are over exactly where nothing can follow', () => {
    const states = Object.keys(DRAIN_STEPS) as (keyof typeof DRAIN_STEPS)[];
    const over = ['drained', 'left', 'interfered', 'refused', 'unreachable', 'timed-out', 'given-up', 'not-there'];
    expect(states.filter(isOver)).toEqual(over);
  });
});
