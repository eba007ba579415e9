import { describe, expect, it } from 'vitest';
import { closestName } from '../../src/core/suggest.ts';

const NAMES = ['JVMRoute', 'Host', 'Port', 'StickySession', 'StickySessionCookie', 'broken-node-timeout', 'completion'];

describe('closestName', () => {
  it.each([
    ['JVMRuote', 'JVMRoute'],
    ['jvmroute', 'JVMRoute'],
    ['Prot', 'Port'],
    ['Hst', 'Host'],
    ['StickySesion', 'StickySession'],
    ['broken-node-timout', 'broken-node-timeout'],
    ['complet', 'completion'],
  ])('takes %s for %s', (word, meant) => {
    expect(closestName(word, NAMES)).toBe(meant);
  });

  it.each(['Balancer', '', 'x', 'constructor', '__proto__', 'sticky'])('does not guess what "%s" might be', (word) => {
    expect(closestName(word, NAMES)).toBeUndefined();
  });

  it('does not take long for a very long word', () => {
    expect(closestName('a'.repeat(1_000_000), NAMES)).toBeUndefined();
  });
});
