import { outcome, said } from '../../case.ts';
import { inAll } from '../../dialects.ts';
import { demand, demandEqual } from '../../verdict.ts';
import { accepted } from '../answers.ts';
import { aliasesInInfo, pairsInInfo, statusInInfo } from '../looks.ts';
import { type BalancerTrial, balancerCase, WHOLE_NODE } from '../trial.ts';

/** Sends commands for one context of one node, in order; each has to be accepted. */
async function command(trial: BalancerTrial, route: string, context: string, ...methods: string[]): Promise<void> {
  for (const method of methods) await trial.must(method, { JVMRoute: route, Alias: 'localhost', Context: context });
}

const shown = (status: string) => outcome(`${status} in INFO`, status);

/** What becomes of a context by the commands for it (reference §2.2, §3.5, checklist §11.3). */
export const APP_STATUS_CASES = [
  balancerCase({
    id: 'app/enable',
    requirement: 'ENABLE-APP of a new context makes one virtual host line and one context line, ENABLED.',
    level: 'must',
    lines: ['MCMP-APP-10'],
    spec: '2.2',
    expected: inAll(said('one Vhost line with the alias and one Context line, ENABLED')),
    async run(trial) {
      const alias = trial.alias();
      const { route, context } = await trial.node({ alias });
      demandEqual('aliases in INFO', (await aliasesInInfo(trial, route)).join(', '), alias);
      demandEqual('contexts in INFO', await pairsInInfo(trial, route), `${alias} ${context} ENABLED`);
    },
  }),
  balancerCase({
    id: 'app/alias-case',
    requirement: 'How an alias with capital letters is shown.',
    level: 'may',
    lines: ['MCMP-APP-10'],
    spec: '2.2',
    expected: {
      mcmp: outcome('as it was sent', false),
      'httpd-2': outcome('in lower case', true),
      'httpd-1.3': outcome('in lower case', true),
      undertow: outcome('as it was sent', false),
      nginx: outcome('in lower case', true),
    },
    async run(trial, { value: lower }) {
      const alias = trial.alias().toUpperCase();
      const { route } = await trial.node({ alias });
      const aliases = await aliasesInInfo(trial, route);
      demandEqual('alias in INFO', aliases.join(', '), lower ? alias.toLowerCase() : alias);
    },
  }),
  balancerCase({
    id: 'app/disable',
    requirement: 'DISABLE-APP of an enabled context makes it DISABLED.',
    level: 'must',
    lines: ['MCMP-APP-11'],
    spec: '3.5',
    expected: inAll(shown('DISABLED')),
    async run(trial, { value }) {
      const { route, context } = await trial.node();
      await command(trial, route, context, 'DISABLE-APP');
      demandEqual('status in INFO', await statusInInfo(trial, route, context), value);
    },
  }),
  balancerCase({
    id: 'app/stop',
    requirement: 'STOP-APP of an enabled context makes it STOPPED.',
    level: 'must',
    lines: ['MCMP-APP-12'],
    spec: '3.5',
    expected: inAll(shown('STOPPED')),
    async run(trial, { value }) {
      const { route, context } = await trial.node();
      await command(trial, route, context, 'STOP-APP');
      demandEqual('status in INFO', await statusInInfo(trial, route, context), value);
    },
  }),
  balancerCase({
    id: 'app/enable-again',
    requirement: 'ENABLE-APP of a disabled or stopped context makes it ENABLED.',
    level: 'must',
    lines: ['MCMP-APP-13'],
    spec: '3.5',
    expected: inAll(shown('ENABLED')),
    async run(trial, { value }) {
      const { route, context } = await trial.node();
      await command(trial, route, context, 'DISABLE-APP', 'ENABLE-APP');
      demandEqual('status in INFO after DISABLE-APP', await statusInInfo(trial, route, context), value);
      await command(trial, route, context, 'STOP-APP', 'ENABLE-APP');
      demandEqual('status in INFO after STOP-APP', await statusInInfo(trial, route, context), value);
    },
  }),
  balancerCase({
    id: 'app/disable-stopped',
    requirement: 'DISABLE-APP of a stopped context.',
    level: 'may',
    lines: ['MCMP-APP-14'],
    spec: '3.5',
    expected: { ...inAll(shown('DISABLED')), undertow: shown('STOPPED') },
    async run(trial, { value }) {
      const { route, context } = await trial.node();
      await command(trial, route, context, 'STOP-APP', 'DISABLE-APP');
      demandEqual('status in INFO', await statusInInfo(trial, route, context), value);
    },
  }),
  balancerCase({
    id: 'app/disable-new',
    requirement: 'DISABLE-APP of a context that is not there makes it.',
    level: 'may',
    lines: ['MCMP-APP-15'],
    spec: '3.5',
    expected: { ...inAll(shown('DISABLED')), undertow: shown('STOPPED') },
    async run(trial, { value }) {
      const { route } = await trial.node({ contexts: [] });
      const context = trial.context();
      await command(trial, route, context, 'DISABLE-APP');
      demandEqual('status in INFO', await statusInInfo(trial, route, context), value);
    },
  }),
  balancerCase({
    id: 'app/stop-new',
    requirement: 'STOP-APP of a context that is not there makes it, STOPPED.',
    level: 'must',
    lines: ['MCMP-APP-16'],
    spec: '3.5',
    expected: inAll(shown('STOPPED')),
    async run(trial, { value }) {
      const { route } = await trial.node({ contexts: [] });
      const context = trial.context();
      await command(trial, route, context, 'STOP-APP');
      demandEqual('status in INFO', await statusInInfo(trial, route, context), value);
    },
  }),
  ...(
    [
      { verb: 'disable', method: 'DISABLE-APP', before: [], status: 'DISABLED', line: 'MCMP-APP-30' },
      { verb: 'stop', method: 'STOP-APP', before: [], status: 'STOPPED', line: 'MCMP-APP-31' },
      { verb: 'enable', method: 'ENABLE-APP', before: ['DISABLE-APP'], status: 'ENABLED', line: 'MCMP-APP-32' },
    ] as const
  ).map(({ verb, method, before, status, line }) =>
    balancerCase({
      id: `app/${verb}-whole-node`,
      requirement: `${method} with the target /* is for every context of the node, and its answer has no body.`,
      level: 'must',
      lines: [line],
      spec: '2.2',
      expected: inAll({ ...accepted(''), words: `200 with an empty body, and all contexts ${status}` }),
      async run(trial, expected) {
        const contexts = [trial.context(), trial.context()];
        const { route } = await trial.node({ contexts });
        for (const context of contexts) await command(trial, route, context, ...before);
        await trial.expect(expected, method, { JVMRoute: route }, WHOLE_NODE);
        for (const context of contexts) {
          demandEqual(`status of ${context} in INFO`, await statusInInfo(trial, route, context), status);
        }
      },
    }),
  ),
  balancerCase({
    id: 'app/one-context-of-a-node',
    requirement: 'A command for one context leaves the other contexts of the node as they are.',
    level: 'must',
    lines: ['MCMP-APP-11', 'MCMP-APP-12'],
    spec: '2.2',
    expected: inAll(said('the other context stays ENABLED')),
    async run(trial) {
      const [named = '', other = ''] = [trial.context(), trial.context()];
      const { route } = await trial.node({ contexts: [named, other] });
      for (const method of ['DISABLE-APP', 'STOP-APP', 'REMOVE-APP']) {
        await command(trial, route, named, method);
        demandEqual(`status of the other after ${method}`, await statusInInfo(trial, route, other), 'ENABLED');
      }
    },
  }),
  balancerCase({
    id: 'app/one-of-two-nodes',
    requirement: 'A command that names one node leaves the same context of another node as it is.',
    level: 'must',
    lines: ['MCMP-APP-33'],
    spec: '2.2',
    expected: inAll(said('the context of the other node stays ENABLED')),
    async run(trial) {
      const contexts = [trial.context()];
      const [context = ''] = contexts;
      const named = await trial.node({ contexts });
      const other = await trial.node({ contexts });
      const stays = async (after: string): Promise<void> => {
        const status = await statusInInfo(trial, other.route, context);
        demand(status === 'ENABLED', `the context of the other node ENABLED after ${after}`, `its status: ${status}`);
      };
      for (const method of ['DISABLE-APP', 'STOP-APP', 'REMOVE-APP']) {
        await command(trial, named.route, context, method);
        await stays(method);
      }
      await command(trial, named.route, context, 'ENABLE-APP');
      for (const method of ['DISABLE-APP', 'STOP-APP', 'REMOVE-APP']) {
        await trial.must(method, { JVMRoute: named.route }, WHOLE_NODE);
        await stays(`${method} /*`);
      }
    },
  }),
];
