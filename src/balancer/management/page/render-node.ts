import type { ContextRecord, ContextStatus } from '../../../core/cluster/records.ts';
import { encodeValue } from '../../../core/mcmp/body.ts';
import { textOf } from '../../../core/mcmp/bytes.ts';
import type { AppCommandName } from '../../../core/mcmp/types.ts';
import { type Html, html, NOTHING } from './html.ts';
import { type Order, orderHead, writeOrder } from './order.ts';
import { type DomainCounts, type StatusCounts, statusCountsOf } from './overview.ts';
import type { ShownDomain, ShownNode, ShownVhost } from './selection.ts';
import {
  age,
  bytes,
  CONTEXT_STATUSES,
  conditionOf,
  count,
  counted,
  NODE_CONDITIONS,
  settingsOf,
  troubleOf,
} from './words.ts';

export interface NodeContext {
  readonly nowMs: number;
  /** Whether there are buttons: not for who may only look. */
  readonly mayChange: boolean;
}

/** Where nothing more is said. */
const NOWHERE = { route: '', alias: '', context: '', domain: '' };

/** Which commands make sense for a context; always two, so that the buttons stand below each other. */
const COMMANDS_FOR = {
  ENABLED: ['DISABLE-APP', 'STOP-APP'],
  DISABLED: ['ENABLE-APP', 'STOP-APP'],
  STOPPED: ['ENABLE-APP', 'DISABLE-APP'],
} as const satisfies Record<ContextStatus, readonly AppCommandName[]>;

const VERBS = {
  'ENABLE-APP': 'Enable',
  'DISABLE-APP': 'Disable',
  'STOP-APP': 'Stop',
  'REMOVE-APP': 'Remove',
} as const satisfies Record<AppCommandName, string>;

export function verbOf(command: AppCommandName): string {
  return VERBS[command];
}

/** A domain with those of its nodes that are on this page. @param counts of the whole domain */
export function renderDomain(shown: ShownDomain, counts: DomainCounts, context: NodeContext): Html {
  const domain = textOf(shown.domain);
  const name = domain === '' ? 'Without a domain' : html`Domain <span class="mono">${domain}</span>`;
  const order = { range: 'DOMAIN', ...NOWHERE, domain: shown.domain } as const;
  const acts =
    domain === '' || !context.mayChange
      ? NOTHING
      : rangeButtons(order, counts.contexts, `all contexts of domain ${domain}`);
  return html`<div class="domain"><h3>${name}</h3><p class="soft">${counted(counts.nodes, 'node')}</p>${acts}</div>
${shown.nodes.map((node) => renderNode(node, context))}`;
}

function renderNode(shown: ShownNode, context: NodeContext): Html {
  const { node } = shown;
  const condition = conditionOf(node);
  const { letter, word, describe } = NODE_CONDITIONS[condition];
  const route = textOf(node.route);
  const order = { range: 'NODE', ...NOWHERE, route: node.route } as const;
  const acts =
    shown.contextCount === 0 || !context.mayChange
      ? NOTHING
      : rangeButtons(order, statusCountsOf(node), `all contexts of node ${route}`);
  const trouble = condition === 'error' ? html`<p class="bad">${sentence(textOf(troubleOf(node)))}</p>` : NOTHING;
  return html`<article class="node ${condition}" id="node-${node.slot}" aria-labelledby="name-${node.slot}"><header>
<div class="name"><span class="tag ${condition}" title="${describe}"><b aria-hidden="true">${letter}</b>${word}</span>
<h4 id="name-${node.slot}">${route}</h4><span class="mono soft">${textOf(`${node.type}://${node.host}:${node.port}`)}</span>${acts}</div>
${trouble}<dl class="facts">${facts(shown, context.nowMs)}</dl>
<p class="small soft">${sentence(settingsOf(node))}</p></header>${contextTable(shown, context)}</article>
`;
}

function facts({ node }: ShownNode, nowMs: number): Html {
  const { counters } = node;
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['Load', count(node.load)],
    ['Elected', count(counters.elected)],
    ['In flight', count(counters.inFlight)],
    ['Read', bytes(counters.readBytes)],
    ['Sent', bytes(counters.transferredBytes)],
    ['Last heard', `${age(nowMs - node.lastHeardMs)} ago`],
  ];
  const pairs = rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return html`${pairs}<div class="wide"><dt>Balancer</dt><dd>${textOf(node.balancer.name)}</dd></div>`;
}

function contextTable(shown: ShownNode, context: NodeContext): Html {
  const { node, vhosts, contextCount, matching, shown: shownCount } = shown;
  if (contextCount === 0) return html`<p class="rest soft">No contexts.</p>`;
  const hidden = contextCount - shownCount;
  const why = matching > shownCount ? 'too many for a page: filter them' : 'the filter leaves them out';
  const rest = hidden === 0 ? NOTHING : html`<p class="rest soft">${counted(hidden, 'more context')}: ${why}.</p>`;
  if (shownCount === 0) return rest;
  const acts = context.mayChange ? html`<th scope="col"><span class="skip">Actions</span></th>` : NOTHING;
  return html`<table class="contexts" aria-label="Contexts of ${textOf(node.route)}">
<thead><tr><th scope="col">Context</th><th scope="col">Status</th><th scope="col" class="number">In flight</th>${acts}</tr></thead>
${vhosts.map((vhost) => vhostRows(vhost, context))}</table>${rest}`;
}

function vhostRows({ vhost, contexts }: ShownVhost, { mayChange }: NodeContext): Html {
  const [first] = vhost.aliases;
  const names = vhost.aliases.map(({ name }) => textOf(name)).join(', ');
  const columns = mayChange ? 4 : 3;
  const { route } = vhost.node;
  // The same for all rows, of which there may be a thousand.
  const order = first === undefined ? undefined : html`${orderHead(route, first.name)}`;
  const rows = contexts.map((row) => contextRow(row, textOf(route), mayChange, order));
  return html`<tbody><tr><th colspan="${columns}" scope="rowgroup">${vhost.aliases.length === 1 ? 'Host' : 'Hosts'} ${names}</th></tr>
${rows}</tbody>`;
}

/** @param order how the orders of its buttons end, up to the path; undefined: it cannot be named, as its host has no alias */
function contextRow(context: ContextRecord, route: string, mayChange: boolean, order: Html | undefined): Html {
  const { status, inFlight } = context;
  const path = html`${textOf(context.path)}`;
  const encoded = encodeValue(context.path);
  const buttons =
    order === undefined
      ? NOTHING
      : COMMANDS_FOR[status].map(
          (command) =>
            html`<button name="order" value="Cmd=${command}&amp;${order}${encoded}" aria-label="${VERBS[command]} ${path} on ${route}">${VERBS[command]}</button>`,
        );
  const acts = mayChange ? html`<td><div class="acts">${buttons}</div></td>` : NOTHING;
  return html`<tr><td class="mono">${path}</td><td><span class="tag ${status}">${CONTEXT_STATUSES[status]}</span></td><td class="number">${count(inFlight)}</td>${acts}</tr>
`;
}

/** Buttons for many contexts at once: those that would change some. */
function rangeButtons(order: Omit<Order, 'command'>, counts: StatusCounts, place: string): Html {
  const commands: AppCommandName[] = [];
  if (counts.DISABLED + counts.STOPPED > 0) commands.push('ENABLE-APP');
  if (counts.ENABLED > 0) commands.push('DISABLE-APP');
  if (counts.ENABLED + counts.DISABLED > 0) commands.push('STOP-APP');
  if (commands.length === 0) return NOTHING;
  // Who hears the page instead of seeing it is told what the button is for.
  const buttons = commands.map(
    (command) =>
      html`<button name="order" value="${writeOrder({ ...order, command })}" aria-label="${VERBS[command]} all: ${place}">${VERBS[command]} all</button>`,
  );
  return html`<div class="acts">${buttons}</div>`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
