import { outcome, said } from '../../case.ts';
import { inAll } from '../../dialects.ts';
import { demandEqual } from '../../verdict.ts';
import { type AnswerExpectation, accepted, refused } from '../answers.ts';
import { expectOfEach, statusInInfo } from '../looks.ts';
import { CONTEXT_UNKNOWN, FIELDS_MISSING, NODE_UNKNOWN, ROUTE_EMPTY, ROUTE_UNKNOWN } from '../refusals.ts';
import { balancerCase, WHOLE_NODE } from '../trial.ts';

const APP_COMMANDS = ['ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP'];

const ALIAS_WITHOUT_CONTEXT = refused('SYNTAX', 'SYNTAX: Alias without Context');
const CONTEXT_WITHOUT_ALIAS = refused('SYNTAX', 'SYNTAX: Context without Alias');
const NEITHER = refused('SYNTAX', 'SYNTAX: No Context and Alias in APP command');

/** What is said of a route that nobody configured; the text may name it. */
type OfRoute = (route: string) => AnswerExpectation;
const ofRoute = outcome<OfRoute>(ROUTE_UNKNOWN.words, ROUTE_UNKNOWN.of);
const always = (answer: AnswerExpectation) => outcome<OfRoute>(answer.words, () => answer);

/** Commands for applications that lack something, or name a node that is not there (reference §2.2, checklist §11.3). */
export const APP_REFUSAL_CASES = [
  balancerCase({
    id: 'app/without-route',
    requirement: 'A command for an application that names no node is refused.',
    level: 'may',
    lines: ['MCMP-APP-01', 'MCMP-APP-02'],
    spec: '2.2',
    expected: { ...inAll(ROUTE_EMPTY), undertow: FIELDS_MISSING },
    async run(trial, expected) {
      await expectOfEach(trial, APP_COMMANDS, expected, { Alias: 'localhost', Context: trial.context() });
    },
  }),
  balancerCase({
    id: 'app/without-alias-and-context',
    requirement: 'A command for one application that names neither alias nor context is refused.',
    level: 'may',
    lines: ['MCMP-APP-02', 'MCMP-APP-03'],
    spec: '2.2',
    expected: { mcmp: NEITHER, 'httpd-2': NEITHER, undertow: FIELDS_MISSING },
    async run(trial, expected) {
      const { route, context } = await trial.node();
      await expectOfEach(trial, APP_COMMANDS, expected, { JVMRoute: route });
      demandEqual('status of the context in INFO', await statusInInfo(trial, route, context), 'ENABLED');
    },
  }),
  balancerCase({
    id: 'app/neither-means-the-root',
    requirement: 'A command that names neither alias nor context means the root context of an alias without a name.',
    level: 'may',
    lines: [],
    spec: '2.2',
    disturbs: true,
    expected: {
      'httpd-1.3': accepted(),
      nginx: accepted(),
    },
    async run(trial, expected) {
      // DISABLE-APP, as ENABLE-APP and STOP-APP without names have brought 1.3 and nginx down.
      const { route } = await trial.node({ contexts: [] });
      await trial.expect(expected, 'DISABLE-APP', { JVMRoute: route });
      demandEqual('status of / in INFO', await statusInInfo(trial, route, '/'), 'DISABLED');
    },
  }),
  balancerCase({
    id: 'app/alias-without-context',
    requirement: 'A command for an application that names an alias but no context is refused.',
    level: 'may',
    lines: ['MCMP-APP-02', 'MCMP-APP-04'],
    spec: '2.2',
    expected: { ...inAll(ALIAS_WITHOUT_CONTEXT), undertow: FIELDS_MISSING },
    async run(trial, expected) {
      const { route } = await trial.node({ contexts: [] });
      await expectOfEach(trial, APP_COMMANDS, expected, { JVMRoute: route, Alias: 'localhost' });
    },
  }),
  balancerCase({
    id: 'app/context-without-alias',
    requirement: 'A command for an application that names a context but no alias is refused.',
    level: 'may',
    lines: ['MCMP-APP-02', 'MCMP-APP-04'],
    spec: '2.2',
    expected: { ...inAll(CONTEXT_WITHOUT_ALIAS), undertow: FIELDS_MISSING },
    async run(trial, expected) {
      const { route } = await trial.node({ contexts: [] });
      await expectOfEach(trial, APP_COMMANDS, expected, { JVMRoute: route, Context: trial.context() });
    },
  }),
  balancerCase({
    id: 'app/enable-unknown-route',
    requirement: 'ENABLE-APP for a node that was never configured is refused with Type MEM, so that it registers anew.',
    level: 'must',
    lines: ['MCMP-APP-05'],
    spec: '2.2',
    expected: inAll(refused('MEM')),
    async run(trial, expected) {
      await trial.expect(expected, 'ENABLE-APP', {
        JVMRoute: trial.route(),
        Alias: 'localhost',
        Context: trial.context(),
      });
    },
  }),
  balancerCase({
    id: 'app/enable-unknown-route-text',
    requirement: 'The refusal of ENABLE-APP for an unknown node says what is missing.',
    level: 'may',
    lines: ['MCMP-APP-06', 'MCMP-APP-07'],
    spec: '1.7',
    expected: { ...inAll(ofRoute), undertow: always(CONTEXT_UNKNOWN), nginx: always(NODE_UNKNOWN) },
    async run(trial, { value }) {
      const route = trial.route();
      await trial.expect(value(route), 'ENABLE-APP', { JVMRoute: route, Alias: 'localhost', Context: trial.context() });
    },
  }),
  balancerCase({
    id: 'app/disable-unknown-route',
    requirement: 'DISABLE-APP for a node that was never configured.',
    level: 'may',
    lines: ['MCMP-APP-06', 'MCMP-APP-07'],
    spec: '2.2',
    expected: {
      ...inAll(ofRoute),
      mcmp: always(accepted()),
      undertow: always(CONTEXT_UNKNOWN),
      nginx: always(NODE_UNKNOWN),
    },
    async run(trial, { value }) {
      const route = trial.route();
      await trial.expect(value(route), 'DISABLE-APP', {
        JVMRoute: route,
        Alias: 'localhost',
        Context: trial.context(),
      });
    },
  }),
  balancerCase({
    id: 'app/stop-unknown-route',
    requirement: 'STOP-APP for a node that was never configured.',
    level: 'may',
    lines: ['MCMP-APP-06', 'MCMP-APP-08'],
    spec: '2.2',
    expected: {
      ...inAll(ofRoute),
      mcmp: always(accepted(/Requests=0\n$/)),
      undertow: always(accepted(/Requests=-1$/)),
      nginx: always(NODE_UNKNOWN),
    },
    async run(trial, { value }) {
      const route = trial.route();
      await trial.expect(value(route), 'STOP-APP', { JVMRoute: route, Alias: 'localhost', Context: trial.context() });
    },
  }),
  balancerCase({
    id: 'app/remove-unknown-route',
    requirement: 'REMOVE-APP of a context of a node that was never configured.',
    level: 'may',
    lines: ['MCMP-APP-09'],
    spec: '2.2',
    expected: {
      mcmp: always(accepted()),
      'httpd-2': ofRoute,
      'httpd-1.3': always(accepted()),
      undertow: always(CONTEXT_UNKNOWN),
      nginx: always(accepted()),
    },
    async run(trial, { value }) {
      const route = trial.route();
      await trial.expect(value(route), 'REMOVE-APP', { JVMRoute: route, Alias: 'localhost', Context: trial.context() });
    },
  }),
  balancerCase({
    id: 'app/early-commands',
    requirement: 'STOP-APP and DISABLE-APP that come before the CONFIG of their node are carried out when it comes.',
    level: 'may',
    lines: [],
    spec: '2.2',
    expected: { mcmp: said('STOPPED and DISABLED in INFO after the CONFIG') },
    async run(trial) {
      const route = trial.route();
      const [stopped, disabled] = [trial.context(), trial.context()];
      await trial.must('STOP-APP', { JVMRoute: route, Alias: 'localhost', Context: stopped });
      await trial.must('DISABLE-APP', { JVMRoute: route, Alias: 'localhost', Context: disabled });
      await trial.node({ route, contexts: [] });
      demandEqual('status of the stopped context', await statusInInfo(trial, route, stopped), 'STOPPED');
      demandEqual('status of the disabled context', await statusInInfo(trial, route, disabled), 'DISABLED');
    },
  }),
  balancerCase({
    id: 'app/whole-node-without-route',
    requirement: 'A command for a whole node that names no node is refused.',
    level: 'may',
    lines: ['MCMP-APP-01', 'MCMP-APP-02'],
    spec: '2.2',
    expected: { ...inAll(ROUTE_EMPTY), undertow: FIELDS_MISSING },
    async run(trial, expected) {
      const fields = { Alias: 'localhost', Context: trial.context() };
      await expectOfEach(trial, APP_COMMANDS, expected, fields, WHOLE_NODE);
    },
  }),
  balancerCase({
    id: 'app/whole-node-unknown-route',
    requirement: 'ENABLE-APP, DISABLE-APP and STOP-APP of a whole node that was never configured are refused.',
    level: 'may',
    lines: ['MCMP-APP-06', 'MCMP-APP-36'],
    spec: '2.2',
    expected: {
      ...inAll(ofRoute),
      undertow: always(refused('MEM', "MEM: Can't update or insert node")),
      nginx: always(NODE_UNKNOWN),
    },
    async run(trial, { value }) {
      const route = trial.route();
      const commands = ['ENABLE-APP', 'DISABLE-APP', 'STOP-APP'];
      await expectOfEach(trial, commands, value(route), { JVMRoute: route }, WHOLE_NODE);
    },
  }),
  balancerCase({
    id: 'app/remove-unknown-node',
    requirement: 'REMOVE-APP of a whole node that was never configured.',
    level: 'may',
    lines: ['MCMP-APP-09', 'MCMP-APP-36'],
    spec: '2.2',
    expected: {
      mcmp: always(accepted('')),
      'httpd-2': ofRoute,
      'httpd-1.3': always(accepted('')),
      undertow: always(refused('MEM', "MEM: Can't update or insert node")),
      nginx: always(accepted('')),
    },
    async run(trial, { value }) {
      const route = trial.route();
      await trial.expect(value(route), 'REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
    },
  }),
  balancerCase({
    id: 'app/empty-alias',
    requirement: 'An alias without a character is refused.',
    level: 'may',
    lines: ['MCMP-APP-38'],
    spec: '2.2',
    expected: {
      mcmp: refused('SYNTAX', 'SYNTAX: Empty Alias is not allowed'),
      'httpd-2': refused('SYNTAX', 'TODO: Empty Alias is not allowed'),
    },
    async run(trial, expected) {
      const { route } = await trial.node({ contexts: [] });
      await trial.expect(expected, 'ENABLE-APP', [
        ['JVMRoute', route],
        ['Alias', ''],
        ['Context', trial.context()],
      ]);
    },
  }),
  balancerCase({
    id: 'app/empty-context',
    requirement: 'A context without a character is refused.',
    level: 'may',
    lines: ['MCMP-APP-38'],
    spec: '2.2',
    expected: {
      mcmp: refused('SYNTAX', 'SYNTAX: Empty Context is not allowed'),
      'httpd-2': refused('SYNTAX', 'TODO: Empty Context is not allowed'),
    },
    async run(trial, expected) {
      const { route } = await trial.node({ contexts: [] });
      await trial.expect(expected, 'ENABLE-APP', [
        ['JVMRoute', route],
        ['Context', ''],
        ['Alias', 'localhost'],
      ]);
    },
  }),
  balancerCase({
    id: 'app/unknown-field',
    requirement: 'A field that a command for an application does not know is ignored.',
    level: 'should',
    lines: ['MCMP-APP-39'],
    spec: '2.2',
    expected: inAll(accepted()),
    async run(trial, expected) {
      const { route } = await trial.node({ contexts: [] });
      const context = trial.context();
      await trial.expect(expected, 'ENABLE-APP', { JVMRoute: route, Foo: 1, Alias: 'localhost', Context: context });
      demandEqual('status of the context in INFO', await statusInInfo(trial, route, context), 'ENABLED');
    },
  }),
];
