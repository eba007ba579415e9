import { bytesOf, textOf } from '../../core/mcmp/bytes.ts';
import type { ExplainedCandidate, ExplainedSession, Explanation } from '../../core/routing/explain.ts';
import { readQuery } from './query.ts';
import { errorOf, jsonAnswer, type ManagementRoute } from './route.ts';

/** `GET /api/v1/explain?url=…&header=Name:%20value…`: where a request would go, and why. Counts and changes nothing. */
export const explainRoute: ManagementRoute = {
  methods: ['GET'],
  describe: 'why a request would go where: ?url=/app/page&header=Cookie:%20...',
  answer({ shared, query }) {
    const read = readQuery(query, ['method', 'url', 'header']);
    if ('kind' in read) return read;
    const [url = '', ...more] = read.get('url') ?? [];
    if (url === '' || more.length > 0) {
      return errorOf(400, {
        code: 'MCMP_BAD_QUERY',
        error: more.length > 0 ? 'there is more than one url' : 'the parameter url is missing',
        hint: '/api/v1/explain?url=/app/page&header=Host:%20shop.example',
      });
    }
    const explanation = shared.routing.explain(requestOf(url, read.get('header') ?? []), shared.clock.wallMs);
    return jsonAnswer(200, { schemaVersion: 1, ...readable(explanation) });
  },
};

/**
 * The request that is asked about, in the bytes that it would have.
 *
 * @param url a path, or an absolute URL, which then names the host unless a header does
 * @param headers `Name: value`
 */
function requestOf(
  url: string,
  headers: readonly string[],
): { target: string; host: string; cookie: string; excluded: [] } {
  const absolute = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(url);
  let host: string | undefined;
  const cookies: string[] = [];
  for (const header of headers) {
    const colon = header.indexOf(':');
    const name = header.slice(0, Math.max(0, colon)).trim().toLowerCase();
    const value = header.slice(colon + 1).trim();
    if (name === 'cookie') cookies.push(value);
    else if (name === 'host') host ??= value;
  }
  const path = absolute?.[2] ?? url;
  return {
    target: bytesOf(path.startsWith('/') || path === '*' ? path : `/${path}`),
    host: bytesOf(host ?? absolute?.[1] ?? ''),
    cookie: bytesOf(cookies.join('; ')),
    excluded: [],
  };
}

/** The explanation with every byte string as people read it. */
function readable(explanation: Explanation): Explanation {
  const { host, path, prefixes, context, sessions, candidates, winner } = explanation;
  return {
    ...explanation,
    host: { ...host, asked: textOf(host.asked), name: textOf(host.name) },
    path: { target: textOf(path.target), matched: textOrNull(path.matched) },
    prefixes: prefixes.map(({ prefix, found }) => ({ prefix: textOf(prefix), found })),
    context: textOrNull(context),
    sessions: sessions.map(readableSession),
    candidates: candidates.map(readableCandidate),
    winner: textOrNull(winner),
  };
}

function textOrNull(bytes: string | null): string | null {
  return bytes === null ? null : textOf(bytes);
}

function readableSession(session: ExplainedSession): ExplainedSession {
  const { balancer, name, id, route, words } = session;
  return {
    ...session,
    balancer: textOf(balancer),
    name: textOf(name),
    // Shortened, it holds a sign that is no byte, and so is no byte string any more.
    id: id.split('…').map(textOf).join('…'),
    route: textOf(route),
    words: textOf(words),
  };
}

function readableCandidate(candidate: ExplainedCandidate): ExplainedCandidate {
  const { node, balancer, domain, context, why } = candidate;
  return {
    ...candidate,
    node: textOf(node),
    balancer: textOf(balancer),
    domain: textOf(domain),
    context: textOf(context),
    why: textOf(why),
  };
}
