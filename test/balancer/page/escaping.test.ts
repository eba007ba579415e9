import fc from 'fast-check';
import { expect, it } from 'vitest';
import { html } from '../../../src/balancer/management/page/html.ts';
import { httpdText } from '../../../src/balancer/management/page/httpd-text.ts';
import { effectOf, findTarget, type Order } from '../../../src/balancer/management/page/order.ts';
import { renderConfirmation } from '../../../src/balancer/management/page/render-confirmation.ts';
import { renderPage } from '../../../src/balancer/management/page/render-page.ts';
import { bytesOf } from '../../../src/core/mcmp/bytes.ts';
import { LOOK, register, seenCluster, set } from './seen.ts';
import { structureOf, tokensOf } from './tokens.ts';

/** What would do something if it were read as anything but text. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '</title></style></textarea><b>',
  '<!--',
  '-->',
  '&lt;b&gt;',
  '&#60;b&#62;',
  '`onload=alert(1)`',
  'javascript:alert(1)',
  'data:text/html,<b>',
  '\u0000\u001b[31m\r\nX: y',
  '\u202ecba\u2066',
  '\u00ff\u00fe<',
  '" formaction="http://evil.example',
  '=&%3Cb%3E+',
];

const bytes = fc.oneof(
  fc.constantFrom(...HOSTILE).map(bytesOf),
  fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 12 })
    .map((codes) => String.fromCharCode(...codes)),
);
/** Different in letters, so that they name different things whatever their case. */
const word = (mark: string) => bytes.map((text) => `${mark}${text}`);

const strings = fc.record({
  route: word('r'),
  other: word('o'),
  domain: word('d'),
  host: word('h'),
  type: word('t'),
  balancer: word('b'),
  cookie: word('c'),
  path: word('p'),
  alias: word('a'),
  context: word('/x'),
  stopped: word('/y'),
  reason: word('e'),
  filter: word(''),
  notice: word('n'),
});

type Strings = typeof strings extends fc.Arbitrary<infer T> ? T : never;

const HARMLESS: Strings = {
  route: 'r',
  other: 'o',
  domain: 'd',
  host: 'h',
  type: 't',
  balancer: 'b',
  cookie: 'c',
  path: 'p',
  alias: 'a',
  context: '/x',
  stopped: '/y',
  reason: 'e',
  filter: '',
  notice: 'n',
};

/** The page and the question of a cluster in which every string of a peer is one of these. */
function pagesWith(text: Strings): { page: string; question: string; plain: string } {
  const seen = seenCluster();
  const { cluster } = seen;
  const shape = {
    node: { domain: text.domain, host: text.host, type: text.type },
    balancer: { name: text.balancer, stickySessionCookie: text.cookie, stickySessionPath: text.path },
    aliases: [text.alias],
  };
  register(cluster, text.route, { ...shape, contexts: [text.context] });
  register(cluster, text.other, { ...shape, contexts: [text.stopped] });
  set(cluster, 'STOP-APP', text.other, [text.stopped], [text.alias]);
  cluster.apply({ kind: 'NODE-DOWN', route: text.other, reason: text.reason }, { by: 'health' });
  const order: Order = {
    command: 'STOP-APP',
    range: 'CONTEXT',
    route: text.route,
    alias: text.alias,
    context: text.context,
    domain: text.domain,
  };
  const target = findTarget(cluster.state, order);
  if (typeof target === 'string') throw new Error(target);
  const notice = { tone: 'refused', text: text.notice } as const;
  const view = { ...LOOK.view, refreshSeconds: 30 };
  const page = renderPage(seen, { ...LOOK, view, notice });
  const shown = renderPage(seen, { ...LOOK, view: { ...view, filter: text.filter }, notice });
  const title = html`<title>${page.title}</title>`;
  // Of the filtered page only the head up to the nodes: which nodes match differs from filter to filter.
  const filtered = shown.body.html.slice(shown.body.html.indexOf('<form class="filter"')).split('</form>')[0] ?? '';
  return {
    page: `${title.html}${page.body.html}${filtered.replace(/ <a class="button".*/, '')}`,
    question: renderConfirmation(order, effectOf(cluster.state, order, target, false), 'form-token', '?').html,
    plain: httpdText(cluster.state, '', text.notice),
  };
}

it('no string of a peer changes the structure of any page, wherever it stands (CVE-2015-0298, CVE-2023-6710)', () => {
  const expected = pagesWith(HARMLESS);
  const [page, question] = [structureOf(expected.page), structureOf(expected.question)];
  expect(page.length).toBeGreaterThan(100);
  fc.assert(
    fc.property(strings, (text) => {
      const hostile = pagesWith(text);
      expect(sorted(structureOf(hostile.page))).toBe(sorted(page));
      expect(structureOf(hostile.question)).toEqual(question);
      for (const made of [hostile.page, hostile.question]) {
        expect(made).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        for (const token of tokensOf(made)) {
          if (token.kind !== 'open') continue;
          for (const [name, value] of token.attributes) {
            if (name === 'href') expect(value).toMatch(/^[?#/]/);
            expect(name).not.toMatch(/^on|^style$|^src$|^formaction$/);
          }
        }
      }
      // One line stays one line, so that nobody can write lines of his own into the text for tools.
      expect(hostile.plain.split('\n')).toHaveLength(expected.plain.split('\n').length);
    }),
    { seed: 60_615, numRuns: 60 },
  );
});

/** Rows are sorted by names; what they are made of is the same. */
function sorted(structure: readonly string[]): string {
  return [...structure].sort().join('\n');
}

it('shows every string of a peer, so that the test above looks at all of them', () => {
  const marked = Object.fromEntries(
    Object.keys(HARMLESS).map((name) => [name, `${HARMLESS[name as keyof Strings]}-${name}`]),
  );
  const { page, question, plain } = pagesWith({ ...HARMLESS, ...marked });
  const text = tokensOf(page)
    .map((token) => (token.kind === 'text' ? token.text : ''))
    .join('');
  for (const [name, value] of Object.entries(marked)) if (name !== 'filter') expect(text).toContain(value);
  expect(page).toContain(`value="${marked['filter']}"`);
  expect(question).toContain(`${marked['context']} on ${marked['route']}`);
  expect(plain).toContain(marked['notice']);
});

it('the template escapes what is no HTML, in text and in attributes', () => {
  const made = html`<p title="${'a"b'}">${'<i>'}${html`<b>${'&'}</b>`}${[html`<u></u>`, html`<s></s>`]}${7}</p>`;
  expect(made.html).toBe('<p title="a&quot;b">&lt;i&gt;<b>&amp;</b><u></u><s></s>7</p>');
});
