import { outcome, said } from '../../case.ts';
import { inAll, inHttpd } from '../../dialects.ts';
import { Deviation, demandEqual } from '../../verdict.ts';
import { accepted, answerWords, expectAnswer } from '../answers.ts';
import { aliasesInInfo, pairsInInfo, statusInInfo } from '../looks.ts';
import { CONTEXT_UNKNOWN } from '../refusals.ts';
import { balancerCase, WHOLE_NODE } from '../trial.ts';

const UNKNOWN_MEM = /^MEM: Can't/;

/** REMOVE-APP of contexts and nodes (reference §2.2, §3.6, checklist §11.3). */
export const APP_REMOVE_CASES = [
  balancerCase({
    id: 'app/remove',
    requirement: 'REMOVE-APP with the alias list of a context takes it out of INFO.',
    level: 'must',
    lines: ['MCMP-APP-17'],
    spec: '2.2',
    expected: inAll(said('200, and no Context line is left')),
    async run(trial) {
      const alias = [trial.alias(), trial.alias()].join(',');
      const { route, context } = await trial.node({ alias });
      await trial.must('REMOVE-APP', { JVMRoute: route, Alias: alias, Context: context });
      demandEqual('status in INFO', await statusInInfo(trial, route, context), 'no line');
    },
  }),
  balancerCase({
    id: 'app/remove-unknown-context',
    requirement: 'REMOVE-APP of a context or an alias that the node does not have.',
    level: 'may',
    lines: ['MCMP-APP-18'],
    spec: '2.2',
    expected: { ...inAll(accepted()), undertow: CONTEXT_UNKNOWN },
    async run(trial, expected) {
      const { route, context, alias } = await trial.node();
      await trial.expect(expected, 'REMOVE-APP', { JVMRoute: route, Alias: alias, Context: trial.context() });
      await trial.expect(expected, 'REMOVE-APP', { JVMRoute: route, Alias: trial.alias(), Context: context });
      demandEqual('status of the context that is there', await statusInInfo(trial, route, context), 'ENABLED');
    },
  }),
  balancerCase({
    id: 'app/last-context-of-a-vhost',
    requirement: 'What becomes of the virtual host when its last context is removed.',
    level: 'may',
    lines: ['MCMP-APP-41'],
    spec: '2.2',
    expected: {
      ...inAll(outcome('its Vhost line is gone', false)),
      undertow: outcome('its Vhost line stays', true),
    },
    async run(trial, { value: stays }) {
      const alias = trial.alias();
      const { route, context } = await trial.node({ alias });
      await trial.must('REMOVE-APP', { JVMRoute: route, Alias: alias, Context: context });
      demandEqual('aliases in INFO', (await aliasesInInfo(trial, route)).join(', '), stays ? alias : '');
    },
  }),
  balancerCase({
    id: 'app/remove-node',
    requirement: 'REMOVE-APP with the target /* takes all contexts and virtual hosts of the node out of INFO at once.',
    level: 'must',
    lines: ['MCMP-APP-34'],
    spec: '2.2',
    expected: inAll({ ...accepted(), words: '200, and no Context and Vhost line of the node is left' }),
    async run(trial, expected) {
      const alias = trial.alias();
      const contexts = [trial.context(), trial.context()];
      const { route } = await trial.node({ alias, contexts });
      await trial.expect(expected, 'REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      const info = await trial.info();
      const left = [
        ...info.vhosts.filter((vhost) => vhost.alias === alias).map(() => `Alias: ${alias}`),
        ...info.contexts.filter(({ path }) => contexts.includes(path)).map(({ path }) => `Context: ${path}`),
      ];
      demandEqual('lines of the node in INFO', left.join(', '), '');
    },
  }),
  balancerCase({
    id: 'app/removed-node-goes-at-once',
    requirement: 'A removed node is not in INFO any more.',
    level: 'may',
    lines: ['MCMP-APP-35'],
    spec: '3.6',
    expected: { undertow: said('no Node line right after the answer') },
    async run(trial) {
      const { route } = await trial.node();
      await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      demandEqual('Node lines of the route', (await trial.nodeLine(route)) === undefined ? 0 : 1, 0);
    },
  }),
  balancerCase({
    id: 'app/removed-node-goes',
    requirement: 'The line of a removed node leaves INFO within about 30 seconds.',
    level: 'may',
    lines: ['MCMP-APP-35'],
    spec: '3.6',
    needs: ['patience'],
    deadlineMs: 60_000,
    expected: {
      ...inHttpd(said('no Node line after at most 45 seconds')),
      mcmp: said('no Node line after at most 45 seconds'),
      nginx: said('no Node line after at most 45 seconds'),
    },
    async run(trial) {
      const { route } = await trial.node();
      await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      const isGone = async (): Promise<boolean> => (await trial.nodeLine(route)) === undefined;
      await trial.until('no Node line of the removed node', isGone, 45_000);
    },
  }),
  balancerCase({
    id: 'app/status-of-removed-node',
    requirement: 'STATUS of a node that was just removed is not OK.',
    level: 'may',
    lines: ['MCMP-APP-37'],
    spec: '3.6',
    expected: {
      ...inHttpd(outcome('State=NOTOK, or 500 of type MEM', { notOk: true })),
      mcmp: outcome('500 of type MEM', { notOk: false }),
      undertow: outcome('500 of type MEM', { notOk: false }),
    },
    async run(trial, { words, value }) {
      const { route } = await trial.node();
      await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      const answer = await trial.send('STATUS', { JVMRoute: route, Load: 100 });
      if (value.notOk && answer.status === 200 && /State=NOTOK/.test(answer.body)) return;
      if (answer.status === 200) throw new Deviation('fail', words, answerWords(answer));
      expectAnswer(answer, { words, status: 500, type: 'MEM' });
    },
  }),
  balancerCase({
    id: 'app/enable-of-removed-node',
    requirement: 'ENABLE-APP for a node that was just removed is refused with Type MEM.',
    level: 'may',
    lines: ['MCMP-APP-37'],
    spec: '3.6',
    expected: {
      ...inHttpd({ words: '500 of type MEM', status: 500, type: 'MEM', mess: UNKNOWN_MEM }),
      mcmp: { words: '500 of type MEM', status: 500, type: 'MEM', mess: UNKNOWN_MEM },
      undertow: { words: '500 of type MEM', status: 500, type: 'MEM', mess: UNKNOWN_MEM },
    },
    async run(trial, expected) {
      const { route, context, alias } = await trial.node();
      await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      await trial.expect(expected, 'ENABLE-APP', { JVMRoute: route, Alias: alias, Context: context });
      demandEqual('contexts in INFO', await pairsInInfo(trial, route), '');
    },
  }),
];
