import { type Outcome, outcome } from '../../case.ts';
import type { PerDialect } from '../../dialects.ts';
import type { AnswerExpectation } from '../answers.ts';
import { demandNode, demandNoNode, type NodeFacts, ownNode } from '../own-node.ts';
import { type BalancerCase, balancerCase } from '../trial.ts';

/** What a value does to a CONFIG: it is refused, or INFO shows it so. */
type Effect = Outcome<AnswerExpectation | NodeFacts>;

export function isRefusal(value: AnswerExpectation | NodeFacts): value is AnswerExpectation {
  return 'status' in value;
}

export const refusedAs = (answer: AnswerExpectation): Effect => outcome(answer.words, answer);

/** One field with one value. */
export function oneField(
  facts: Pick<BalancerCase, 'id' | 'requirement' | 'level' | 'lines'>,
  field: readonly [name: string, value: string | number],
  expected: PerDialect<Effect>,
): BalancerCase {
  return balancerCase({
    ...facts,
    spec: '2.1',
    expected,
    async run(trial, { value }) {
      const { fields, route } = await ownNode(trial, { [field[0]]: field[1] });
      if (isRefusal(value)) {
        await trial.expect(value, 'CONFIG', fields);
        await demandNoNode(trial, route);
        return;
      }
      await trial.must('CONFIG', fields);
      await demandNode(trial, route, value);
    },
  });
}
