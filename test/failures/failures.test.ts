import { describe, expect, it } from 'vitest';
import { FAULTS, type FaultName, faultRow } from '../../src/node/faults/table.ts';
import { type Cell, failuresPage } from './page.ts';
import { type Company, request } from './scene.ts';

const TRAFFIC = (Object.keys(FAULTS) as FaultName[]).filter((name) => faultRow(name).side === 'traffic');
const COMPANIES: readonly Company[] = ['alone', 'with another node'];

const METHODS = ['GET', 'POST'] as const;

const cells = new Map<string, Cell>();

describe('a client of a balancer whose node goes wrong', () => {
  for (const fault of TRAFFIC) {
    it(`gets an answer or a closed connection: ${fault}`, async () => {
      const situations = METHODS.flatMap((method) => COMPANIES.map((company) => ({ method, company })));
      await Promise.all(
        situations.map(async ({ method, company }) => {
          const outcome = await request(fault, method, company);
          cells.set(`${fault} ${method} ${company}`, outcome);
          // A request that may not be repeated is never given to two nodes.
          if (method === 'POST') expect(outcome.delivered).toBeLessThanOrEqual(1);
        }),
      );
    });
  }

  it('sees what docs/failures.md says; if not, npm run failures', async () => {
    await expect(failuresPage(TRAFFIC, cells)).toMatchFileSnapshot('../../docs/failures.md');
  });
});
