import { type Outcome, outcome, said } from '../../case.ts';
import { inAll, inHttpd, inHU, type PerDialect } from '../../dialects.ts';
import { demand, demandEqual } from '../../verdict.ts';
import { type AnswerExpectation, accepted, GENERIC_FAILURE, refused, UNREADABLE } from '../answers.ts';
import { encodeFields } from '../create-trial.ts';
import { bodyEndingIn, demandNode, demandNoNode, ownNode } from '../own-node.ts';
import { type BalancerCase, type BalancerTrial, balancerCase, type SendOptions } from '../trial.ts';

const REGISTERED = said('200, and INFO lists the node');

/** A CONFIG that differs only in how it is sent. */
function sentAs(
  id: string,
  line: string,
  requirement: string,
  options: SendOptions,
  where = inAll(REGISTERED),
): BalancerCase {
  return balancerCase({
    id,
    requirement,
    level: where.nginx === undefined ? 'should' : 'must',
    lines: [line],
    spec: '1.2',
    expected: where,
    async run(trial) {
      const { fields, route } = await ownNode(trial);
      await trial.must('CONFIG', fields, options);
      await demandNode(trial, route, { balancer: trial.balancer });
    },
  });
}

/** How a route is written, and as what it is read; `~` stands for a route that nobody has. */
interface RouteSpelling {
  readonly id: string;
  readonly requirement: string;
  readonly level: BalancerCase['level'];
  readonly lines: readonly string[];
  readonly written: string;
  readonly expected: PerDialect<Outcome<string | AnswerExpectation>>;
}

const readAs = (route: string): Outcome<string> => outcome(`Name: ${route.replace('~', 'r')} in INFO`, route);

function routeSpelling({ written, ...facts }: RouteSpelling): BalancerCase {
  return balancerCase({
    ...facts,
    spec: '1.2',
    async run(trial, { value }) {
      const { route, address } = await ownNode(trial);
      // Behind the other fields: where the value falls apart, nothing else is shifted.
      const body = bodyEndingIn(address, `JVMRoute=${written.replace('~', route)}`);
      if (typeof value !== 'string') {
        await trial.expect(value, 'CONFIG', body);
        await demandNoNode(trial, route);
        return;
      }
      const name = value.replace('~', route);
      trial.forget(name);
      await trial.must('CONFIG', body);
      await demandNode(trial, name);
    },
  });
}

const REFUSED_ON_HTTPD = ['%3C', '%3E', '%22', '%27', '%0A', '%0D'];
const REFUSED_ON_UNDERTOW = ['%3C', '%3E', '%22', '%5C', '%0A', '%0D'];

interface Illegal {
  readonly characters: readonly string[];
  readonly answer: AnswerExpectation;
}

function illegal(characters: readonly string[], answer: AnswerExpectation): Outcome<Illegal> {
  return outcome(`${answer.words} for ${characters.join(' ')}`, { characters, answer });
}

type WhichCounts = Outcome<'first' | 'last'>;
const FIRST: WhichCounts = outcome('the first one', 'first');
const LAST: WhichCounts = outcome('the last one', 'last');

/** A context whose path is written with an escape. */
function escapedPath(id: string, line: string, requirement: string, slash: string): BalancerCase {
  return balancerCase({
    id,
    requirement,
    level: 'must',
    lines: [line],
    spec: '1.2',
    expected: inAll(said('the path in INFO begins with /')),
    async run(trial) {
      const node = await trial.node({ contexts: [] });
      const context = trial.context();
      const fields = { JVMRoute: node.route, Alias: 'localhost' };
      await trial.must('ENABLE-APP', bodyEndingIn(fields, `Context=${slash}${context.slice(1)}`));
      const paths = (await trial.contextLines(node.route)).map(({ path }) => path);
      demandEqual('paths of the node in INFO', paths.join(), context);
    },
  });
}

/** How bodies are read (reference §1.2, checklist §11.1). */
export const WIRE_BODY_CASES = [
  sentAs('wire/no-content-type', 'MCMP-WIRE-05', 'A message needs no Content-Type.', {}),
  sentAs('wire/any-content-type', 'MCMP-WIRE-06', 'Any Content-Type will do: the body is a form all the same.', {
    headers: [['Content-Type', 'application/octet-stream']],
  }),
  balancerCase({
    id: 'wire/keys-any-case',
    requirement: 'Names of fields are read in any letter case.',
    level: 'must',
    lines: ['MCMP-WIRE-07'],
    spec: '1.2',
    expected: inAll(said('INFO shows the node and its context')),
    async run(trial) {
      const { route, address } = await ownNode(trial, { ping: 12 });
      const lower = Object.entries(address).map(([key, value]) => [key.toLowerCase(), value] as const);
      await trial.must('CONFIG', [['jvmroute', route], ...lower]);
      await demandNode(trial, route, { balancer: trial.balancer, type: 'http', pingSeconds: 12 });
      const context = trial.context();
      await trial.must('ENABLE-APP', { JVMROUTE: route, aLIAS: 'localhost', CONTEXT: context });
      const paths = (await trial.contextLines(route)).map(({ path }) => path);
      demandEqual('paths of the node in INFO', paths.join(), context);
    },
  }),
  balancerCase({
    id: 'wire/values-case-sensitive',
    requirement: 'Routes that differ in letter case are two routes.',
    level: 'must',
    lines: ['MCMP-WIRE-08'],
    spec: '1.2',
    expected: inAll(refused('MEM', /^MEM: Can't read node/)),
    async run(trial, expected) {
      const node = await trial.node({ contexts: [] });
      await trial.expect(expected, 'STATUS', { JVMRoute: node.route.toUpperCase(), Load: 50 });
    },
  }),
  escapedPath('wire/escape', 'MCMP-WIRE-09', '%2F in a value is a slash.', '%2F'),
  escapedPath('wire/escape-lower-case', 'MCMP-WIRE-10', '%2f in a value is a slash too.', '%2f'),
  routeSpelling({
    id: 'wire/plus',
    requirement: 'A plus in a value is a plus on httpd and nginx, and a space where bodies are read as forms.',
    level: 'may',
    lines: ['MCMP-WIRE-11', 'MCMP-WIRE-12'],
    written: '~+b',
    expected: {
      mcmp: readAs('~ b'),
      ...inHttpd(readAs('~+b')),
      undertow: readAs('~ b'),
      nginx: readAs('~+b'),
    },
  }),
  routeSpelling({
    id: 'wire/escaped-space',
    requirement: 'A route may hold a space, written as %20; nginx ends it there.',
    level: 'should',
    lines: ['MCMP-WIRE-13'],
    written: '~%20b',
    expected: { ...inHU(readAs('~ b')), nginx: readAs('~') },
  }),
  routeSpelling({
    id: 'wire/percent-alone',
    requirement: 'A % that two hexadecimal digits do not follow stands for itself.',
    level: 'may',
    lines: [],
    written: '~%zz',
    expected: { mcmp: readAs('~%zz'), ...inHttpd(readAs('~%zz')) },
  }),
  balancerCase({
    id: 'wire/illegal-characters',
    requirement: 'A message with a character that would break pages or lines is refused whole.',
    level: 'may',
    lines: ['MCMP-WIRE-14', 'MCMP-WIRE-15'],
    spec: '1.2',
    expected: {
      mcmp: illegal([...REFUSED_ON_HTTPD, '%5C'], UNREADABLE),
      ...inHttpd(illegal(REFUSED_ON_HTTPD, UNREADABLE)),
      undertow: illegal(REFUSED_ON_UNDERTOW, GENERIC_FAILURE),
    },
    async run(trial, { value: { characters, answer } }) {
      const { route, address } = await ownNode(trial);
      for (const character of characters) {
        await trial.expect(answer, 'CONFIG', bodyEndingIn(address, `JVMRoute=${route}${character}x`));
      }
      await demandNoNode(trial, route);
    },
  }),
  balancerCase({
    id: 'wire/characters-kept',
    requirement: 'What a dialect does not refuse in a value comes back in INFO as it was sent.',
    level: 'may',
    lines: ['MCMP-WIRE-16'],
    spec: '1.2',
    expected: {
      ...inHttpd(outcome('a backslash is kept', '\\')),
      undertow: outcome('a single quote is kept', "'"),
      nginx: outcome('< > " \' and the backslash are kept', '<>"\'\\'),
    },
    async run(trial, { value }) {
      for (const character of value) {
        const { route, fields } = await ownNode(trial, {}, `${trial.route()}${character}x`);
        await trial.must('CONFIG', fields);
        await demandNode(trial, route);
      }
    },
  }),
  routeSpelling({
    id: 'wire/literal-equals',
    requirement: 'A literal = in a value splits it on httpd 2, and belongs to it elsewhere.',
    level: 'may',
    lines: ['MCMP-WIRE-17', 'MCMP-WIRE-18'],
    written: '~=b',
    expected: {
      mcmp: readAs('~=b'),
      'httpd-2': outcome(UNREADABLE.words, UNREADABLE),
      'httpd-1.3': readAs('~=b'),
      undertow: readAs('~=b'),
    },
  }),
  routeSpelling({
    id: 'wire/escaped-equals',
    requirement: 'A route may hold a =, written as %3D.',
    level: 'should',
    lines: ['MCMP-WIRE-19'],
    written: '~%3Db',
    expected: inHU(readAs('~=b')),
  }),
  routeSpelling({
    id: 'wire/escaped-ampersand',
    requirement: 'A route may hold a &, written as %26.',
    level: 'should',
    lines: ['MCMP-WIRE-20'],
    written: '~%26b',
    expected: inHU(readAs('~&b')),
  }),
  balancerCase({
    id: 'wire/repeated-field',
    requirement: 'Of a field that is sent twice the last counts on httpd and nginx, the first on Undertow.',
    level: 'may',
    lines: [],
    spec: '1.2',
    expected: { mcmp: LAST, 'httpd-2': LAST, nginx: LAST, undertow: FIRST },
    async run(trial, { value }) {
      const { route, fields } = await ownNode(trial);
      await trial.must('CONFIG', [...Object.entries(fields), ['Domain', 'first'], ['Domain', 'last']]);
      await demandNode(trial, route, { domain: value });
    },
  }),
  sentAs('wire/chunked', 'MCMP-WIRE-21', 'A body may come in chunks of HTTP.', { chunked: true }, inHU(REGISTERED)),
  balancerCase({
    id: 'wire/escaped-comma',
    requirement: 'Lists are split at commas, also when these are written as %2C.',
    level: 'must',
    lines: ['MCMP-WIRE-41'],
    spec: '1.2',
    expected: inAll(said('two aliases')),
    async run(trial) {
      const node = await trial.node({ contexts: [] });
      const aliases = [trial.alias(), trial.alias()];
      const fields = { JVMRoute: node.route, Context: trial.context() };
      await trial.must('ENABLE-APP', bodyEndingIn(fields, `Alias=${aliases.join('%2C')}`));
      const found = await aliasesOf(trial, node.route);
      demandEqual('aliases of the node in INFO', found.join(' and '), [...aliases].sort().join(' and '));
    },
  }),
  balancerCase({
    id: 'wire/body-of-info',
    requirement: 'INFO and DUMP take no fields: what stands in their bodies changes nothing.',
    level: 'must',
    lines: [],
    spec: '1.1',
    expected: inAll(said('200 with the node')),
    async run(trial) {
      const { fields, route } = await ownNode(trial);
      await trial.must('CONFIG', fields);
      for (const method of ['INFO', 'DUMP']) {
        const { body } = await trial.expect(accepted(), method, encodeFields({ JVMRoute: 'other', Load: 1 }));
        demand(body.includes(`: ${route},`), `a line of the node ${route}`, () => JSON.stringify(body.slice(0, 300)));
      }
    },
  }),
];

/** All aliases of a node in INFO, in order of the alphabet. */
async function aliasesOf(trial: BalancerTrial, route: string): Promise<readonly string[]> {
  const info = await trial.info();
  const node = info.nodes.find(({ name }) => name === route);
  demand(node !== undefined, `a line in INFO with Name: ${route}`, 'none');
  return info.vhosts
    .filter((vhost) => vhost.node === node.id)
    .map(({ alias }) => alias)
    .sort();
}
