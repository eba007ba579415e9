import { type Outcome, outcome, said } from '../../case.ts';
import { inAll, inHttpd } from '../../dialects.ts';
import { Deviation, demand, demandEqual } from '../../verdict.ts';
import { type AnswerExpectation, accepted, answerWords, refused } from '../answers.ts';
import { messageBytes } from '../create-trial.ts';
import { bodyEndingIn, demandNode, demandNoNode, ownNode } from '../own-node.ts';
import { balancerCase } from '../trial.ts';

const XML_DECLARATION = '<?xml version="1.0" standalone="yes" ?>\n';

type Afterwards = Outcome<'kept' | 'closed'>;
const KEPT: Afterwards = outcome('the connection stays open and takes the next command', 'kept');
const CLOSED: Afterwards = outcome('`Connection: close`, and the connection ends', 'closed');

type ErrorBody = Outcome<'text' | 'html' | 'empty'>;
const TEXT: ErrorBody = outcome('plain text with the words of Mess', 'text');
const PAGE: ErrorBody = outcome('an HTML page', 'html');
const NO_BODY: ErrorBody = outcome('an empty body', 'empty');

const TWO_MEBIBYTES_REFUSED: AnswerExpectation = { words: '500 without Type', status: 500, untyped: true };

/** What becomes of a message that is too long: it is refused, or cut. */
type TooLong = Outcome<AnswerExpectation | 'cut'>;
const LONG_REFUSED: TooLong = outcome(
  '500 MEM, and no node',
  refused('MEM', /^MEM: Message is longer than \d+ bytes$/),
);
const LONG_CUT: TooLong = outcome('200, and what stands behind the limit is not read', 'cut');

/** What answers look like (reference §1.4, §1.5, checklist §11.1). */
export const WIRE_ANSWER_CASES = [
  balancerCase({
    id: 'wire/info-empty',
    requirement: 'INFO of a balancer without nodes is empty.',
    level: 'must',
    lines: ['MCMP-WIRE-01'],
    spec: '2.6',
    needs: ['empty'],
    isolated: false,
    expected: inAll(accepted('')),
    async run(trial, expected) {
      await trial.expect(expected, 'INFO');
    },
  }),
  balancerCase({
    id: 'wire/dump-empty',
    requirement: 'DUMP of a balancer without nodes is empty; httpd goes on listing the balancers of earlier nodes.',
    level: 'should',
    lines: ['MCMP-WIRE-02'],
    spec: '2.6',
    needs: ['empty'],
    isolated: false,
    expected: inAll(said('200 without a line of a node, host or context')),
    async run(trial, _, dialect) {
      const { nodes, hosts, contexts, balancers } = await trial.dump();
      const counted = `${nodes.length} nodes, ${hosts.length} hosts, ${contexts.length} contexts`;
      demandEqual('lines in DUMP', counted, '0 nodes, 0 hosts, 0 contexts');
      if (dialect === 'undertow') demandEqual('lines of balancers in DUMP', balancers.length, 0);
    },
  }),
  balancerCase({
    id: 'wire/config-accepted',
    requirement: 'A CONFIG that is accepted is answered without a body.',
    level: 'must',
    lines: ['MCMP-WIRE-03'],
    spec: '1.4',
    expected: inAll(accepted('')),
    async run(trial, expected) {
      const { fields } = await ownNode(trial);
      await trial.expect(expected, 'CONFIG', fields);
    },
  }),
  balancerCase({
    id: 'wire/refusal-headers',
    requirement: 'A command that is refused is answered 500 with Version, Type and Mess.',
    level: 'must',
    lines: ['MCMP-WIRE-04'],
    spec: '1.4',
    expected: inAll(said('500 with `Version: 0.2.1`, Type and Mess')),
    async run(trial) {
      const route = trial.route();
      const app = { JVMRoute: route, Alias: 'localhost', Context: trial.context() };
      const answers = [
        await trial.expect(refused('MEM'), 'STATUS', { JVMRoute: route, Load: 50 }),
        await trial.expect(refused('MEM'), 'ENABLE-APP', app),
      ];
      for (const answer of answers) {
        demandEqual('Version', answer.headers.get('version') ?? 'no such header', '0.2.1');
        demand((answer.headers.get('mess') ?? '') !== '', 'a text in Mess', answerWords(answer));
      }
    },
  }),
  balancerCase({
    id: 'wire/connection-after-success',
    requirement: 'After a command that succeeded the connection is kept for the next one, or closed as announced.',
    level: 'may',
    lines: ['MCMP-WIRE-25', 'MCMP-WIRE-26'],
    spec: '1.4',
    expected: { mcmp: KEPT, 'httpd-2': KEPT, 'httpd-1.3': KEPT, nginx: KEPT, undertow: CLOSED },
    async run(trial, { value }) {
      const { fields, route } = await ownNode(trial);
      await trial.must('CONFIG', fields);
      const connection = await trial.openMcmp();
      const ask = (method: string): void =>
        connection.write(messageBytes(trial.mcmpUrl, method, '', { keepAlive: true }));
      ask('INFO');
      const first = await connection.answer('INFO');
      demandEqual('status of the first answer', first.status, 200);
      if (value === 'closed') {
        demandEqual('Connection', first.headers.get('connection')?.toLowerCase() ?? 'no such header', 'close');
        demandEqual('the connection afterwards', await connection.ended(), 'closed');
        return;
      }
      demand(first.keepAlive, 'an answer that keeps the connection', () => first.raw);
      ask('DUMP');
      const second = await connection.answer('DUMP');
      demandEqual('status of the second answer', second.status, 200);
      demand(second.body.includes(`JVMRoute: ${route},`), 'DUMP as the second answer', () => answerWords(second));
      connection.close();
    },
  }),
  balancerCase({
    id: 'wire/connection-after-refusal',
    requirement: 'httpd and Undertow close the connection after a refusal; ours leaves that to the node.',
    level: 'may',
    lines: ['MCMP-WIRE-27'],
    spec: '1.4',
    expected: { mcmp: KEPT, ...inHttpd(CLOSED), undertow: CLOSED },
    async run(trial, { value }) {
      const connection = await trial.openMcmp();
      const status = `JVMRoute=${trial.route()}&Load=1`;
      const message = messageBytes(trial.mcmpUrl, 'STATUS', status, { keepAlive: true });
      connection.write(message);
      const first = await connection.answer('STATUS');
      demandEqual('status of the answer', first.status, 500);
      if (value === 'closed') {
        demandEqual('Connection', first.headers.get('connection')?.toLowerCase() ?? 'no such header', 'close');
        demandEqual('the connection afterwards', await connection.ended(), 'closed');
        return;
      }
      demand(first.keepAlive, 'an answer that keeps the connection', () => first.raw);
      connection.write(message);
      demandEqual('status of the second answer', (await connection.answer('STATUS')).status, 500);
      connection.close();
    },
  }),
  balancerCase({
    id: 'wire/accept-xml',
    requirement: 'INFO, DUMP and VERSION come as XML for who accepts text/xml.',
    level: 'may',
    lines: ['MCMP-WIRE-22'],
    spec: '1.5',
    expected: { mcmp: said('XML'), ...inHttpd(said('XML')) },
    async run(trial) {
      for (const method of ['INFO', 'DUMP', 'VERSION']) {
        const answer = await trial.must(method, '', { headers: [['Accept', 'text/xml']] });
        const type = answer.headers.get('content-type') ?? '';
        demand(/^text\/xml\b/.test(type), `${method} with Content-Type: text/xml`, type);
        demand(
          answer.body.startsWith(XML_DECLARATION),
          `${method} that begins with ${JSON.stringify(XML_DECLARATION)}`,
          () => answerWords(answer),
        );
      }
    },
  }),
  balancerCase({
    id: 'wire/accept-ignored',
    requirement: 'Undertow and nginx send INFO as text, whatever is accepted.',
    level: 'may',
    lines: ['MCMP-WIRE-24'],
    spec: '1.5',
    expected: { undertow: said('plain text'), nginx: said('plain text') },
    async run(trial) {
      const { fields, route } = await ownNode(trial);
      await trial.must('CONFIG', fields);
      const answer = await trial.must('INFO', '', { headers: [['Accept', 'text/xml']] });
      const type = answer.headers.get('content-type') ?? '';
      demand(/^text\/plain\b/.test(type), 'Content-Type: text/plain', type);
      demand(answer.body.includes(`Name: ${route},`), `a line with Name: ${route}`, () => answerWords(answer));
    },
  }),
  balancerCase({
    id: 'wire/accept-xml-refused-by-weight',
    requirement: 'httpd looks for text/xml anywhere in Accept, even where its weight says that it is not wanted.',
    level: 'may',
    lines: ['MCMP-WIRE-23'],
    spec: '1.5',
    expected: {
      mcmp: outcome('no XML', false),
      ...inHttpd(outcome('XML', true)),
      undertow: outcome('no XML', false),
      nginx: outcome('no XML', false),
    },
    async run(trial, { value, words }) {
      const answer = await trial.must('INFO', '', { headers: [['Accept', 'application/json, text/xml;q=0']] });
      demand(answer.body.startsWith('<?xml') === value, words, () => answerWords(answer));
    },
  }),
  balancerCase({
    id: 'wire/error-body',
    requirement: 'A refusal has a page for people on httpd and nginx, nothing on Undertow, the text alone on ours.',
    level: 'may',
    lines: ['MCMP-WIRE-37'],
    spec: '1.4',
    expected: { mcmp: TEXT, ...inHttpd(PAGE), undertow: NO_BODY, nginx: PAGE },
    async run(trial, { value, words }) {
      const answer = await trial.expect(refused('MEM'), 'STATUS', { JVMRoute: trial.route(), Load: 1 });
      const type = answer.headers.get('content-type') ?? 'no Content-Type';
      const isSo = {
        empty: answer.body === '',
        html: /^text\/html\b/.test(type) && /<html/i.test(answer.body),
        text: /^text\/plain\b/.test(type) && answer.body.includes(answer.headers.get('mess') ?? ''),
      }[value];
      if (!isSo) throw new Deviation('wrong-code', words, `${type}: ${answerWords(answer)}`);
    },
  }),
  balancerCase({
    id: 'wire/server-header',
    requirement: 'Undertow says in the Server header of INFO and DUMP what it is.',
    level: 'may',
    lines: ['MCMP-WIRE-40'],
    spec: '1.4',
    expected: { undertow: said('`Server: mod_cluster_undertow/...`') },
    async run(trial) {
      for (const method of ['INFO', 'DUMP']) {
        const { headers } = await trial.must(method);
        const server = headers.get('server') ?? 'no such header';
        demand(server.startsWith('mod_cluster_undertow/'), `${method} with Server: mod_cluster_undertow/...`, server);
      }
    },
  }),
  balancerCase({
    id: 'wire/long-body',
    requirement: 'A message that is longer than the balancer takes is cut by httpd, and refused by ours.',
    level: 'may',
    lines: ['MCMP-WIRE-38'],
    spec: '1.3',
    needs: ['message-limit'],
    expected: { mcmp: LONG_REFUSED, ...inHttpd(LONG_CUT) },
    async run(trial, { value }) {
      const { fields, route } = await ownNode(trial);
      const limit = Number(trial.features.get('message-limit'));
      const body = bodyEndingIn(fields, `Unknown=${'x'.repeat(limit)}&Domain=late`);
      if (value !== 'cut') {
        await trial.expect(value, 'CONFIG', body);
        await demandNoNode(trial, route);
        return;
      }
      await trial.must('CONFIG', body);
      await demandNode(trial, route, { balancer: trial.balancer, domain: '' });
    },
  }),
  balancerCase({
    id: 'wire/body-over-two-mebibytes',
    requirement: 'Undertow takes bodies of up to 2 MiB.',
    level: 'may',
    lines: [],
    spec: '1.3',
    expected: { undertow: said('500 without Type for more than 2 MiB, 200 for 1 MB') },
    async run(trial) {
      const { fields, route } = await ownNode(trial);
      const domain = (bytes: number): readonly (readonly [string, string | number])[] => [
        ...Object.entries(fields),
        ['Domain', 'd'.repeat(bytes)],
      ];
      await trial.expect(TWO_MEBIBYTES_REFUSED, 'CONFIG', domain(2_097_152));
      await demandNoNode(trial, route);
      await trial.must('CONFIG', domain(1_000_000));
      await demandNode(trial, route);
    },
  }),
];
