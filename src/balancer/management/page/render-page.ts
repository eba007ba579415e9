import { balancersOf } from '../../../core/cluster/state.ts';
import { textOf } from '../../../core/mcmp/bytes.ts';
import { RELEASE } from '../../../core/mcmp/release.ts';
import type { Shared } from '../../shared.ts';
import { linkTo, type PageView } from './arguments.ts';
import { type Html, html, joined, NOTHING } from './html.ts';
import type { Notice } from './notices.ts';
import { noContexts, type Overview, overviewOf } from './overview.ts';
import { renderDomain } from './render-node.ts';
import { renderSummary } from './render-summary.ts';
import { type Selection, selectNodes } from './selection.ts';
import { age, count, counted } from './words.ts';

export interface PageState {
  readonly view: PageView;
  readonly notice: Notice | undefined;
  /** Whether whoever asked may change something, perhaps with a token that the browser will ask for. */
  readonly mayChange: boolean;
  readonly formToken: string;
  /** Arguments for the links of old tools; empty where GET changes nothing. */
  readonly nonce: string;
}

const REFRESH_CHOICES = [
  [0, 'off'],
  [10, '10 s'],
  [30, '30 s'],
] as const;

/** What of a balancer the page shows. */
export type Seen = Pick<Shared, 'cluster' | 'options' | 'clock' | 'startedMs' | 'routes'>;

/** The manager page. */
export function renderPage(shared: Seen, state: PageState): { title: string; tone: 'good' | 'bad'; body: Html } {
  const { cluster, options } = shared;
  const overview = overviewOf(cluster.state, options.useAlias);
  const selection = selectNodes(cluster.state, state.view.filter, state.view.page);
  const view = { ...state.view, page: selection.page };
  const troubles = overview.trouble.nodeCount + overview.trouble.contextCount;
  const body = html`<a class="skip" href="#nodes">Skip to the nodes</a>
${topOf(shared, view, state.nonce)}
<main>${noticeOf(state.notice, view)}${renderSummary(overview, selection, view)}
${nodesSection(shared, state, view, overview, selection)}${balancersTable(shared)}</main>`;
  const title = `${troubles === 0 ? '' : `${counted(troubles, 'problem')} · `}mcmp balancer`;
  return { title, tone: troubles === 0 ? 'good' : 'bad', body };
}

function topOf(shared: Seen, view: PageView, nonce: string): Html {
  const { clock, cluster, startedMs } = shared;
  const time = new Date(clock.wallMs).toISOString().slice(11, 19);
  const refresh = REFRESH_CHOICES.map(([seconds, words]) => {
    const current = view.refreshSeconds === seconds ? html` aria-current="true"` : NOTHING;
    return html`<li><a href="${linkTo({ ...view, refreshSeconds: seconds })}"${current}>${words}</a></li>`;
  });
  return html`<header class="top"><div><h1>mcmp balancer</h1>
<p class="soft">${RELEASE} · dialect ${cluster.dialect.name} · up ${age(clock.nowMs - startedMs)} · as of ${time} UTC</p></div>
<nav class="links" aria-label="Views"><span class="soft" id="refresh">Auto refresh</span><ul aria-labelledby="refresh">${refresh}</ul>
<ul aria-label="As data">${dataLinks(shared, nonce)}</ul></nav></header>
`;
}

function dataLinks({ routes }: Seen, nonce: string): Html {
  const given = nonce === '' ? '' : `nonce=${nonce}&`;
  const links: (readonly [href: string, words: string])[] = [
    [`?${given}Cmd=INFO&Range=ALL`, 'INFO'],
    [`?${given}Cmd=DUMP&Range=ALL`, 'DUMP'],
  ];
  if (routes.has('/api/v1/state')) links.push(['/api/v1/state', 'JSON']);
  if (routes.has('/metrics')) links.push(['/metrics', 'Metrics']);
  return joined(links.map(([href, words]) => html`<li><a href="${href}">${words}</a></li>`));
}

function noticeOf(notice: Notice | undefined, view: PageView): Html {
  if (notice === undefined) return NOTHING;
  const role = notice.tone === 'done' ? 'status' : 'alert';
  return html`<div class="notice ${notice.tone}"><p role="${role}">${notice.text}</p><a href="${linkTo(view)}">Close</a></div>`;
}

function nodesSection(shared: Seen, state: PageState, view: PageView, overview: Overview, selection: Selection): Html {
  if (overview.nodeCount === 0) return emptyCluster(shared);
  const context = { nowMs: shared.clock.wallMs, mayChange: state.mayChange };
  const domains = selection.domains.map((domain) => {
    const counts = overview.domains.get(domain.domain) ?? { nodes: 0, contexts: noContexts() };
    return renderDomain(domain, counts, context);
  });
  const readOnly = state.mayChange
    ? NOTHING
    : html`<p class="soft">From here you can only look: changes from other machines need mcmp serve --token-file.</p>`;
  return html`<section aria-labelledby="nodes"><div class="bar"><div><h2 id="nodes">Nodes</h2>
<p class="soft">${shownWords(view, overview, selection)}</p>${readOnly}</div>${filterForm(view)}</div>
<form method="post"><input type="hidden" name="token" value="${state.formToken}">${domains}</form>
${pagesOf(view, selection)}</section>
`;
}

function shownWords(view: PageView, overview: Overview, selection: Selection): string {
  const { nodesMatching, contextsMatching, nodesShown, contextsShown } = selection;
  const found = `${counted(nodesMatching, 'node')} and ${counted(contextsMatching, 'context')}`;
  const matching =
    view.filter === ''
      ? `${found}.`
      : `${found} match, of ${counted(overview.nodeCount, 'node')} and ${counted(overview.contextCount, 'context')}.`;
  const hiddenNodes = nodesMatching - nodesShown;
  const hiddenContexts = contextsMatching - contextsShown;
  if (hiddenNodes + hiddenContexts === 0) return matching;
  const hidden = `${counted(hiddenNodes, 'node')} and ${counted(hiddenContexts, 'context')}`;
  return `${matching} ${hidden} of these are not shown on this page.`;
}

function filterForm(view: PageView): Html {
  const refresh =
    view.refreshSeconds === 0 ? NOTHING : html`<input type="hidden" name="refresh" value="${view.refreshSeconds}">`;
  const all = { ...view, filter: '', page: 1 };
  const clear = view.filter === '' ? NOTHING : html` <a class="button" href="${linkTo(all)}">Clear</a>`;
  return html`<form class="filter" role="search"><label for="filter">Filter</label>
<input type="search" id="filter" name="filter" value="${view.filter}" placeholder="node, context, host, state" autocomplete="off">${refresh}
<button>Filter</button>${clear}</form>`;
}

function pagesOf(view: PageView, { page, pageCount }: Selection): Html {
  if (pageCount === 1) return NOTHING;
  const link = (to: number, words: string): Html =>
    to < 1 || to > pageCount ? NOTHING : html`<a class="button" href="${linkTo({ ...view, page: to })}">${words}</a>`;
  return html`<nav class="pages" aria-label="Pages">${link(page - 1, 'Previous')}
<span>Page ${count(page)} of ${count(pageCount)}</span>${link(page + 1, 'Next')}</nav>`;
}

function emptyCluster({ options }: Seen): Html {
  const peers = options.mcmpAllow.includes('any') ? 'Every address' : options.mcmpAllow.join(', ');
  return html`<section aria-labelledby="nodes"><h2 id="nodes">Nodes</h2>
<p>No node has registered yet. Nodes send CONFIG to the address of this page.</p>
<p class="soft">Addresses that may register (--mcmp-allow): ${peers}. To see one here, run: <span class="mono">mcmp node-sim</span></p></section>
`;
}

const BALANCER_COLUMNS = [
  'Balancer',
  'Sticky sessions',
  'Session names',
  'Waits for a node',
  'Further attempts',
] as const;

function balancersTable({ cluster }: Seen): Html {
  if (cluster.state.balancers.count === 0) return NOTHING;
  const rows: Html[] = [];
  for (const balancer of balancersOf(cluster.state)) {
    const sticky = [balancer.stickySession ? 'on' : 'off'];
    if (balancer.stickySessionForce) sticky.push('forced: no other node takes over');
    if (balancer.stickySessionRemove) sticky.push('removed when another node takes over');
    const cells = [
      sticky.join(', '),
      `cookie ${textOf(balancer.stickySessionCookie)}, path ${textOf(balancer.stickySessionPath)}`,
      `${count(balancer.waitWorkerSeconds)} s`,
      count(balancer.maxAttempts),
    ].map((text, index) => html`<td data-label="${BALANCER_COLUMNS[index + 1] ?? ''}">${text}</td>`);
    rows.push(html`<tr><th scope="row">${textOf(balancer.name)}</th>${cells}</tr>`);
  }
  const heads = BALANCER_COLUMNS.map((name) => html`<th scope="col">${name}</th>`);
  return html`<section aria-labelledby="balancers"><h2 id="balancers">Balancers</h2>
<div class="balancers"><table><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div></section>`;
}
