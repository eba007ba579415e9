import { textOf } from '../../../core/mcmp/bytes.ts';
import { linkTo, type PageView } from './arguments.ts';
import { type Html, html, joined, NOTHING } from './html.ts';
import type { Overview, Trouble } from './overview.ts';
import type { Selection } from './selection.ts';
import { CONTEXT_STATUSES, count, counted, NODE_CONDITIONS, troubleOf } from './words.ts';

/** How the whole cluster is, what is wrong with it first. */
export function renderSummary(overview: Overview, selection: Selection, view: PageView): Html {
  if (overview.nodeCount === 0) return NOTHING;
  const nodes = Object.entries(NODE_CONDITIONS).map(([name, { letter, word }]) => {
    const mark = html`<b aria-hidden="true">${letter}</b>`;
    return tally(view, name, mark, word, countOf(overview.nodes, name));
  });
  const contexts = Object.entries(CONTEXT_STATUSES).map(([name, word]) =>
    tally(view, name, NOTHING, word, countOf(overview.contexts, name)),
  );
  return html`<section aria-labelledby="summary"><h2 id="summary">Summary</h2><dl class="tallies">
<dt>Nodes</dt><dd><span class="total">${count(overview.nodeCount)}</span>${nodes}</dd>
<dt>Contexts</dt><dd><span class="total">${count(overview.contextCount)}</span>${contexts}</dd>
<dt>In flight</dt><dd><span class="total">${count(overview.inFlight)}</span></dd></dl>
${troubleList(overview.trouble, selection, view)}</section>
`;
}

function countOf(counts: Readonly<Record<string, number>>, name: string): number {
  return counts[name] ?? 0;
}

/** A count that leads to what it counts. */
function tally(view: PageView, name: string, mark: Html, word: string, value: number): Html {
  const words = html`${mark}${count(value)} ${word.toLowerCase()}`;
  if (value === 0) return html`<span class="tag none">${words}</span>`;
  return html`<a class="tag ${name}" href="${linkTo({ ...view, filter: word.toLowerCase(), page: 1 })}">${words}</a>`;
}

function troubleList(trouble: Trouble, selection: Selection, view: PageView): Html {
  if (trouble.nodeCount + trouble.contextCount === 0) return NOTHING;
  const onPage = new Set(selection.domains.flatMap(({ nodes }) => nodes.map(({ node }) => node)));
  const items = trouble.nodes.map((node) => {
    const route = textOf(node.route);
    const href = onPage.has(node) ? `#node-${node.slot}` : linkTo({ ...view, filter: route, page: 1 });
    return html`<li><a href="${href}">${route}</a> <span>in error: ${textOf(troubleOf(node))}</span></li>`;
  });
  if (trouble.nodeCount > items.length) {
    const more = linkTo({ ...view, filter: NODE_CONDITIONS.error.word.toLowerCase(), page: 1 });
    items.push(html`<li><a href="${more}">${counted(trouble.nodeCount - items.length, 'more node')} in error</a></li>`);
  }
  for (const { path } of trouble.contexts) {
    const name = textOf(path);
    const href = linkTo({ ...view, filter: name, page: 1 });
    items.push(html`<li><a href="${href}">${name}</a> <span>no node takes new requests for it</span></li>`);
  }
  const unlisted = trouble.contextCount - trouble.contexts.length;
  if (unlisted > 0) items.push(html`<li>${counted(unlisted, 'more context')} that no node takes new requests for</li>`);
  return html`<div class="trouble"><h3>Problems</h3><ul>${joined(items)}</ul></div>`;
}
