import { type Outcome, outcome } from '../../case.ts';
import { demand } from '../../verdict.ts';
import type { PerKind } from '../kinds.ts';
import { bytes, type Reaction } from '../reactions.ts';
import { type NodeRequest, outline } from '../request.ts';
import { aboutContext, ofMethod } from '../sayings.ts';
import { type NodeCase, nodeCase } from '../stage.ts';
import { infoText, type ReportedNode } from '../tables.ts';
import { OLD_CONTEXT, registerAgain } from './situation.ts';

/**
 * What becomes of an answer to INFO. `read`: what it says is acted on. `accepted`: it counts as a success, whether its body
 * was looked at or not. `empty`: a success without a body. `error`: INFO is asked
 * again before CONFIG.
 */
type Taken = 'read' | 'accepted' | 'empty' | 'error';

const TAKEN: Readonly<Record<Taken, string>> = {
  read: 'it is read: the context that it shows and the node has not is removed before CONFIG',
  accepted: 'it is taken as a success: CONFIG follows',
  empty: 'it is taken as a success without a body: CONFIG follows, nothing is removed',
  error: 'it is no success: INFO is asked again',
};

/** A way to write down an answer; `body` is INFO of the node with a context that it has not. */
interface Form {
  readonly id: string;
  /** As a noun. */
  readonly what: string;
  readonly lines?: readonly string[];
  readonly level: NodeCase['level'];
  readonly spec: string;
  readonly java: Taken;
  readonly mcmp: Taken;
  /** Undefined: nodes are free. */
  readonly any?: Taken;
  readonly answer: (body: string) => Reaction;
}

const plain = (body: string, head = 'HTTP/1.1 200 OK\r\n', headers = ''): string =>
  `${head}Content-Length: ${body.length}\r\n${headers}\r\n${body}`;

const chunk = (body: string, extension = ''): string => `${body.length.toString(16)}${extension}\r\n${body}\r\n`;

const chunked = (chunks: string, trailer = '', name = 'Transfer-Encoding: chunked'): string =>
  `HTTP/1.1 200 OK\r\n${name}\r\n\r\n${chunks}0\r\n${trailer}\r\n`;

const inHalves = (body: string): string => chunk(body.slice(0, body.length / 2)) + chunk(body.slice(body.length / 2));

const refused = (head: string, body = 'nope\n'): Reaction => bytes(plain(body, `HTTP/1.1 ${head}\r\n`));

/** Read well by everybody. */
const READ = { java: 'read', mcmp: 'read', any: 'accepted' } as const;
/** No success for anybody who asks. */
const ERROR = { java: 'error', mcmp: 'error' } as const;

/** Forms of an answer, as they were tried on real nodes; those of ours are what HTTP says. */
const FORMS: readonly Form[] = [
  {
    ...{ id: 'content-length', what: 'an answer with Content-Length', level: 'must', spec: 'RFC 9112 §6.2' },
    ...READ,
    answer: (body) => bytes(plain(body)),
  },
  {
    ...{ id: 'http-10', what: 'an answer of HTTP/1.0', level: 'should', spec: 'RFC 9112 §2.3' },
    ...READ,
    answer: (body) => bytes(plain(body, 'HTTP/1.0 200 OK\r\n')),
  },
  {
    ...{ id: 'lower-case-names', what: 'header names in lower case', level: 'must', spec: 'RFC 9110 §5.1' },
    ...READ,
    answer: (body) => bytes(plain(body).replace('Content-Length', 'content-length')),
  },
  {
    ...{ id: 'no-space-after-colon', what: 'no space after the colon of a header', level: 'must', spec: 'RFC 9112 §5' },
    ...READ,
    answer: (body) => bytes(plain(body).replace('Content-Length: ', 'Content-Length:')),
  },
  {
    ...{ id: 'spaces-around-value', what: 'spaces around the value of a header', level: 'must', spec: 'RFC 9112 §5' },
    ...READ,
    answer: (body) => bytes(plain(body).replace(/Content-Length: (\d+)/, 'Content-Length:   $1  ')),
  },
  {
    ...{ id: 'reason-of-words', what: 'a reason of several words', level: 'must', spec: 'RFC 9112 §4' },
    ...READ,
    answer: (body) => bytes(plain(body, 'HTTP/1.1 200 All is well\r\n')),
  },
  {
    ...{ id: 'no-reason', what: 'an empty reason behind its space', level: 'must', spec: 'RFC 9112 §4' },
    lines: ['NODE-32'],
    ...READ,
    answer: (body) => bytes(plain(body, 'HTTP/1.1 200 \r\n')),
  },
  {
    ...{ id: 'no-reason-no-space', what: 'a status line that ends with the code', level: 'may', spec: '9.2' },
    lines: ['NODE-32'],
    ...{ java: 'error', mcmp: 'read' },
    answer: (body) => bytes(plain(body, 'HTTP/1.1 200\r\n')),
  },
  {
    ...{ id: 'bare-line-feeds', what: 'a head with LF only', level: 'may', spec: 'RFC 9112 §2.2' },
    ...{ java: 'read', mcmp: 'read' },
    answer: (body) => bytes(`HTTP/1.1 200 OK\nContent-Length: ${body.length}\n\n${body}`),
  },
  {
    ...{ id: 'byte-by-byte', what: 'an answer that comes byte by byte', level: 'must', spec: 'RFC 9112 §6.2' },
    ...READ,
    answer: (body) => bytes(plain(body), { oneByOne: true }),
  },
  {
    ...{ id: 'one-chunk', what: 'a body in one chunk', level: 'must', spec: 'RFC 9112 §7.1' },
    lines: ['NODE-34'],
    ...READ,
    answer: (body) => bytes(chunked(chunk(body))),
  },
  {
    ...{ id: 'two-chunks', what: 'a body in two chunks, byte by byte', level: 'must', spec: 'RFC 9112 §7.1' },
    lines: ['NODE-34'],
    ...READ,
    answer: (body) => bytes(chunked(inHalves(body)), { oneByOne: true }),
  },
  {
    ...{ id: 'chunked-in-capitals', what: '`Chunked` with a capital letter', level: 'must', spec: 'RFC 9112 §7' },
    lines: ['NODE-34'],
    ...READ,
    answer: (body) => bytes(chunked(chunk(body), '', 'Transfer-Encoding: Chunked')),
  },
  {
    ...{ id: 'trailer', what: 'a field behind the last chunk', level: 'must', spec: 'RFC 9112 §7.1.2' },
    lines: ['NODE-34'],
    ...READ,
    answer: (body) => bytes(chunked(chunk(body), 'X-Trailer: 1\r\n')),
  },
  {
    ...{ id: 'chunk-extension', what: 'a chunk with an extension', level: 'should', spec: 'RFC 9112 §7.1.1' },
    lines: ['NODE-34'],
    ...{ java: 'error', mcmp: 'read', any: 'accepted' },
    answer: (body) => bytes(chunked(chunk(body, ';a=b'))),
  },
  {
    ...{ id: 'until-closed', what: 'a body that ends with the connection', level: 'must', spec: 'RFC 9112 §6.3' },
    lines: ['NODE-35'],
    ...READ,
    answer: (body) => bytes(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`, { end: true }),
  },
  {
    ...{ id: 'no-length', what: 'neither length nor Connection: close', level: 'may', spec: '9.2' },
    lines: ['NODE-33'],
    ...{ java: 'empty', mcmp: 'read' },
    answer: (body) => bytes(`HTTP/1.1 200 OK\r\n\r\n${body}`, { end: true }),
  },
  {
    ...{ id: 'cut-short', what: 'a body shorter than its length', level: 'may', spec: 'RFC 9112 §6.3' },
    ...{ java: 'read', mcmp: 'error' },
    answer: (body) => bytes(plain(`${body}${' '.repeat(50)}`).trimEnd(), { end: true }),
  },
  {
    ...{ id: '100-before-it', what: '100 Continue before the answer', level: 'may', spec: 'RFC 9110 §15.2' },
    ...{ java: 'error', mcmp: 'read' },
    answer: (body) => bytes(`HTTP/1.1 100 Continue\r\n\r\n${plain(body)}`),
  },
  {
    ...{ id: 'empty-line-before-it', what: 'an empty line before the answer', level: 'may', spec: '9.2' },
    ...{ java: 'read', mcmp: 'read' },
    answer: (body) => bytes(`\r\n${plain(body)}`),
  },
  {
    ...{ id: 'crlf-in-body', what: 'lines of INFO that end with CR LF', level: 'should', spec: '9.7' },
    ...READ,
    answer: (body) => bytes(plain(body.replaceAll('\n', '\r\n'))),
  },
  {
    ...{ id: 'no-last-line-feed', what: 'INFO without its last LF', level: 'should', spec: '9.7' },
    ...READ,
    answer: (body) => bytes(plain(body.trimEnd())),
  },
  {
    ...{ id: 'unknown-lines', what: 'lines in INFO that nobody knows, and empty ones', level: 'should', spec: '9.7' },
    ...READ,
    answer: (body) => bytes(plain(`Hello: [0], World\n\n${body}`)),
  },
  {
    ...{ id: 'short-node-line', what: 'a Node line of id and name only', level: 'may', spec: '9.7' },
    ...{ java: 'read', mcmp: 'accepted' },
    answer: (body) => bytes(plain(body.replace(/^(Node: \[\d+\],Name: [^,]*),.*$/m, '$1'))),
  },
  {
    ...{ id: 'created', what: '201 in the place of 200', level: 'may', spec: '9.2' },
    ...ERROR,
    answer: (body) => bytes(plain(body, 'HTTP/1.1 201 Created\r\n')),
  },
  {
    ...{ id: 'no-content', what: '204', level: 'may', spec: '9.2' },
    ...ERROR,
    answer: () => bytes('HTTP/1.1 204 No Content\r\n\r\n'),
  },
  {
    ...{ id: 'found', what: 'a redirect', level: 'may', spec: '9.2' },
    ...ERROR,
    answer: () => bytes('HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n'),
  },
  { ...{ id: 'forbidden', what: '403', level: 'may', spec: '9.2' }, ...ERROR, answer: () => refused('403 Forbidden') },
  { ...{ id: 'not-found', what: '404', level: 'may', spec: '9.2' }, ...ERROR, answer: () => refused('404 Not Found') },
  {
    ...{ id: 'not-implemented', what: '501, as httpd without EnableMCMPReceive', level: 'may', spec: '9.2' },
    ...ERROR,
    answer: () => refused('501 Not Implemented'),
  },
  {
    ...{ id: 'unavailable', what: '503', level: 'may', spec: '9.2' },
    ...ERROR,
    answer: () => refused('503 Service Unavailable', ''),
  },
  {
    ...{ id: 'type-in-lower-case', what: '500 with `Type: syntax`, which is not SYNTAX', level: 'may', spec: '9.2' },
    lines: ['NODE-28'],
    ...ERROR,
    answer: () => bytes('HTTP/1.1 500 Error\r\nType: syntax\r\nMess: no\r\nContent-Length: 0\r\n\r\n'),
  },
];

/** How an answer was taken, as soon as that shows. */
function takenOf(news: readonly NodeRequest[]): Exclude<Taken, 'accepted'> | undefined {
  const [next] = news.filter(({ method }) => method === 'INFO' || method === 'CONFIG');
  if (next === undefined) return undefined;
  if (next.method === 'INFO') return 'error';
  return aboutContext(news.slice(0, news.indexOf(next)), OLD_CONTEXT).length > 0 ? 'read' : 'empty';
}

function formCase({ id, what, lines = [], level, spec, java, mcmp, any, answer }: Form): NodeCase {
  const perKind: PerKind<Taken | undefined> = { any, starman: any, mcc: any, mcmp, java };
  const expected: PerKind<Outcome<Taken>> = Object.fromEntries(
    Object.entries(perKind).flatMap(([kind, taken]) =>
      taken === undefined ? [] : [[kind, outcome(TAKEN[taken], taken)]],
    ),
  );
  const free = any === undefined;
  const requirement = free ? `Nodes make of ${what} what they can.` : `A node takes ${what} for the answer that it is.`;
  return nodeCase({
    ...{ id: `answers/${id}`, requirement, level, lines, spec, expected },
    async run(stage, { value, words }) {
      const withOld = (own: ReportedNode): ReportedNode => ({
        ...own,
        contexts: new Map([...own.contexts, [OLD_CONTEXT, 'ENABLED']]),
      });
      const second = await registerAgain(stage, (own) => answer(infoText([withOld(own)])));
      const taken = await stage.until('INFO or CONFIG', () => takenOf(second.news()));
      const isGood = value === 'accepted' ? taken === 'read' || taken === 'empty' : taken === value;
      demand(isGood, words, () => `${taken}: ${outline(second.news())}`);
      // Whatever it was, the node is there again afterwards.
      await stage.until('CONFIG', () => ofMethod(second.news(), 'CONFIG')[0]);
    },
  });
}

/** Forms of an answer (reference §9.2): 50 were tried on a real node. */
export const ANSWER_CASES: readonly NodeCase[] = FORMS.map(formCase);
