import type { ContextStatus, FlushPackets } from '../cluster/records.ts';
import { STATUS_NUMBERS, statusOf } from './info.ts';
import { cutBackward, cutForward, integer, integers, linesOf, MOST_PROBLEMS, type ReadProblem } from './lines.ts';
import { LongText } from './long-text.ts';
import { childOf, childText, escapeXml, readMembers, readXml, XML_DECLARATION, type XmlElement } from './xml.ts';

/** What DUMP says, whoever says it (reference §2.6). Strings are byte strings. */
export interface DumpView {
  readonly balancers: readonly DumpBalancer[];
  readonly nodes: readonly DumpNode[];
  readonly hosts: readonly DumpHost[];
  readonly contexts: readonly DumpContext[];
}

export interface DumpBalancer {
  readonly id: number;
  readonly name: string;
  readonly stickySession: boolean;
  readonly cookie: string;
  readonly path: string;
  readonly remove: boolean;
  readonly force: boolean;
  /** `WaitWorker`; nginx prints it a million times too large. */
  readonly timeoutSeconds: number;
  readonly maxAttempts: number;
}

export interface DumpNode {
  /** Node id as hosts and contexts name it. */
  readonly id: number;
  /** First number of `[a:b]`: the slot on httpd, the balancer's id on Undertow; equals `id` where only one is told. */
  readonly slot: number;
  readonly balancer: string;
  readonly route: string;
  readonly domain: string;
  readonly host: string;
  readonly port: string;
  readonly type: string;
  readonly flushPackets: FlushPackets;
  readonly flushWaitMs: number;
  readonly pingSeconds: number;
  readonly smax: number;
  readonly ttlSeconds: number;
  readonly timeoutSeconds: number;
}

export interface DumpHost {
  readonly slot: number;
  readonly alias: string;
  readonly vhost: number;
  readonly node: number;
}

export interface DumpContext {
  readonly slot: number;
  readonly path: string;
  readonly vhost: number;
  readonly node: number;
  readonly status: ContextStatus;
}

export interface DumpReading {
  readonly dump: DumpView;
  readonly problems: readonly ReadProblem[];
}

const FLUSH_NUMBERS = { off: 0, on: 1, auto: 2 } as const satisfies Record<FlushPackets, number>;
const FLUSH_BY_NUMBER: readonly FlushPackets[] = ['off', 'on', 'auto'];
const STATUS_BY_NUMBER: readonly (ContextStatus | undefined)[] = [undefined, 'ENABLED', 'DISABLED', 'STOPPED'];

export function printDump(view: DumpView, format: 'text' | 'xml', escapes: boolean): string {
  return format === 'text' ? printText(view) : printXml(view, escapes ? escapeXml : (value) => value);
}

const bit = (value: boolean): 0 | 1 => (value ? 1 : 0);

function printText(view: DumpView): string {
  const text = new LongText();
  for (const b of view.balancers) {
    text.add(
      `balancer: [${b.id}] Name: ${b.name} Sticky: ${bit(b.stickySession)} [${b.cookie}]/[${b.path}] remove: ${bit(b.remove)} ` +
        `force: ${bit(b.force)} Timeout: ${b.timeoutSeconds} maxAttempts: ${b.maxAttempts}\n`,
    );
  }
  for (const n of view.nodes) {
    text.add(
      `node: [${n.slot}:${n.id}],Balancer: ${n.balancer},JVMRoute: ${n.route},LBGroup: [${n.domain}],Host: ${n.host},` +
        `Port: ${n.port},Type: ${n.type},flushpackets: ${FLUSH_NUMBERS[n.flushPackets]},flushwait: ${n.flushWaitMs},` +
        `ping: ${n.pingSeconds},smax: ${n.smax},ttl: ${n.ttlSeconds},timeout: ${n.timeoutSeconds}\n`,
    );
  }
  for (const h of view.hosts) text.add(`host: ${h.slot} [${h.alias}] vhost: ${h.vhost} node: ${h.node}\n`);
  for (const c of view.contexts) {
    text.add(`context: ${c.slot} [${c.path}] vhost: ${c.vhost} node: ${c.node} status: ${STATUS_NUMBERS[c.status]}\n`);
  }
  return text.toString();
}

/** Runs of spaces that httpd writes inside `Host` (reference §2.7). */
const [BEFORE_VHOST, BEFORE_NODE, BEFORE_END] = [' '.repeat(31), ' '.repeat(31), ' '.repeat(27)];

function printXml(view: DumpView, escaped: (value: string) => string): string {
  const parts: string[] = [XML_DECLARATION, '<Dump><Balancers>'];
  for (const b of view.balancers) {
    parts.push(
      `<Balancer id="${b.id}" name="${escaped(b.name)}"><StickySession><Enabled>${bit(b.stickySession)}</Enabled>` +
        `<Cookie>${escaped(b.cookie)}</Cookie><Path>${escaped(b.path)}</Path><Remove>${bit(b.remove)}</Remove>` +
        `<Force>${bit(b.force)}</Force></StickySession><Timeout>${b.timeoutSeconds}</Timeout>` +
        `<MaxAttempts>${b.maxAttempts}</MaxAttempts></Balancer>`,
    );
  }
  parts.push('</Balancers><Nodes>');
  for (const n of view.nodes) {
    parts.push(
      `<Node id="${n.id}"><Balancer>${escaped(n.balancer)}</Balancer><JVMRoute>${escaped(n.route)}</JVMRoute>` +
        `<LBGroup>${escaped(n.domain)}</LBGroup><Host>${escaped(n.host)}</Host><Port>${escaped(n.port)}</Port>` +
        `<Type>${escaped(n.type)}</Type><FlushPackets>${FLUSH_NUMBERS[n.flushPackets]}</FlushPackets>` +
        `<FlushWait>${n.flushWaitMs}</FlushWait><Ping>${n.pingSeconds}</Ping><Smax>${n.smax}</Smax>` +
        `<Ttl>${n.ttlSeconds}</Ttl><Timeout>${n.timeoutSeconds}</Timeout></Node>`,
    );
  }
  parts.push('</Nodes><Hosts>');
  for (const h of view.hosts) {
    parts.push(
      `<Host id="${h.slot}" alias="${escaped(h.alias)}">${BEFORE_VHOST}<Vhost>${h.vhost}</Vhost>` +
        `${BEFORE_NODE}<Node>${h.node}</Node>${BEFORE_END}</Host>`,
    );
  }
  parts.push('</Hosts><Contexts>');
  for (const c of view.contexts) {
    parts.push(
      `<Context id="${c.slot}" path="${escaped(c.path)}"><Vhost>${c.vhost}</Vhost><Node>${c.node}</Node>` +
        `<Status id="${STATUS_NUMBERS[c.status]}">${c.status}</Status></Context>`,
    );
  }
  parts.push('</Contexts></Dump>');
  return parts.join('');
}

/**
 * Reads a DUMP of any implementation, text or XML; what cannot be read becomes a problem.
 *
 * @param body byte string
 */
export function readDump(body: string): DumpReading {
  return /^\s*</.test(body) ? readXmlDump(body) : readTextDump(body);
}

function readTextDump(body: string): DumpReading {
  const dump = {
    balancers: [] as DumpBalancer[],
    nodes: [] as DumpNode[],
    hosts: [] as DumpHost[],
    contexts: [] as DumpContext[],
  };
  const problems: ReadProblem[] = [];
  const keep = <T>(list: T[], item: T | undefined, number: number, kind: string) => {
    if (item === undefined)
      problems.push({ line: number, message: `the ${kind} line does not have its fields in order` });
    else list.push(item);
  };
  for (const [number, line] of linesOf(body)) {
    if (line.startsWith('balancer: [')) keep(dump.balancers, readBalancer(line), number, 'balancer');
    else if (line.startsWith('node: [')) keep(dump.nodes, readNode(line), number, 'node');
    else if (line.startsWith('host: ')) keep(dump.hosts, readHost(line), number, 'host');
    else if (line.startsWith('context: ')) keep(dump.contexts, readContext(line), number, 'context');
    else problems.push({ line: number, message: 'the line begins with none of balancer, node, host, context' });
    if (problems.length >= MOST_PROBLEMS) break;
  }
  return { dump, problems };
}

function readBalancer(line: string): DumpBalancer | undefined {
  const [head, ...parts] =
    cutBackward(line, [' Sticky: ', ' [', ']/[', '] remove: ', ' force: ', ' Timeout: ', ' maxAttempts: ']) ?? [];
  const [id, name] =
    (head === undefined ? undefined : cutForward(head.slice('balancer: ['.length), ['] Name: '])) ?? [];
  const [sticky, cookie, path, remove, force, timeout, attempts] = parts;
  const numbers = integers([id, timeout, attempts]);
  const [stickySession, removes, forces] = [flag(sticky), flag(remove), flag(force)];
  if (numbers === undefined || name === undefined || cookie === undefined || path === undefined) return undefined;
  if (stickySession === undefined || removes === undefined || forces === undefined) return undefined;
  const [number = 0, timeoutSeconds = 0, maxAttempts = 0] = numbers;
  return { id: number, name, stickySession, cookie, path, remove: removes, force: forces, timeoutSeconds, maxAttempts };
}

function flag(text: string | undefined): boolean | undefined {
  if (text === '1') return true;
  return text === '0' ? false : undefined;
}

const NODE_SEPARATORS = [
  '],Balancer: ',
  ',JVMRoute: ',
  ',LBGroup: [',
  '],Host: ',
  ',Port: ',
  ',Type: ',
  ',flushpackets: ',
  ',flushwait: ',
  ',ping: ',
  ',smax: ',
  ',ttl: ',
  ',timeout: ',
];

function readNode(line: string): DumpNode | undefined {
  const [ids, ...parts] = cutForward(line.slice('node: ['.length), NODE_SEPARATORS) ?? [];
  const [slot, id] = ids?.split(':') ?? [];
  return nodeOf(slot, id, parts);
}

function nodeOf(slot: string | undefined, id: string | undefined, parts: readonly string[]): DumpNode | undefined {
  const [balancer = '', route = '', domain = '', host = '', port = '', type = '', ...rest] = parts;
  const numbers = integers([slot, id, ...rest]);
  if (numbers === undefined || numbers.length !== 8) return undefined;
  const [
    first = 0,
    number = 0,
    flush = 0,
    flushWaitMs = 0,
    pingSeconds = 0,
    smax = 0,
    ttlSeconds = 0,
    timeoutSeconds = 0,
  ] = numbers;
  const flushPackets = FLUSH_BY_NUMBER[flush];
  if (flushPackets === undefined) return undefined;
  const names = { balancer, route, domain, host, port, type };
  return {
    id: number,
    slot: first,
    ...names,
    flushPackets,
    flushWaitMs,
    pingSeconds,
    smax,
    ttlSeconds,
    timeoutSeconds,
  };
}

function readHost(line: string): DumpHost | undefined {
  const [head, vhost, node] = cutBackward(line, ['] vhost: ', ' node: ']) ?? [];
  const [slot, alias] = (head === undefined ? undefined : cutForward(head.slice('host: '.length), [' ['])) ?? [];
  const numbers = integers([slot, vhost, node]);
  if (numbers === undefined || alias === undefined) return undefined;
  const [index = 0, vhostNumber = 0, nodeId = 0] = numbers;
  return { slot: index, alias, vhost: vhostNumber, node: nodeId };
}

function readContext(line: string): DumpContext | undefined {
  const [head, vhost, node, status] = cutBackward(line, ['] vhost: ', ' node: ', ' status: ']) ?? [];
  const [slot, path] = (head === undefined ? undefined : cutForward(head.slice('context: '.length), [' ['])) ?? [];
  const numbers = integers([slot, vhost, node, status]);
  if (numbers === undefined || path === undefined) return undefined;
  const [index = 0, vhostNumber = 0, nodeId = 0, statusNumber = 0] = numbers;
  const word = STATUS_BY_NUMBER[statusNumber];
  return word === undefined ? undefined : { slot: index, path, vhost: vhostNumber, node: nodeId, status: word };
}

function readXmlDump(body: string): DumpReading {
  const root = readXml(body);
  const problems: ReadProblem[] = [];
  if (root?.name !== 'Dump') {
    const dump = { balancers: [], nodes: [], hosts: [], contexts: [] };
    return { dump, problems: [{ line: 0, message: 'not an XML document named Dump' }] };
  }
  const dump = {
    balancers: readMembers(root, 'Balancers', xmlBalancer, problems),
    nodes: readMembers(root, 'Nodes', xmlNode, problems),
    hosts: readMembers(root, 'Hosts', xmlHost, problems),
    contexts: readMembers(root, 'Contexts', xmlContext, problems),
  };
  return { dump, problems };
}

function xmlBalancer(element: XmlElement): DumpBalancer | undefined {
  const sticky = childOf(element, 'StickySession');
  const name = element.attributes.get('name');
  const numbers = integers([
    element.attributes.get('id'),
    childText(element, 'Timeout'),
    childText(element, 'MaxAttempts'),
  ]);
  if (sticky === undefined || name === undefined || numbers === undefined) return undefined;
  const [stickySession, remove, force] = ['Enabled', 'Remove', 'Force'].map((word) => flag(childText(sticky, word)));
  if (stickySession === undefined || remove === undefined || force === undefined) return undefined;
  const [id = 0, timeoutSeconds = 0, maxAttempts = 0] = numbers;
  const [cookie, path] = [childText(sticky, 'Cookie'), childText(sticky, 'Path')];
  return { id, name, stickySession, cookie, path, remove, force, timeoutSeconds, maxAttempts };
}

const XML_NODE_FIELDS = [
  'Balancer',
  'JVMRoute',
  'LBGroup',
  'Host',
  'Port',
  'Type',
  'FlushPackets',
  'FlushWait',
  'Ping',
  'Smax',
  'Ttl',
  'Timeout',
];

function xmlNode(element: XmlElement): DumpNode | undefined {
  const id = element.attributes.get('id');
  return nodeOf(
    id,
    id,
    XML_NODE_FIELDS.map((name) => childText(element, name)),
  );
}

function xmlHost(element: XmlElement): DumpHost | undefined {
  const alias = element.attributes.get('alias');
  const numbers = integers([element.attributes.get('id'), childText(element, 'Vhost'), childText(element, 'Node')]);
  if (alias === undefined || numbers === undefined) return undefined;
  const [slot = 0, vhost = 0, node = 0] = numbers;
  return { slot, alias, vhost, node };
}

function xmlContext(element: XmlElement): DumpContext | undefined {
  const path = element.attributes.get('path');
  const slot = integer(element.attributes.get('id'));
  const numbers = integers([childText(element, 'Vhost'), childText(element, 'Node')]);
  const status = statusOf(childText(element, 'Status').trim());
  if (path === undefined || slot === undefined || numbers === undefined || status === undefined) return undefined;
  const [vhost = 0, node = 0] = numbers;
  return { slot, path, vhost, node, status };
}
