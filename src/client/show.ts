import { textOf } from '../core/mcmp/bytes.ts';
import type { DumpBalancer, DumpContext, DumpHost, DumpNode, DumpView } from '../core/mcmp/dump.ts';
import type { InfoContext, InfoNode, InfoView } from '../core/mcmp/info.ts';
import type { ReplyReading } from '../core/mcmp/reply.ts';
import { escapeForTerminal } from '../core/text.ts';
import { headerOf } from './answer.ts';
import type { McmpAnswer } from './client.ts';
import type { Decoded } from './decode.ts';
import { refusalHint } from './refusal-hint.ts';
import { type Column, tableLines } from './table.ts';

/**
 * An answer for people, without colours.
 * @param asSent whether a body is shown as it came instead of being decoded
 */
export function answerLines(
  answer: McmpAnswer,
  asSent: boolean,
): { readonly headline: string; readonly lines: readonly string[] } {
  const { status, statusText, elapsedMs, body } = answer;
  const parts = [`${status} ${statusText}`.trim(), headerOf(answer, 'server'), `${Math.round(elapsedMs)} ms`];
  const problems = 'problems' in answer.decoded ? answer.decoded.problems : [];
  return {
    headline: escapeForTerminal(parts.filter((part) => part !== '').join(', ')),
    lines: [
      ...(asSent && status === 200 && body !== ''
        ? body.trimEnd().split(/\r?\n/).map(shown)
        : showDecoded(answer.decoded)),
      ...problems.map(({ line, message }) => `cannot be read: ${line === 0 ? '' : `line ${line}: `}${message}`),
    ],
  };
}

function showDecoded(decoded: Decoded): string[] {
  switch (decoded.form) {
    case 'done':
      return ['done; the answer has no body'];
    case 'reply':
      return showReply(decoded.reply);
    case 'info':
      return showInfo(decoded.info);
    case 'dump':
      return showDump(decoded.dump);
    case 'version':
      return [`release   ${shown(decoded.release)}`, `protocol  ${shown(decoded.protocol)}`];
    case 'refusal':
      return showRefusal(decoded.type, decoded.mess);
    case 'unreadable':
      return ['the answer has a form that no MCMP implementation uses; see it with --raw'];
  }
}

/** Reference §3.8 in words. */
export function loadWords(load: number): string {
  if (load === 0) return '0 standby';
  return load < 0 ? `${load} error` : String(load);
}

function shown(bytes: string): string {
  return escapeForTerminal(textOf(bytes));
}

function showRefusal(type: string, mess: string): string[] {
  const hint = refusalHint(mess);
  return [
    `refused: ${shown(mess === '' ? 'without a word' : mess)}${type === '' ? '' : ` (Type ${shown(type)})`}`,
    ...(hint === undefined ? [] : [hint]),
  ];
}

function showReply({ type, route, state, id, requests, processed }: ReplyReading): string[] {
  const facts: (readonly [string, string | number | undefined])[] = [
    ['type', type],
    ['JVMRoute', route],
    ['State', stateWords(state)],
    ['Requests', requests],
    ['id', id],
    ...processed.map(({ alias, contexts }) => ['alias', `${alias}: ${contexts.join(', ')}`] as const),
  ];
  const lines: string[] = [];
  for (const [name, value] of facts) if (value !== undefined) lines.push(`${name.padEnd(8)}  ${shown(String(value))}`);
  return lines;
}

function stateWords(state: string | undefined): string | undefined {
  return state === 'NOTOK' ? 'NOTOK: the balancer does not reach it, or does not know it' : state;
}

const NODE_COLUMNS: readonly Column<InfoNode>[] = [
  { title: 'NODE', value: ({ name }) => textOf(name) },
  { title: 'BALANCER', value: ({ balancer }) => textOf(balancer) },
  { title: 'DOMAIN', value: ({ domain }) => textOf(domain) || '-' },
  { title: 'ADDRESS', value: ({ type, host, port }) => textOf(`${type}://${host}:${port}`) },
  { title: 'LOAD', align: 'right', value: ({ load }) => loadWords(load) },
  { title: 'ELECTED', align: 'right', value: ({ elected }) => elected },
  { title: 'BUSY', align: 'right', value: ({ connected }) => connected },
  { title: 'READ', align: 'right', value: ({ readBytes }) => readBytes },
  { title: 'SENT', align: 'right', value: ({ transferredBytes }) => transferredBytes },
];

interface PlacedContext extends InfoContext {
  readonly nodeName: string;
  readonly aliases: string;
}

const CONTEXT_COLUMNS: readonly Column<PlacedContext>[] = [
  { title: 'CONTEXT', value: ({ path }) => textOf(path) },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'NODE', value: ({ nodeName }) => textOf(nodeName) },
  { title: 'ALIASES', value: ({ aliases }) => textOf(aliases) },
];

function showInfo({ nodes, vhosts, contexts }: InfoView): string[] {
  if (nodes.length === 0) return ['no nodes'];
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const aliases = new Map<string, string[]>();
  for (const { node, vhost, alias } of vhosts) {
    const key = `${node}:${vhost}`;
    aliases.set(key, [...(aliases.get(key) ?? []), alias]);
  }
  const placed = contexts.map((context) => ({
    ...context,
    nodeName: names.get(context.node) ?? `[${context.node}]`,
    aliases: aliases.get(`${context.node}:${context.vhost}`)?.join(', ') ?? '-',
  }));
  placed.sort((a, b) => inOrder(a.path, b.path) || inOrder(a.nodeName, b.nodeName));
  return [...tableLines(NODE_COLUMNS, nodes), '', ...section(CONTEXT_COLUMNS, placed, 'no contexts')];
}

const BALANCER_COLUMNS: readonly Column<DumpBalancer>[] = [
  { title: 'BALANCER', value: ({ name }) => textOf(name) },
  { title: 'STICKY', value: ({ stickySession }) => yesNo(stickySession) },
  { title: 'COOKIE', value: ({ cookie }) => textOf(cookie) },
  { title: 'PATH', value: ({ path }) => textOf(path) },
  { title: 'REMOVE', value: ({ remove }) => yesNo(remove) },
  { title: 'FORCE', value: ({ force }) => yesNo(force) },
  { title: 'WAIT S', align: 'right', value: ({ timeoutSeconds }) => timeoutSeconds },
  { title: 'MAX ATTEMPTS', align: 'right', value: ({ maxAttempts }) => maxAttempts },
];

const SETTING_COLUMNS: readonly Column<DumpNode>[] = [
  { title: 'ID', align: 'right', value: ({ id }) => id },
  { title: 'NODE', value: ({ route }) => textOf(route) },
  { title: 'BALANCER', value: ({ balancer }) => textOf(balancer) },
  { title: 'DOMAIN', value: ({ domain }) => textOf(domain) || '-' },
  { title: 'ADDRESS', value: ({ type, host, port }) => textOf(`${type}://${host}:${port}`) },
  { title: 'FLUSH', value: ({ flushPackets }) => flushPackets },
  { title: 'WAIT MS', align: 'right', value: ({ flushWaitMs }) => flushWaitMs },
  { title: 'PING S', align: 'right', value: ({ pingSeconds }) => pingSeconds },
  { title: 'SMAX', align: 'right', value: ({ smax }) => smax },
  { title: 'TTL S', align: 'right', value: ({ ttlSeconds }) => ttlSeconds },
  { title: 'TIMEOUT S', align: 'right', value: ({ timeoutSeconds }) => timeoutSeconds },
];

const HOST_COLUMNS: readonly Column<DumpHost>[] = [
  { title: 'ALIAS', value: ({ alias }) => textOf(alias) },
  { title: 'NODE ID', align: 'right', value: ({ node }) => node },
  { title: 'VHOST', align: 'right', value: ({ vhost }) => vhost },
];

const DUMP_CONTEXT_COLUMNS: readonly Column<DumpContext>[] = [
  { title: 'CONTEXT', value: ({ path }) => textOf(path) },
  { title: 'STATUS', value: ({ status }) => status },
  { title: 'NODE ID', align: 'right', value: ({ node }) => node },
  { title: 'VHOST', align: 'right', value: ({ vhost }) => vhost },
];

function showDump({ balancers, nodes, hosts, contexts }: DumpView): string[] {
  return [
    ...section(BALANCER_COLUMNS, balancers, 'no balancers'),
    '',
    ...section(SETTING_COLUMNS, nodes, 'no nodes'),
    '',
    ...section(HOST_COLUMNS, hosts, 'no aliases'),
    '',
    ...section(DUMP_CONTEXT_COLUMNS, contexts, 'no contexts'),
  ];
}

function section<Row>(columns: readonly Column<Row>[], rows: readonly Row[], none: string): string[] {
  return rows.length === 0 ? [none] : tableLines(columns, rows);
}

function inOrder(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
