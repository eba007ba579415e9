import type { WholeAnswer } from '../route.ts';
import { type Html, html, NOTHING } from './html.ts';
import { STYLE, STYLE_SOURCE } from './style.ts';

/** The frame of every page: head, headers, and the pages that say one thing. */

/** What the tab shows: whether all is well, or not. Ours to the last letter, so it needs no escaping. */
const ICONS = { good: icon('2da44e'), bad: icon('cf222e') } as const satisfies Record<string, Html>;

function icon(colour: string): Html {
  const picture = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='#${colour}'/></svg>`;
  return { html: `data:image/svg+xml,${encodeURIComponent(picture)}` };
}

const STYLE_ELEMENT: Html = { html: `<style>${STYLE}</style>` };

/**
 * Whatever a peer's string did to the page: no script runs, nothing is loaded, no form goes elsewhere, nobody frames it.
 * The referrer goes nowhere else either; to ourselves it has to, or browsers would send our own forms from the origin
 * `null` (see `whyNotChange`).
 */
const HEADERS: readonly (readonly [string, string])[] = [
  ['Content-Type', 'text/html; charset=utf-8'],
  [
    'Content-Security-Policy',
    `default-src 'none'; style-src ${STYLE_SOURCE}; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  ],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'same-origin'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Cache-Control', 'no-store'],
];

export interface PageParts {
  readonly title: string;
  readonly tone: keyof typeof ICONS;
  readonly body: Html;
}

export function pageAnswer(
  status: number,
  { title, tone, body }: PageParts,
  headers: readonly (readonly [string, string])[] = [],
): WholeAnswer {
  const text = html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="${ICONS[tone]}">${STYLE_ELEMENT}</head>
<body>${body}</body></html>
`;
  return { kind: 'whole', status, headers: [...HEADERS, ...headers], body: text.html };
}

/**
 * A page that says why something was not done.
 *
 * @param back query of the link back to the page
 */
export function refusalPage(
  status: number,
  words: { readonly heading: string; readonly text: string; readonly hint?: string },
  back: string,
  headers: readonly (readonly [string, string])[] = [],
): WholeAnswer {
  const hint = words.hint === undefined ? NOTHING : html`<p>${words.hint}</p>`;
  const body = html`<main class="ask"><h1>${words.heading}</h1>
<p>${words.text}</p>${hint}
<p class="acts"><a class="button" href="${back}">Back to the page</a></p></main>`;
  return pageAnswer(status, { title: words.heading, tone: 'bad', body }, headers);
}
