import { said } from '../../case.ts';
import { inAll } from '../../dialects.ts';
import { Deviation, demand } from '../../verdict.ts';
import type { WireAnswer } from '../../wire/connection.ts';
import { answerWords } from '../answers.ts';
import { encodeFields } from '../create-trial.ts';
import { answerOrEnd } from '../hostile.ts';
import { askPage, pageWords } from '../manager-page.ts';
import { type OwnNode, ownNode } from '../own-node.ts';
import { type BalancerTrial, balancerCase, type Fields } from '../trial.ts';

const SECURITY = { level: 'must', lines: [], tags: ['security', 'injection'] } as const;

/** What would be a header line of its own, if line ends were not looked at. */
const INJECTED = 'x-injected';
/** What ends a line for some reader, and NUL, which no header may hold (RFC 9110 5.5). */
const BREAKS: readonly (readonly [string, string])[] = [
  ['CR LF', '\r\n'],
  ['LF', '\n'],
  ['CR', '\r'],
  ['NUL', '\0'],
  ['CR LF encoded twice', '%0D%0A'],
];

/** A name that no element of HTML has: harmless, and it cannot have come from the page itself. */
const MARK = 'mcmpxss';

/** Fields of CONFIG that are shown, stored, or sent on. */
const TEXT_FIELDS = ['JVMRoute', 'Balancer', 'Domain', 'StickySessionCookie', 'StickySessionPath'] as const;

/** Names from nodes and clients that come into headers, tables and pages. */
export const SECURITY_INJECTION_CASES = [
  balancerCase({
    id: 'security/line-ends-in-fields',
    requirement: 'A line end in a field of CONFIG writes no line of its own into INFO, DUMP, or a header.',
    spec: 'CVE-2016-4993; 1.2',
    ...SECURITY,
    needs: ['traffic'],
    expected: inAll(said('refused, or stored so that INFO and DUMP have no line more, and no message a header more')),
    async run(trial) {
      const forged = `Node: [99],Name: ${trial.route()}`;
      for (const [what, lineEnd] of BREAKS) {
        for (const field of TEXT_FIELDS) {
          const node = await ownNode(trial);
          const value = `a${lineEnd}${forged}${lineEnd}${INJECTED}: yes`;
          const route = field === 'JVMRoute' ? `${node.route}${value}` : node.route;
          trial.forget(route);
          const answer = await trial.send('CONFIG', { ...node.fields, [field]: value, JVMRoute: route });
          demandClean(answer, `CONFIG with ${what} in ${field}`);
          if (answer.status === 200) await demandCleanTraffic(trial, node, route, `${field} with ${what}`);
          for (const command of ['INFO', 'DUMP']) {
            const table = await trial.must(command);
            demandClean(table, command);
            const hasLine = table.body
              .split(/\r\n|[\r\n]/)
              .some((line) => line.startsWith(forged) || line.startsWith(INJECTED));
            demand(!hasLine, `no line of ${command} that came out of ${field}`, `one came, with ${what}`);
          }
        }
      }
    },
  }),
  balancerCase({
    id: 'security/line-ends-in-errors',
    requirement: 'An error that repeats what was sent has no line end of it in its headers.',
    spec: 'CVE-2016-4993; 1.4',
    ...SECURITY,
    expected: inAll(said('one answer or a closed connection each, and no header that came out of the message')),
    async run(trial) {
      for (const [what, lineEnd] of BREAKS) {
        const value = `a${lineEnd}${INJECTED}: yes${lineEnd}${lineEnd}HTTP/1.1 200 OK`;
        const route = trial.route();
        const messages: readonly (readonly [string, Fields])[] = [
          ['STATUS', { JVMRoute: `${route}${value}`, Load: 1 }],
          [
            'STATUS',
            [
              ['JVMRoute', route],
              [value, '1'],
            ],
          ],
          ['PING', { JVMRoute: `${route}${value}` }],
          ['PING', { Scheme: value, Host: '127.0.0.1', Port: 1 }],
          ['PING', [[value, '1']]],
          [
            'CONFIG',
            [
              ['JVMRoute', route],
              [value, '1'],
            ],
          ],
          ['ENABLE-APP', { JVMRoute: `${route}${value}`, Alias: 'localhost', Context: '/a' }],
          ['REMOVE-APP', { JVMRoute: route, Alias: value, Context: '/a' }],
        ];
        for (const [method, fields] of messages) {
          const shown = `${method} with ${what}`;
          const answer = await answerOrEnd(trial, method, encodeFields(fields), shown);
          if (answer !== undefined) demandClean(answer, shown);
        }
      }
    },
  }),
  balancerCase({
    id: 'security/xss-stored',
    requirement: 'A name that a node chose is text on the manager page, never markup.',
    spec: 'CVE-2015-0298; CVE-2023-6710',
    ...SECURITY,
    needs: ['manager'],
    expected: inAll(said('refused, or on the page without an element or attribute of it')),
    async run(trial) {
      for (const value of STORED) {
        for (const field of ['JVMRoute', 'Balancer', 'Domain', 'Alias', 'Context'] as const) {
          await demandNoMarkup(trial, field, value);
        }
      }
    },
  }),
  balancerCase({
    id: 'security/xss-reflected',
    requirement: 'What stands in the address of the manager page is text on it, never markup.',
    spec: 'CVE-2015-0298',
    ...SECURITY,
    needs: ['manager'],
    expected: inAll(said('on no answer an element or attribute of it')),
    async run(trial) {
      const mark = `%22%3E%3C${MARK}%20${MARK}%3D1%3E`;
      const queries = [
        'nonce',
        'Cmd',
        'Range',
        'JVMRoute',
        'Alias',
        'Context',
        'Domain',
        'Refresh',
        'filter',
        'format',
      ];
      for (const query of [...queries.map((name) => `${name}=${mark}`), `${mark}=1`, `Cmd=INFO&Range=${mark}`, mark]) {
        demandNoElement(await askPage(trial, { query }), `?${query}`);
      }
    },
  }),
];

/** Plain, encoded once more (for a page that decodes), and one that gets by where only `<` and `>` are refused. */
const STORED: readonly string[] = [
  `"><${MARK} ${MARK}=1>`,
  `<${MARK}>`,
  `%3C${MARK}%3E`,
  `' ${MARK}='1`,
  `\\u003c${MARK}\\u003e`,
];

/** @throws Deviation when an answer has a header that came out of a message, or NUL in one */
function demandClean(answer: WireAnswer, what: string): void {
  const lines = answer.raw.slice(0, answer.raw.indexOf('\r\n\r\n')).split(/[\r\n]+/);
  const isInjected = answer.headers.has(INJECTED) || lines.some((line) => line.toLowerCase().startsWith(INJECTED));
  if (!isInjected && !lines.join('').includes('\0')) return;
  throw new Deviation('fail', `no header that came out of ${what}`, answerWords(answer));
}

/** @throws Deviation when a field of the node becomes a header of what is forwarded to it, or answered for it */
async function demandCleanTraffic(trial: BalancerTrial, node: OwnNode, route: string, what: string): Promise<void> {
  const context = trial.context();
  await trial.must('ENABLE-APP', { JVMRoute: route, Alias: 'localhost', Context: context });
  await trial.must('STATUS', { JVMRoute: route, Load: 100 });
  const cookies = ['JSESSIONID', 'a'].map((name) => `${name}=abc.${node.route}`).join('; ');
  demandClean(await trial.web(context, { headers: [['Cookie', cookies]] }), `a web request after ${what}`);
  const reached = node.backend.requests.some((request) => request.header(INJECTED) !== undefined);
  demand(!reached, `no header at the node that came out of ${what}`, `${INJECTED} came`);
}

async function demandNoMarkup(
  trial: BalancerTrial,
  field: 'JVMRoute' | 'Balancer' | 'Domain' | 'Alias' | 'Context',
  value: string,
): Promise<void> {
  const node = await ownNode(trial);
  const isApp = field === 'Alias' || field === 'Context';
  const route = field === 'JVMRoute' ? `${node.route}${value}` : node.route;
  trial.forget(route);
  const config = { ...node.fields, ...(isApp ? {} : { [field]: value }), JVMRoute: route };
  const configured = await trial.send('CONFIG', config);
  if (configured.status !== 200) return;
  const app = { Alias: trial.alias(), Context: trial.context() };
  await trial.send('ENABLE-APP', { JVMRoute: route, ...app, ...(isApp ? { [field]: `${app[field]}${value}` } : {}) });
  const page = await askPage(trial, { query: `filter=${node.route}` });
  demand(page.status === 200, 'the manager page', () => pageWords(page));
  demandNoElement(page, `${field} ${JSON.stringify(value)}`);
  await trial.must('REMOVE-APP', { JVMRoute: route }, { target: '/*' });
}

/** @throws Deviation when the mark stands as an element of HTML, or as an attribute that broke out of another one's value */
function demandNoElement({ status, headers, body }: WireAnswer, what: string): void {
  if (!/^text\/(?:html|xml)|^application\/xhtml/i.test(headers.get('content-type') ?? 'text/html')) return;
  const found = new RegExp(`<${MARK}|='[^'"<>]*'\\s+${MARK}='`, 'i').exec(body);
  if (found === null) return;
  const around = body.slice(Math.max(0, found.index - 100), found.index + 100);
  throw new Deviation('fail', `text where ${what} is shown`, `${status} with ${JSON.stringify(around)}`);
}
