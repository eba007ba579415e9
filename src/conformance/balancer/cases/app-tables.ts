import { outcome } from '../../case.ts';
import { Deviation, demandEqual } from '../../verdict.ts';
import { type AnswerExpectation, accepted, expectAnswer, refused } from '../answers.ts';
import { pairsInInfo } from '../looks.ts';
import { balancerCase } from '../trial.ts';

/** Contexts that a table which is called small may have at most: httpd has 100 by default, nginx 200. */
const MOST_CONTEXTS = 300;

const REFUSED = outcome<(route: string) => AnswerExpectation>(
  `500 MEM: Can't update or insert context for node with "R" JVMRoute`,
  (route) => refused('MEM', `MEM: Can't update or insert context for node with "${route}" JVMRoute`),
);

/** The table of contexts is full (reference §2.2, checklist §11.3). */
export const APP_TABLE_CASES = [
  balancerCase({
    id: 'app/context-table-full',
    requirement: 'ENABLE-APP of one context more than the table has room for.',
    level: 'may',
    lines: ['MCMP-APP-40'],
    spec: '2.2',
    needs: ['small-tables'],
    isolated: false,
    disturbs: true,
    deadlineMs: 30_000,
    expected: {
      mcmp: REFUSED,
      'httpd-2': outcome('200, and the context is not in the reply', (route: string) =>
        accepted(`Type=ENABLE-APP-RSP\nJvmRoute=${route}\n`),
      ),
      'httpd-1.3': REFUSED,
      nginx: outcome("500 MEM: Can't update or insert context", () =>
        refused('MEM', "MEM: Can't update or insert context"),
      ),
    },
    async run(trial, { words, value }, dialect) {
      const alias = trial.alias();
      const { route } = await trial.node({ contexts: [] });
      const stored: string[] = [];
      for (let count = 0; count < MOST_CONTEXTS; count++) {
        const context = trial.context();
        const answer = await trial.send('ENABLE-APP', { JVMRoute: route, Alias: alias, Context: context });
        const isStored =
          answer.status === 200 && (dialect !== 'httpd-2' || answer.body.includes(`Contexts=${context}\n`));
        if (isStored) {
          stored.push(`${alias} ${context} ENABLED`);
          continue;
        }
        expectAnswer(answer, value(route));
        demandEqual('contexts in INFO', await pairsInInfo(trial, route), stored.sort().join(', '));
        return;
      }
      throw new Deviation('fail', words, `${MOST_CONTEXTS} contexts were all accepted`);
    },
  }),
];
