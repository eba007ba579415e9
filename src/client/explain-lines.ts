import type { ExplainedCandidate, ExplainedSession } from '../core/routing/index.ts';
import { escapeForTerminal } from '../core/text.ts';
import { BRANDS } from './brand.ts';
import type { ExplainReport, ExplainRequest } from './explain.ts';
import { loadWords } from './show.ts';
import { type Column, tableLines } from './table.ts';

const SOURCES = {
  balancer: 'its own word',
  tables: 'worked out from its INFO and DUMP',
  file: 'worked out from the file',
} as const satisfies Record<ExplainReport['source'], string>;

const CANDIDATE_COLUMNS: readonly Column<ExplainedCandidate & { readonly chosen: boolean }>[] = [
  { title: '', value: ({ chosen }) => (chosen ? '>' : '') },
  { title: 'NODE', value: ({ node }) => node },
  { title: 'BALANCER', value: ({ balancer }) => balancer },
  { title: 'DOMAIN', value: ({ domain }) => domain || '-' },
  { title: 'CONTEXT', value: ({ status }) => status },
  { title: 'LOAD', align: 'right', value: ({ load }) => loadWords(load) },
  { title: 'ELECTED', align: 'right', value: ({ elected }) => elected },
  { title: 'SCORE', align: 'right', value: ({ value }) => value ?? '-' },
  { title: 'WHY', value: ({ why }) => why },
];

/** An explanation for people: the facts from top to bottom, the verdict at the end. */
export function explanationLines(request: ExplainRequest, report: ExplainReport): string[] {
  const { explanation } = report;
  const { host, path, prefixes, context, sessions, candidates, winner } = explanation;
  const who = `${BRANDS[report.brand].words}${report.version === '' ? '' : ` ${report.version}`}`;
  const tried = prefixes.map(({ prefix }) => prefix);
  const facts: (readonly [string, string])[] = [
    ['request', `${request.method} ${path.target}`],
    ['asked', `${who}: ${SOURCES[report.source]}`],
    ['host', hostWords(host)],
    ['path', path.matched === null ? 'cannot be read safely' : path.matched],
    ['context', context === null ? `none; tried ${tried.join(', ') || 'nothing'}` : contextWords(context, tried)],
    ...sessions.map(
      (session) =>
        [sessions.length === 1 ? 'session' : `session (${session.balancer})`, sessionWords(session)] as const,
    ),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const rows = candidates.map((candidate) => ({ ...candidate, chosen: candidate.node === winner }));
  return [
    ...facts.map(([name, value]) => `${name.padEnd(width)}  ${escapeForTerminal(value)}`),
    ...(rows.length === 0 ? [] : ['', ...tableLines(CANDIDATE_COLUMNS, rows)]),
    '',
    verdict(report),
    ...report.caveats.map((caveat) => `note: ${caveat}`),
  ];
}

function verdict({ explanation: { winner, reason, status, words } }: ExplainReport): string {
  const answer = winner === null ? `no node, ${status}` : escapeForTerminal(winner);
  return `=> ${answer}: ${reason} (${words})`;
}

function hostWords({ asked, name, aliasesUsed, found }: ExplainReport['explanation']['host']): string {
  const said = asked === '' ? 'none was named' : name;
  if (!aliasesUsed) return `${said}; any will do, aliases are not used`;
  return `${said}; ${found ? 'a virtual host has this alias' : 'no virtual host has this alias'}`;
}

function contextWords(context: string, tried: readonly string[]): string {
  const before = tried.filter((prefix) => prefix !== context);
  return before.length === 0 ? context : `${context}; nothing at ${before.join(', ')}`;
}

function sessionWords({ source, name, id, route, words }: ExplainedSession): string {
  if (source === 'none') return words;
  return `${source} ${name}=${id}${route === '' ? '' : `, route ${route}`}: ${words}`;
}
