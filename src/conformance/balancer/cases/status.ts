import { outcome, said } from '../../case.ts';
import { inAll, inHU } from '../../dialects.ts';
import { demandEqual } from '../../verdict.ts';
import { accepted, refused } from '../answers.ts';
import { balancerCase } from '../trial.ts';

/** STATUS (reference §2.3, checklist §11.4). */
export const STATUS_CASES = [
  balancerCase({
    id: 'status/unknown-route',
    requirement: 'A STATUS of a route that was never configured is refused, so that its node registers anew.',
    level: 'must',
    lines: ['MCMP-STATUS-01'],
    spec: '2.3',
    expected: inAll(refused('MEM', /^MEM: Can't read node/)),
    async run(trial, expected) {
      await trial.expect(expected, 'STATUS', { JVMRoute: trial.route(), Load: 50 });
    },
  }),
  balancerCase({
    id: 'status/load-out-of-range',
    requirement: 'A Load above 100 is no load.',
    level: 'may',
    lines: ['MCMP-STATUS-14', 'MCMP-STATUS-15'],
    spec: '2.3',
    expected: {
      mcmp: outcome('MEM, and the load stays', { answer: refused('MEM', 'MEM: Bad value for Load'), load: 100 }),
      'httpd-2': outcome('SYNTAX, and the load stays', {
        answer: refused('SYNTAX', 'TODO: Bad value for Load'),
        load: 100,
      }),
      undertow: outcome('State=OK, and the load is 101', { answer: accepted(/State=OK/), load: 101 }),
    },
    async run(trial, { value }) {
      const node = await trial.node({ contexts: [] });
      await trial.expect(value.answer, 'STATUS', { JVMRoute: node.route, Load: 101 });
      const line = await trial.nodeLine(node.route);
      demandEqual('Load in INFO', line?.load ?? 'no line', value.load);
    },
  }),
  balancerCase({
    id: 'status/load-shown',
    requirement: 'A load that was accepted is what INFO says.',
    level: 'should',
    lines: ['MCMP-STATUS-08'],
    spec: '2.3',
    expected: inHU(said('Load: 37 in INFO')),
    async run(trial) {
      const node = await trial.node({ contexts: [], load: 37 });
      const line = await trial.nodeLine(node.route);
      demandEqual('Load in INFO', line?.load ?? 'no line', 37);
    },
  }),
];
