import { expect, it } from 'vitest';
import { BALANCER_CASES } from '../../src/conformance/balancer/cases/index.ts';
import { BALANCER_LINES, NODE_LINES } from '../../src/conformance/checklist.ts';
import { NODE_CASES } from '../../src/conformance/node/cases/index.ts';
import { BAD_NODES } from './bad-nodes/index.ts';
import { BALANCER_NAMES, conformanceDocument, NODE_NAMES } from './document.ts';
import { readCaught } from './mutants/caught.ts';

it('docs/conformance.md is what the cases say; if not, run this with --update', async () => {
  const counts = new Map<string, number>();
  const caught = [...readCaught().values(), ...BAD_NODES.map(({ aims }) => aims)];
  for (const ids of caught) for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  const page = conformanceDocument(
    [
      { heading: 'Balancers', cases: BALANCER_CASES, names: BALANCER_NAMES, lines: BALANCER_LINES },
      { heading: 'Nodes', cases: NODE_CASES, names: NODE_NAMES, lines: NODE_LINES },
    ],
    counts,
  );
  await expect(page).toMatchFileSnapshot('../../docs/conformance.md');
});
