import type { DumpBalancer } from '../../../core/mcmp/dump.ts';
import { type Outcome, outcome, said } from '../../case.ts';
import { inAll, inHttpd, type PerDialect } from '../../dialects.ts';
import { demandEqual } from '../../verdict.ts';
import { type AnswerExpectation, refused } from '../answers.ts';
import { balancerLine, demandNoNode, ownNode } from '../own-node.ts';
import { type BalancerCase, balancerCase } from '../trial.ts';

type Setting = 'stickySession' | 'force' | 'remove' | 'maxAttempts' | 'timeoutSeconds' | 'cookie' | 'path';
type Settings = Partial<Pick<DumpBalancer, Setting>>;

const NAMES = {
  stickySession: 'Sticky',
  force: 'force',
  remove: 'remove',
  maxAttempts: 'maxAttempts',
  timeoutSeconds: 'Timeout',
  cookie: 'cookie',
  path: 'path',
} as const satisfies Record<Setting, string>;

const SETTINGS = Object.keys(NAMES) as Setting[];

function shows(settings: Settings): Outcome<Settings> {
  const words = SETTINGS.flatMap((setting) => {
    const value = settings[setting];
    return value === undefined ? [] : [`${NAMES[setting]}: ${typeof value === 'boolean' ? Number(value) : value}`];
  });
  return outcome(`${words.join(', ')} in DUMP`, settings);
}

/** One CONFIG, and what DUMP then says of its balancer. */
function settingCase(
  facts: Pick<BalancerCase, 'id' | 'requirement' | 'level' | 'lines'>,
  fields: Readonly<Record<string, string | number>>,
  expected: PerDialect<Outcome<Settings>>,
): BalancerCase {
  return balancerCase({
    ...facts,
    spec: '2.1',
    expected,
    async run(trial, { value }) {
      const node = await ownNode(trial, fields);
      await trial.must('CONFIG', node.fields);
      const line = await balancerLine(trial);
      for (const setting of SETTINGS) {
        const wanted = value[setting];
        if (wanted !== undefined) demandEqual(`${NAMES[setting]} in DUMP`, line[setting], wanted);
      }
    },
  });
}

/** A CONFIG that is refused for what it says; the rest of it would change the balancer. */
interface BadConfig {
  readonly field: readonly [name: string, value: string | number];
  readonly answer: AnswerExpectation;
}

function badConfig(name: string, value: string | number, answer: AnswerExpectation): Outcome<BadConfig> {
  return outcome(`${answer.words} for ${name}=${value}, and maxAttempts stays`, { field: [name, value], answer });
}

const BAD_TTL = badConfig('ttl', '-1', refused('SYNTAX', 'SYNTAX: TTL field has bad value'));

/** Settings of balancers (reference §2.1, checklist §11.2). */
export const CONFIG_BALANCER_CASES = [
  settingCase(
    {
      id: 'config/sticky-session-no',
      requirement: 'StickySession=No is understood.',
      level: 'must',
      lines: ['MCMP-CONFIG-26'],
    },
    { StickySession: 'No' },
    inAll(shows({ stickySession: false })),
  ),
  settingCase(
    {
      id: 'config/sticky-session-force-no',
      requirement: 'StickySessionForce=No is understood.',
      level: 'must',
      lines: ['MCMP-CONFIG-27'],
    },
    { StickySessionForce: 'No' },
    inAll(shows({ force: false })),
  ),
  settingCase(
    {
      id: 'config/sticky-session-defaults',
      requirement: 'Sessions are sticky, and force is on, for who says nothing else.',
      level: 'must',
      lines: ['MCMP-CONFIG-27'],
    },
    {},
    inAll(
      shows({
        stickySession: true,
        force: true,
        remove: false,
        maxAttempts: 1,
        cookie: 'JSESSIONID',
        path: 'jsessionid',
      }),
    ),
  ),
  settingCase(
    {
      id: 'config/sticky-session-remove-yes',
      requirement: 'StickySessionRemove=Yes is understood.',
      level: 'must',
      lines: ['MCMP-CONFIG-28'],
    },
    { StickySessionRemove: 'Yes' },
    inAll(shows({ remove: true })),
  ),
  settingCase(
    {
      id: 'config/sticky-session-force-false',
      requirement: 'StickySessionForce=False says nothing to others; ours understands it.',
      level: 'must',
      lines: ['MCMP-CONFIG-29'],
    },
    { StickySessionForce: 'False' },
    { ...inAll(shows({ force: true })), mcmp: shows({ force: false }) },
  ),
  settingCase(
    {
      id: 'config/sticky-session-off',
      requirement: 'httpd 2 understands off as well as no.',
      level: 'may',
      lines: ['MCMP-CONFIG-30'],
    },
    { StickySession: 'off' },
    {
      mcmp: shows({ stickySession: false }),
      'httpd-2': shows({ stickySession: false }),
      'httpd-1.3': shows({ stickySession: true }),
      undertow: shows({ stickySession: true }),
      nginx: shows({ stickySession: true }),
    },
  ),
  settingCase(
    { id: 'config/maxattempts', requirement: 'Maxattempts is shown.', level: 'must', lines: ['MCMP-CONFIG-31'] },
    { Maxattempts: 3 },
    inAll(shows({ maxAttempts: 3 })),
  ),
  settingCase(
    {
      id: 'config/waitworker',
      requirement: 'WaitWorker is shown as Timeout; Undertow passes it over.',
      level: 'may',
      lines: ['MCMP-CONFIG-32'],
    },
    { WaitWorker: 4 },
    {
      mcmp: shows({ timeoutSeconds: 4 }),
      ...inHttpd(shows({ timeoutSeconds: 4 })),
      undertow: shows({ timeoutSeconds: 0 }),
    },
  ),
  settingCase(
    {
      id: 'config/session-names',
      requirement: 'The names of the session cookie and of the path parameter are shown.',
      level: 'should',
      lines: ['MCMP-CONFIG-33'],
    },
    { StickySessionCookie: 'SID', StickySessionPath: 'sid' },
    inAll(shows({ cookie: 'SID', path: 'sid' })),
  ),
  balancerCase({
    id: 'config/last-config-wins',
    requirement:
      'The last CONFIG of any of its nodes decides on all settings of a balancer, also by what it does not say.',
    level: 'may',
    lines: ['MCMP-CONFIG-52'],
    spec: '2.1.2',
    expected: inAll(said('one line in DUMP, with force: 1')),
    async run(trial) {
      const first = await ownNode(trial, { StickySessionForce: 'No' });
      await trial.must('CONFIG', first.fields);
      demandEqual('force in DUMP after the first CONFIG', (await balancerLine(trial)).force, false);
      const second = await ownNode(trial);
      await trial.must('CONFIG', second.fields);
      demandEqual('force in DUMP', (await balancerLine(trial)).force, true);
    },
  }),
  balancerCase({
    id: 'config/bad-value-changes-nothing',
    requirement: 'A CONFIG with a bad value is not carried out in part.',
    level: 'may',
    lines: ['MCMP-CONFIG-53'],
    spec: '2.1.2',
    expected: {
      mcmp: BAD_TTL,
      ...inHttpd(BAD_TTL),
      undertow: badConfig('Foo', 1, refused('SYNTAX', 'SYNTAX: Invalid field Foo in message')),
      nginx: badConfig('Type', 'gopher', refused('SYNTAX', 'SYNTAX: Type field too big')),
    },
    async run(trial, { value: { field, answer } }) {
      const first = await ownNode(trial, { Maxattempts: 2 });
      await trial.must('CONFIG', first.fields);
      const second = await ownNode(trial, { Maxattempts: 5, [field[0]]: field[1] });
      await trial.expect(answer, 'CONFIG', second.fields);
      await demandNoNode(trial, second.route);
      demandEqual('maxAttempts in DUMP', (await balancerLine(trial)).maxAttempts, 2);
    },
  }),
  balancerCase({
    id: 'config/conflict-and-balancer',
    requirement:
      'A CONFIG that is refused for a conflict leaves the balancer as it was; httpd 1.3 and nginx have changed it.',
    level: 'may',
    lines: [],
    spec: '2.1.2',
    expected: {
      mcmp: outcome('maxAttempts stays', 2),
      'httpd-2': outcome('maxAttempts stays', 2),
      undertow: outcome('maxAttempts stays', 2),
      'httpd-1.3': outcome('maxAttempts is that of the refused CONFIG', 5),
      nginx: outcome('maxAttempts is that of the refused CONFIG', 5),
    },
    async run(trial, { value }) {
      const other = await ownNode(trial, { Maxattempts: 2 });
      await trial.must('CONFIG', other.fields);
      const node = await trial.node({ contexts: [], config: { Maxattempts: 2 } });
      const { address } = await ownNode(trial, { Maxattempts: 5 });
      await trial.expect({ words: '500', status: 500 }, 'CONFIG', { JVMRoute: node.route, ...address });
      demandEqual('maxAttempts in DUMP', (await balancerLine(trial)).maxAttempts, value);
    },
  }),
];
