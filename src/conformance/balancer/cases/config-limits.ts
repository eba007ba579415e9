import { type Outcome, outcome } from '../../case.ts';
import type { JudgedDialect, PerDialect } from '../../dialects.ts';
import { demand, demandEqual } from '../../verdict.ts';
import { expectAnswer, refused } from '../answers.ts';
import { balancerLine, demandNoNode, ownNode } from '../own-node.ts';
import { type BalancerCase, type BalancerTrial, balancerCase, type Fields } from '../trial.ts';

const HUGE = 64 * 1024;

/** What a dialect does to a value that is long. */
type Limit =
  | {
      readonly kind: 'refuses';
      /** Shortest length that is refused; the second number is that of builds against a newer httpd. */
      readonly from: readonly [number] | readonly [number, number];
      /** No value that means anything is as long as the limit. */
      readonly onlyRefused?: true;
      /** nginx reads such a message in pieces, and its answer tells nothing. */
      readonly notHuge?: true;
    }
  /** The value is cut without a word; to one more or less where the sources leave the last byte to chance. */
  | { readonly kind: 'cuts'; readonly to: number; readonly about?: true }
  | { readonly kind: 'takes all' };

interface LimitedField {
  readonly field: string;
  readonly lines: readonly string[];
  /** Of the refusal. */
  readonly mess: string;
  readonly limits: PerDialect<Limit>;
  /** A value of a length that nobody else uses. @param part something to begin or end with */
  readonly value?: (length: number, part: Names) => string;
  /** What has to go along with the field, and the value itself; it stands last where a cut would harm what follows. */
  readonly fields?: (value: string, part: Names, limit: Limit) => Fields;
  /** The value as INFO or DUMP shows it. */
  readonly shown: (trial: BalancerTrial, route: string) => Promise<string | undefined>;
}

/** Names of one attempt. */
interface Names {
  readonly route: string;
  readonly port: number;
  readonly balancer: string;
  readonly alias: string;
  readonly context: string;
}

const refuses = (from: number, more: { readonly onlyRefused?: true; readonly notHuge?: true } = {}): Limit => ({
  kind: 'refuses',
  from: [from],
  ...more,
});
const inBothHttpd = (limit: Limit): PerDialect<Limit> => ({ 'httpd-2': limit, 'httpd-1.3': limit });
const TAKES_ALL: Limit = { kind: 'takes all' };

/** The usual row: a limit in httpd and nginx, another in ours, none in Undertow. */
function usual(httpd: number, mcmp: number): PerDialect<Limit> {
  return {
    mcmp: refuses(mcmp),
    ...inBothHttpd(refuses(httpd)),
    nginx: refuses(httpd, { notHuge: true }),
    undertow: TAKES_ALL,
  };
}

const FIELDS: readonly LimitedField[] = [
  {
    field: 'Balancer',
    lines: ['MCMP-CONFIG-12'],
    mess: 'Balancer field too big',
    limits: usual(40, 256),
    value: (length, { balancer }) => balancer.padEnd(length, 'b'),
    shown: async (trial, route) => (await trial.nodeLine(route))?.balancer,
  },
  {
    field: 'JVMRoute',
    lines: ['MCMP-CONFIG-13'],
    mess: 'JVMRoute field too big',
    limits: {
      ...usual(64, 256),
      'httpd-2': { kind: 'refuses', from: [64, 96] },
      nginx: refuses(80, { notHuge: true }),
    },
    value: (length, { route }) => `${route}-`.padEnd(length, 'r'),
    shown: async (trial, route) => (await trial.nodeLine(route))?.name,
  },
  {
    field: 'Domain',
    lines: ['MCMP-CONFIG-14'],
    mess: 'LBGroup field too big',
    limits: usual(20, 256),
    shown: async (trial, route) => (await trial.nodeLine(route))?.domain,
  },
  {
    field: 'Host',
    lines: ['MCMP-CONFIG-15'],
    mess: 'Host field too big',
    limits: usual(64, 256),
    value: (length) => `${'h'.repeat(length - '.invalid'.length)}.invalid`,
    shown: async (trial, route) => (await trial.nodeLine(route))?.host,
  },
  {
    field: 'Port',
    lines: ['MCMP-CONFIG-16'],
    mess: 'Port field too big',
    limits: { mcmp: refuses(7), ...inBothHttpd(refuses(7)), nginx: refuses(7, { notHuge: true }) },
    value: (length, { port }) => String(port).padStart(length, '0'),
    shown: async (trial, route) => (await trial.nodeLine(route))?.port.padStart(6, '0'),
  },
  {
    field: 'Type',
    lines: ['MCMP-CONFIG-17'],
    mess: 'Type field too big',
    limits: {
      mcmp: refuses(16, { onlyRefused: true }),
      ...inBothHttpd(refuses(16)),
      nginx: refuses(6, { notHuge: true }),
      undertow: TAKES_ALL,
    },
    value: (length) => 't'.repeat(length),
    shown: async (trial, route) => (await trial.nodeLine(route))?.type,
  },
  {
    field: 'StickySessionCookie',
    lines: ['MCMP-CONFIG-18', 'MCMP-CONFIG-19'],
    mess: 'A field is too big',
    limits: { ...usual(30, 256), undertow: { kind: 'cuts', to: 30 } },
    shown: async (trial) => (await balancerLine(trial)).cookie,
  },
  {
    field: 'StickySessionPath',
    lines: ['MCMP-CONFIG-18'],
    mess: 'A field is too big',
    limits: usual(30, 256),
    shown: async (trial) => (await balancerLine(trial)).path,
  },
  {
    field: 'Alias',
    lines: ['MCMP-CONFIG-20'],
    mess: 'Alias field too big',
    limits: {
      mcmp: refuses(256),
      'httpd-2': refuses(255),
      'httpd-1.3': { kind: 'cuts', to: 99, about: true },
      nginx: { kind: 'cuts', to: 99, about: true },
      undertow: TAKES_ALL,
    },
    value: (length, { alias }) => alias.padEnd(length, 'a'),
    fields: (value, { context }, { kind }) =>
      kind === 'cuts'
        ? [
            ['Alias', value],
            ['Context', context],
          ]
        : [
            ['Context', context],
            ['Alias', value],
          ],
    shown: async (trial, route) => (await trial.contextLines(route))[0]?.aliases[0],
  },
  {
    field: 'Context',
    lines: ['MCMP-CONFIG-21'],
    mess: 'Context field too big',
    limits: {
      mcmp: refuses(1024),
      'httpd-2': refuses(80),
      'httpd-1.3': { kind: 'cuts', to: 79, about: true },
      nginx: { kind: 'cuts', to: 79, about: true },
      undertow: TAKES_ALL,
    },
    value: (length, { context }) => context.padEnd(length, 'c'),
    fields: (value, { alias }) => [
      ['Alias', alias],
      ['Context', value],
    ],
    shown: async (trial, route) => (await trial.contextLines(route))[0]?.path,
  },
];

function wordsOf(limit: Limit, mess: string): string {
  switch (limit.kind) {
    case 'takes all':
      return 'any length is taken, 64 KiB too';
    case 'cuts':
      return `cut without a word after ${limit.about === true ? 'about ' : ''}${limit.to} bytes`;
    case 'refuses': {
      const [from, other] = limit.from;
      const most = other === undefined ? `${from - 1}` : `${from - 1} (${other - 1} on httpd trunk)`;
      return `500 SYNTAX: ${mess} for more than ${most} bytes`;
    }
  }
}

/** One attempt with a value of some length. */
async function attempt(
  trial: BalancerTrial,
  row: LimitedField,
  length: number,
  limit: Limit,
): Promise<{ accepted: boolean; check: (expected: 'taken' | 'refused' | 'cut') => Promise<void> }> {
  const node = await ownNode(trial);
  const { backend } = node;
  const names: Names = {
    route: node.route,
    port: backend.port,
    balancer: trial.balancer,
    alias: trial.alias(),
    context: trial.context(),
  };
  const value = row.value?.(length, names) ?? 'v'.repeat(length);
  const route = row.field === 'JVMRoute' ? value : node.route;
  trial.forget(route);
  const others = Object.entries(node.fields).filter(([key]) => key !== row.field);
  const ending = row.fields?.(value, names, limit) ?? [[row.field, value] as const];
  const answer = await trial.send('CONFIG', [...others, ...entriesOf(ending)]);
  const what = `a value of ${value.length} bytes`;
  return {
    accepted: answer.status === 200,
    async check(expected) {
      if (expected === 'refused') {
        const refusal = refused('SYNTAX', `SYNTAX: ${row.mess}`);
        expectAnswer(answer, { ...refusal, words: `${refusal.words} for ${what}` });
        await demandNoNode(trial, route);
        return;
      }
      expectAnswer(answer, { words: `200 for ${what}`, status: 200 });
      const shown = (await row.shown(trial, route)) ?? 'nothing';
      if (expected === 'taken') demandEqual(`${row.field} of ${value.length} bytes`, shown, value);
      else if (limit.kind === 'cuts') checkCut(row, value, shown, limit);
    },
  };
}

function checkCut(row: LimitedField, value: string, shown: string, limit: Limit & { kind: 'cuts' }): void {
  const kept = value.slice(0, limit.to);
  if (limit.about !== true) {
    demandEqual(`${row.field} of ${value.length} bytes`, shown, kept);
    return;
  }
  const isCut = shown.startsWith(kept) && shown.length <= limit.to + 2;
  demand(isCut, `about the first ${limit.to} bytes of ${row.field}`, JSON.stringify(shown.slice(0, 300)));
}

function entriesOf(fields: Fields): readonly (readonly [string, string | number])[] {
  return Array.isArray(fields) ? fields : Object.entries(fields);
}

async function judgeLimit(trial: BalancerTrial, row: LimitedField, limit: Limit): Promise<void> {
  const judge = async (length: number, expected: 'taken' | 'refused' | 'cut'): Promise<void> => {
    const { check } = await attempt(trial, row, length, limit);
    await check(expected);
  };
  if (limit.kind === 'takes all') {
    await judge(100, 'taken');
    await judge(HUGE, 'taken');
    return;
  }
  if (limit.kind === 'cuts') {
    await judge(limit.to, 'taken');
    for (const length of [limit.to + 1, limit.to + 2, limit.to + 100]) await judge(length, 'cut');
    if (limit.about !== true) await judge(HUGE, 'cut');
    return;
  }
  const [first, other] = limit.from;
  // A build that takes the first length has the other limit.
  const from = other !== undefined && (await attempt(trial, row, first, limit)).accepted ? other : first;
  if (limit.onlyRefused !== true) await judge(from - 1, 'taken');
  await judge(from, 'refused');
  await judge(from + 1, 'refused');
  if (limit.notHuge !== true) await judge(HUGE, 'refused');
}

/** Longest values of CONFIG (reference §1.6, checklist §11.2). */
export const CONFIG_LIMIT_CASES: readonly BalancerCase[] = FIELDS.map((row) =>
  balancerCase({
    id: `config/limit-${row.field.toLowerCase()}`,
    requirement: `A ${row.field} that is too long is refused, not cut, unless the dialect is known for it.`,
    level: 'may',
    lines: row.lines,
    spec: '1.6',
    tags: ['limits'],
    expected: expectedOf(row),
    run: (trial, { value }) => judgeLimit(trial, row, value),
  }),
);

function expectedOf({ limits, mess }: LimitedField): PerDialect<Outcome<Limit>> {
  const expected: Partial<Record<JudgedDialect, Outcome<Limit>>> = {};
  for (const [dialect, limit] of Object.entries(limits) as [JudgedDialect, Limit][]) {
    expected[dialect] = outcome(wordsOf(limit, mess), limit);
  }
  return expected;
}
