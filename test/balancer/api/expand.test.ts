import { describe, expect, it } from 'vitest';
import { expand } from '../../../src/balancer/management/commands/expand.ts';
import { CommandRefusal } from '../../../src/balancer/management/commands/refusal.ts';
import { register, seenCluster } from '../page/seen.ts';

const ANY = { node: undefined, domain: undefined, balancer: undefined, alias: undefined, context: undefined };

describe('a target that stands for very many commands', () => {
  it('is taken up to 10,000 of them, and refused beyond that', () => {
    const seen = seenCluster();
    const all = { ...ANY, balancer: 'mycluster' };
    for (let index = 0; index < 10_000; index++) register(seen.cluster, `n${index}`);
    expect(expand(seen, 'STOP-APP', all)).toHaveLength(10_000);
    register(seen.cluster, 'one-too-many');
    expect(() => expand(seen, 'STOP-APP', all)).toThrow(CommandRefusal);
    expect(() => expand(seen, 'STOP-APP', { ...all, context: '/app' })).toThrow('more than 10000 commands');
    expect(expand(seen, 'STOP-APP', { ...all, node: 'one-too-many' })).toHaveLength(1);
  });
});
