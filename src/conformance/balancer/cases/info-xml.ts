import { said } from '../../case.ts';
import { inHttpd } from '../../dialects.ts';
import { Deviation, demand } from '../../verdict.ts';
import { answerWords } from '../answers.ts';
import type { SendOptions } from '../trial.ts';
import { balancerCase } from '../trial.ts';

const XML: SendOptions = { headers: [['Accept', 'text/xml']] };
const JSON_PLEASE: SendOptions = { headers: [['Accept', 'application/json']] };
const DECLARATION = '<\\?xml version="1\\.0" standalone="yes" \\?>\\n';

/** Elements with text, in order; white space between them does not matter (reference §2.7). */
const texts = (...names: readonly string[]): string => names.map((name) => `<${name}>[^<]*</${name}>\\s*`).join('');

const element = (name: string, attributes: readonly string[], content: string): string =>
  `<${name}${attributes.map((attribute) => ` ${attribute}="[^"]*"`).join('')}>\\s*${content}</${name}>\\s*`;

const list = (name: string, member: string): string => `<${name}>\\s*(?:${member})*</${name}>\\s*`;

const NODE_REFERENCE = '<Node id="[0-9]+"\\s*/>\\s*';
const SETTINGS = ['Host', 'Port', 'Type', 'Flushpackets', 'Flushwait', 'Ping', 'Smax', 'Ttl'];
const COUNTERS = ['Elected', 'Read', 'Transfered', 'Connected', 'Load'];

const INFO_DOCUMENT = new RegExp(
  `^${DECLARATION}<Info>\\s*` +
    list('Nodes', element('Node', ['id', 'name'], texts('Balancer', 'LBGroup', ...SETTINGS, ...COUNTERS))) +
    list('Vhosts', element('Vhost', ['id', 'alias'], NODE_REFERENCE)) +
    list(
      'Contexts',
      element(
        'Context',
        ['id'],
        `<Status id="[123]">[A-Z]+</Status>\\s*${texts('Context')}${NODE_REFERENCE}<Vhost id="[0-9]+"\\s*/>\\s*`,
      ),
    ) +
    '</Info>\\s*$',
);

const DUMP_SETTINGS = ['Host', 'Port', 'Type', 'FlushPackets', 'FlushWait', 'Ping', 'Smax', 'Ttl', 'Timeout'];

const DUMP_DOCUMENT = new RegExp(
  `^${DECLARATION}<Dump>\\s*` +
    list(
      'Balancers',
      element(
        'Balancer',
        ['id', 'name'],
        `${element('StickySession', [], texts('Enabled', 'Cookie', 'Path', 'Remove', 'Force'))}${texts('Timeout', 'MaxAttempts')}`,
      ),
    ) +
    list('Nodes', element('Node', ['id'], texts('Balancer', 'JVMRoute', 'LBGroup', ...DUMP_SETTINGS))) +
    list('Hosts', element('Host', ['id', 'alias'], texts('Vhost', 'Node'))) +
    list(
      'Contexts',
      element('Context', ['id', 'path'], `${texts('Vhost', 'Node')}<Status id="[123]">[A-Z]+</Status>\\s*`),
    ) +
    '</Dump>\\s*$',
);

const ELEMENTS_IN_ORDER = said('the elements and attributes of the reference, in their order');

/** INFO and DUMP in other forms than text (reference §2.7, checklist §11.6). */
export const INFO_XML_CASES = [
  balancerCase({
    id: 'info/xml',
    requirement: 'INFO with Accept: text/xml has its elements and attributes in their order.',
    level: 'may',
    lines: ['MCMP-INFO-11'],
    spec: '2.7',
    expected: { mcmp: ELEMENTS_IN_ORDER, ...inHttpd(ELEMENTS_IN_ORDER) },
    async run(trial, { words }) {
      const { route, context } = await trial.node();
      const answer = await trial.must('INFO', '', XML);
      const has = (text: string): boolean => answer.body.includes(text);
      const isWhole = has(`name="${route}"`) && has(`<Context>${context}</Context>`);
      demand(isWhole && INFO_DOCUMENT.test(answer.body), words, () => answerWords(answer));
    },
  }),
  balancerCase({
    id: 'info/xml-without-spaces',
    requirement: 'The XML of INFO has no white space between its elements.',
    level: 'may',
    lines: ['MCMP-INFO-12'],
    spec: '2.7',
    expected: {
      mcmp: said('no white space between elements'),
      'httpd-2': said('no white space between elements'),
    },
    async run(trial, { words }) {
      await trial.node();
      const answer = await trial.must('INFO', '', XML);
      demand(answer.body.startsWith('<?xml '), 'a document in XML', () => answerWords(answer));
      // An element that holds white space alone is not meant: `<LBGroup> </LBGroup>`.
      const gap = /(<\/[A-Za-z]+>|\/>|<(?:Info|Nodes|Vhosts|Contexts|Node|Vhost|Context)(?: [^>]*)?>)\s+</.exec(
        answer.body,
      );
      if (gap !== null) throw new Deviation('fail', words, `white space behind ${gap[1]}`);
    },
  }),
  balancerCase({
    id: 'info/json',
    requirement: 'INFO with Accept: application/json is one document with everything.',
    level: 'may',
    lines: [],
    spec: '2.6',
    expected: { mcmp: said('a document with schemaVersion 1 and the node, its virtual host and its context') },
    async run(trial, { words }) {
      const { route, context, alias } = await trial.node();
      const answer = await trial.must('INFO', '', JSON_PLEASE);
      const found = nodesOfDocument(answer.body).find((node) => node.route === route);
      const wanted = JSON.stringify([{ aliases: [alias], contexts: [{ path: context, status: 'ENABLED' }] }]);
      if (found?.vhosts !== wanted) throw new Deviation('fail', words, found?.vhosts ?? answerWords(answer));
    },
  }),
  balancerCase({
    id: 'dump/xml',
    requirement: 'DUMP with Accept: text/xml has its elements and attributes in their order.',
    level: 'may',
    lines: [],
    spec: '2.7',
    expected: { mcmp: ELEMENTS_IN_ORDER, ...inHttpd(ELEMENTS_IN_ORDER) },
    async run(trial, { words }) {
      const { route, context } = await trial.node();
      const answer = await trial.must('DUMP', '', XML);
      const has = (text: string): boolean => answer.body.includes(text);
      const isWhole = has(`<JVMRoute>${route}</JVMRoute>`) && has(`path="${context}"`);
      demand(isWhole && DUMP_DOCUMENT.test(answer.body), words, () => answerWords(answer));
    },
  }),
  balancerCase({
    id: 'dump/xml-spaces',
    requirement: 'The Host element in the XML of DUMP has runs of 31, 31 and 27 spaces.',
    level: 'may',
    lines: ['MCMP-DUMP-04'],
    spec: '2.7',
    expected: {
      mcmp: said('31 spaces before Vhost and Node, 27 before the end'),
      'httpd-2': said('31 spaces before Vhost and Node, 27 before the end'),
    },
    async run(trial, { words }) {
      const alias = trial.alias();
      await trial.node({ alias });
      const answer = await trial.must('DUMP', '', XML);
      const from = answer.body.indexOf('>', answer.body.indexOf(`alias="${alias}"`)) + 1;
      const content = answer.body.slice(from, answer.body.indexOf('</Host>', from));
      const isSpaced = /^ {31}<Vhost>[0-9]+<\/Vhost> {31}<Node>[0-9]+<\/Node> {27}$/.test(content);
      demand(isSpaced, words, JSON.stringify(content));
    },
  }),
];

/** Nodes of the JSON document, their virtual hosts as text with what a case compares; none when it is another document. */
function nodesOfDocument(body: string): readonly { readonly route: string; readonly vhosts: string }[] {
  const document = parsed(body);
  if (!isObject(document) || document['schemaVersion'] !== 1 || !Array.isArray(document['nodes'])) return [];
  return document['nodes'].filter(isObject).map((node) => {
    const vhosts = Array.isArray(node['vhosts']) ? node['vhosts'].filter(isObject) : [];
    const told = vhosts.map((vhost) => ({
      aliases: vhost['aliases'],
      contexts: Array.isArray(vhost['contexts'])
        ? vhost['contexts'].filter(isObject).map((context) => ({ path: context['path'], status: context['status'] }))
        : [],
    }));
    return { route: String(node['route']), vhosts: JSON.stringify(told) };
  });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new Deviation('fail', 'JSON', error instanceof Error ? error.message : String(error));
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
