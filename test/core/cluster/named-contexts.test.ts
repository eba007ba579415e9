import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HTTPD2_DIALECT, MCMP_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { type TestBalancer, testBalancer } from '../balancer.ts';

const list = (letter: string, numbers: readonly number[]): string => numbers.map((n) => `${letter}${n}`).join();

/** What an index of contexts by host name would hold. */
function counted({ state }: TestBalancer): number {
  let sum = 0;
  for (const node of state.nodes.rows) {
    for (const { aliases, contexts } of node?.vhosts ?? []) sum += aliases.length * contexts.size;
  }
  return sum;
}

describe('an index by host name is bounded', () => {
  it('refuses aliases, one by one, that would each name all the contexts of a node again', () => {
    const balancer = testBalancer(MCMP_DIALECT, {
      limits: { maxHosts: 1000, maxContexts: 1000 },
      maxNamedContexts: 50,
    });
    balancer.send('CONFIG', 'JVMRoute=n1');
    const paths = list('/', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(balancer.send('ENABLE-APP', `JVMRoute=n1&Alias=a&Context=${paths}`)).toMatchObject({ ok: true });
    const answers = [1, 2, 3, 4, 5, 6].map((n) => balancer.send('ENABLE-APP', `JVMRoute=n1&Alias=a,b${n}&Context=/1`));
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, true, false, false]);
    expect(answers[4]).toMatchObject({ type: 'MEM', code: 'context-table-full' });
    expect(counted(balancer)).toBe(50);
    // What is given back can be used again.
    balancer.send('REMOVE-APP', 'JVMRoute=n1&Alias=a&Context=/10');
    expect(balancer.send('ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=/11')).toMatchObject({ ok: true });
    balancer.send('REMOVE-APP /*', 'JVMRoute=n1');
    expect(balancer.state.namedContexts).toBe(0);
  });

  it.each([MCMP_DIALECT, HTTPD2_DIALECT])('never holds more than it may, whatever is sent ($name)', (dialect) => {
    const some = (most: number) => fc.uniqueArray(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: 5 });
    const message = fc.record({
      verb: fc.constantFrom('CONFIG', 'ENABLE-APP', 'STOP-APP', 'DISABLE-APP', 'REMOVE-APP', 'REMOVE-APP /*'),
      node: fc.integer({ min: 1, max: 3 }),
      aliases: some(9),
      contexts: some(9),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
        const balancer = testBalancer(dialect, { maxNamedContexts: 20 });
        for (const { verb, node, aliases, contexts } of messages) {
          const named = `&Alias=${list('a', aliases)}&Context=${list('/', contexts)}`;
          balancer.send(verb, `JVMRoute=n${node}${verb === 'CONFIG' ? `&Port=${node}` : ''}${named}`);
          expect(balancer.state.namedContexts).toBe(counted(balancer));
          expect(counted(balancer)).toBeLessThanOrEqual(20);
        }
      }),
      { seed: 31, numRuns: 300 },
    );
  });
});
