import type { ContextStatus, FlushPackets } from '../cluster/records.ts';
import { cutBackward, cutForward, integer, integers, linesOf, MOST_PROBLEMS, type ReadProblem } from './lines.ts';
import { LongText } from './long-text.ts';
import { childOf, childText, escapeXml, readMembers, readXml, XML_DECLARATION, type XmlElement } from './xml.ts';

/** What INFO says, whoever says it (reference §2.6). Strings are byte strings. Ids join the lines of one reply. */
export interface InfoView {
  readonly nodes: readonly InfoNode[];
  readonly vhosts: readonly InfoVhost[];
  readonly contexts: readonly InfoContext[];
}

export interface InfoNode {
  readonly id: number;
  readonly name: string;
  readonly balancer: string;
  readonly domain: string;
  readonly host: string;
  /** A string: httpd takes any, Undertow says -1. */
  readonly port: string;
  readonly type: string;
  readonly flushPackets: FlushPackets;
  readonly flushWaitMs: number;
  readonly pingSeconds: number;
  readonly smax: number;
  readonly ttlSeconds: number;
  readonly elected: number;
  readonly readBytes: number;
  readonly transferredBytes: number;
  readonly connected: number;
  readonly load: number;
}

/** One alias of a virtual host. */
export interface InfoVhost {
  readonly node: number;
  readonly vhost: number;
  /** Index in the alias table; -1 where the form does not say it (XML, Undertow). */
  readonly slot: number;
  readonly alias: string;
}

export interface InfoContext {
  readonly node: number;
  readonly vhost: number;
  readonly slot: number;
  readonly path: string;
  readonly status: ContextStatus;
}

/** A reply as far as it could be read, and what could not. */
export interface InfoReading {
  readonly info: InfoView;
  readonly problems: readonly ReadProblem[];
}

/** DUMP's numbers for the status of a context, and `Status id` of the XML forms. */
export const STATUS_NUMBERS = { ENABLED: 1, DISABLED: 2, STOPPED: 3 } as const satisfies Record<ContextStatus, number>;

export const FLUSH_WORDS = { off: 'Off', on: 'On', auto: 'Auto' } as const satisfies Record<FlushPackets, string>;

const STATUSES = Object.keys(STATUS_NUMBERS) as ContextStatus[];

export function statusOf(word: string): ContextStatus | undefined {
  return STATUSES.find((status) => status === word);
}

/** The counters and settings of a node in INFO, in their order: name in text and XML, and the value. */
function nodeFields(node: InfoNode): readonly (readonly [name: string, value: string | number])[] {
  return [
    ['Balancer', node.balancer],
    ['LBGroup', node.domain],
    ['Host', node.host],
    ['Port', node.port],
    ['Type', node.type],
    ['Flushpackets', FLUSH_WORDS[node.flushPackets]],
    ['Flushwait', node.flushWaitMs],
    ['Ping', node.pingSeconds],
    ['Smax', node.smax],
    ['Ttl', node.ttlSeconds],
    ['Elected', node.elected],
    ['Read', node.readBytes],
    ['Transfered', node.transferredBytes],
    ['Connected', node.connected],
    ['Load', node.load],
  ];
}

const NODE_SEPARATORS = [
  '],Name: ',
  ',Balancer: ',
  ',LBGroup: ',
  ',Host: ',
  ',Port: ',
  ',Type: ',
  ',Flushpackets: ',
  ',Flushwait: ',
  ',Ping: ',
  ',Smax: ',
  ',Ttl: ',
  ',Elected: ',
  ',Read: ',
  ',Transfered: ',
  ',Connected: ',
  ',Load: ',
];

export function printInfo(view: InfoView, format: 'text' | 'xml', escapes: boolean): string {
  return format === 'text' ? printText(view) : printXml(view, escapes ? escapeXml : (value) => value);
}

function printText(view: InfoView): string {
  const text = new LongText();
  for (const node of view.nodes) {
    let line = `Node: [${node.id}],Name: ${node.name}`;
    for (const [name, value] of nodeFields(node)) line += `,${name}: ${value}`;
    text.add(`${line}\n`);
  }
  for (const { node, vhost, slot, alias } of view.vhosts)
    text.add(`Vhost: [${node}:${vhost}:${slot}], Alias: ${alias}\n`);
  for (const { node, vhost, slot, path, status } of view.contexts) {
    text.add(`Context: [${node}:${vhost}:${slot}], Context: ${path}, Status: ${status}\n`);
  }
  return text.toString();
}

function printXml(view: InfoView, escaped: (value: string) => string): string {
  const parts: string[] = [XML_DECLARATION, '<Info><Nodes>'];
  for (const node of view.nodes) {
    let element = `<Node id="${node.id}" name="${escaped(node.name)}">`;
    for (const [name, value] of nodeFields(node)) element += `<${name}>${escaped(String(value))}</${name}>`;
    parts.push(`${element}</Node>`);
  }
  parts.push('</Nodes><Vhosts>');
  for (const { node, vhost, alias } of view.vhosts) {
    parts.push(`<Vhost id="${vhost}" alias="${escaped(alias)}"><Node id="${node}"/></Vhost>`);
  }
  parts.push('</Vhosts><Contexts>');
  for (const { node, vhost, slot, path, status } of view.contexts) {
    parts.push(
      `<Context id="${slot}"><Status id="${STATUS_NUMBERS[status]}">${status}</Status><Context>${escaped(path)}</Context>` +
        `<Node id="${node}"/><Vhost id="${vhost}"/></Context>`,
    );
  }
  parts.push('</Contexts></Info>');
  return parts.join('');
}

/**
 * Reads an INFO of any implementation, text or XML. Lines of a kind that is not known are problems, not the end: what can
 * be read is.
 *
 * @param body byte string
 */
export function readInfo(body: string): InfoReading {
  return /^\s*</.test(body) ? readXmlInfo(body) : readTextInfo(body);
}

function readTextInfo(body: string): InfoReading {
  const nodes: InfoNode[] = [];
  const vhosts: InfoVhost[] = [];
  const contexts: InfoContext[] = [];
  const problems: ReadProblem[] = [];
  for (const [number, line] of linesOf(body)) {
    if (line.startsWith('Node: [')) {
      const node = readNode(line.slice('Node: ['.length));
      if (node !== undefined) nodes.push(node);
      else problems.push({ line: number, message: 'the Node line does not have its 17 fields in order' });
    } else if (line.startsWith('Vhost: [')) {
      const vhost = readVhost(line.slice('Vhost: ['.length));
      if (vhost !== undefined) vhosts.push(vhost);
      else problems.push({ line: number, message: 'the Vhost line is not "[node:vhost:id], Alias: name"' });
    } else if (line.startsWith('Context: [')) {
      const context = readContext(line.slice('Context: ['.length));
      if (context !== undefined) contexts.push(context);
      else
        problems.push({
          line: number,
          message: 'the Context line is not "[node:vhost:id], Context: path, Status: STATUS"',
        });
    } else {
      problems.push({ line: number, message: 'the line begins with none of Node, Vhost, Context' });
    }
    if (problems.length >= MOST_PROBLEMS) break;
  }
  return { info: { nodes, vhosts, contexts }, problems };
}

function readNode(text: string): InfoNode | undefined {
  const parts = cutForward(text, NODE_SEPARATORS);
  return parts === undefined ? undefined : nodeOf(parts);
}

/** A node from its 17 texts in the order of the text form. */
function nodeOf(parts: readonly string[]): InfoNode | undefined {
  const [id, name = '', balancer = '', domain = '', host = '', port = '', type = '', flush = ''] = parts;
  const numbers = integers([id, ...parts.slice(8)]);
  const flushPackets = flushOf(flush);
  if (numbers === undefined || numbers.length !== 10 || flushPackets === undefined) return undefined;
  const [number = 0, flushWaitMs = 0, pingSeconds = 0, smax = 0, ttlSeconds = 0, ...counts] = numbers;
  const [elected = 0, readBytes = 0, transferredBytes = 0, connected = 0, load = 0] = counts;
  return {
    id: number,
    name,
    balancer,
    domain,
    host,
    port,
    type,
    flushPackets,
    flushWaitMs,
    pingSeconds,
    smax,
    ttlSeconds,
    elected,
    readBytes,
    transferredBytes,
    connected,
    load,
  };
}

function flushOf(word: string): FlushPackets | undefined {
  const lower = word.toLowerCase();
  return lower === 'off' || lower === 'on' || lower === 'auto' ? lower : undefined;
}

/** `node:vhost:slot`. */
function readIds(text: string): readonly [number, number, number] | undefined {
  const [node, vhost, slot, ...more] = text.split(':').map(integer);
  if (node === undefined || vhost === undefined || slot === undefined || more.length > 0) return undefined;
  return [node, vhost, slot];
}

function readVhost(text: string): InfoVhost | undefined {
  const [ids, alias] = cutForward(text, ['], Alias: ']) ?? [];
  const numbers = ids === undefined ? undefined : readIds(ids);
  if (numbers === undefined || alias === undefined) return undefined;
  const [node, vhost, slot] = numbers;
  return { node, vhost, slot, alias };
}

function readContext(text: string): InfoContext | undefined {
  const [ids, rest] = cutForward(text, ['], Context: ']) ?? [];
  const [path, word] = (rest === undefined ? undefined : cutBackward(rest, [', Status: '])) ?? [];
  const numbers = ids === undefined ? undefined : readIds(ids);
  const status = word === undefined ? undefined : statusOf(word);
  if (numbers === undefined || path === undefined || status === undefined) return undefined;
  const [node, vhost, slot] = numbers;
  return { node, vhost, slot, path, status };
}

function readXmlInfo(body: string): InfoReading {
  const root = readXml(body);
  const problems: ReadProblem[] = [];
  if (root?.name !== 'Info') {
    return {
      info: { nodes: [], vhosts: [], contexts: [] },
      problems: [{ line: 0, message: 'not an XML document named Info' }],
    };
  }
  const info = {
    nodes: readMembers(root, 'Nodes', xmlNode, problems),
    vhosts: readMembers(root, 'Vhosts', xmlVhost, problems),
    contexts: readMembers(root, 'Contexts', xmlContext, problems),
  };
  return { info, problems };
}

const XML_NODE_FIELDS = NODE_SEPARATORS.slice(1).map((separator) => separator.slice(1, -2));

function xmlNode(element: XmlElement): InfoNode | undefined {
  const { attributes } = element;
  const values = XML_NODE_FIELDS.map((name) => childText(element, name));
  return nodeOf([attributes.get('id') ?? '', attributes.get('name') ?? '', ...values]);
}

function idOf(element: XmlElement | undefined): number | undefined {
  return integer(element?.attributes.get('id'));
}

function xmlVhost(element: XmlElement): InfoVhost | undefined {
  const [node, vhost] = [idOf(childOf(element, 'Node')), idOf(element)];
  const alias = element.attributes.get('alias');
  return node === undefined || vhost === undefined || alias === undefined
    ? undefined
    : { node, vhost, slot: -1, alias };
}

function xmlContext(element: XmlElement): InfoContext | undefined {
  const [node, vhost, slot] = [idOf(childOf(element, 'Node')), idOf(childOf(element, 'Vhost')), idOf(element)];
  const status = statusOf(childText(element, 'Status').trim());
  if (node === undefined || vhost === undefined || slot === undefined || status === undefined) return undefined;
  return { node, vhost, slot, path: childText(element, 'Context'), status };
}
