import { outcome, said } from '../../case.ts';
import { inHttpd, inHU } from '../../dialects.ts';
import { demand, demandEqual } from '../../verdict.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';

/** A balancer that nobody told anything: as it is, or started anew. @throws NotHere when nobody can */
async function onFreshBalancer(trial: BalancerTrial): Promise<void> {
  const answer = await trial.must('DUMP');
  if (answer.body !== '') await trial.restart();
}

const EMPTY_INFO =
  '<?xml version="1.0" standalone="yes" ?>\n<Info><Nodes></Nodes><Vhosts></Vhosts><Contexts></Contexts></Info>';
const EMPTY_XML = said('the declaration and three empty lists');

/** What a balancer says before the first node came (reference §2.6, §2.7, §3.2, checklist §11.6). Those that only look come first. */
export const FRESH_CASES = [
  balancerCase({
    id: 'info/xml-of-nothing',
    requirement: 'INFO in XML of a balancer without nodes is three empty lists.',
    level: 'may',
    lines: ['MCMP-INFO-13'],
    spec: '2.7',
    needs: ['empty'],
    isolated: false,
    disturbs: true,
    deadlineMs: 60_000,
    expected: { mcmp: EMPTY_XML, ...inHttpd(EMPTY_XML) },
    async run(trial) {
      await onFreshBalancer(trial);
      const answer = await trial.must('INFO', '', { headers: [['Accept', 'text/xml']] });
      demandEqual('body', answer.body, EMPTY_INFO);
    },
  }),
  balancerCase({
    id: 'dump/of-nothing',
    requirement: 'DUMP of a balancer that never had a node is empty.',
    level: 'should',
    lines: ['MCMP-DUMP-07'],
    spec: '2.6',
    needs: ['empty'],
    isolated: false,
    disturbs: true,
    deadlineMs: 60_000,
    expected: inHU(said('an empty body')),
    async run(trial) {
      await onFreshBalancer(trial);
      demandEqual('body of DUMP', (await trial.must('DUMP')).body, '');
    },
  }),
  balancerCase({
    id: 'info/first-id',
    requirement: 'The id of the first node that a balancer ever had.',
    level: 'may',
    lines: ['MCMP-INFO-05'],
    spec: '3.2',
    needs: ['empty'],
    isolated: false,
    disturbs: true,
    deadlineMs: 60_000,
    expected: {
      mcmp: outcome('0', (id: number) => id === 0),
      'httpd-2': outcome('0', (id: number) => id === 0),
      'httpd-1.3': outcome('1 or more', (id: number) => id >= 1),
      undertow: outcome('1 or more', (id: number) => id >= 1),
      nginx: outcome('1 or more', (id: number) => id >= 1),
    },
    async run(trial, { words, value }) {
      await onFreshBalancer(trial);
      const { route } = await trial.node({ contexts: [] });
      const id = (await trial.nodeLine(route))?.id;
      demand(id !== undefined && value(id), `the id ${words}`, `the id ${id ?? '(no Node line)'}`);
    },
  }),
];
