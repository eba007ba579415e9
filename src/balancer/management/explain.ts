import type { Explanation, RoutingIndex } from '../../core/routing/index.ts';
import { jsonAnswer, type ManagementRoute } from './route.ts';

export const explainRoute: ManagementRoute = {
  methods: ['GET'],
  describe: 'why a request would go where: ?url=/app/page&header=Cookie:%20...',
  answer({ shared, query }) {
    const { status, json } = explainAnswer(shared.routing, query, shared.clock.wallMs);
    return jsonAnswer(status, json);
  },
};

/**
 * `GET /api/v1/explain?url=…&header=Name:%20value…`: where a request would go, and why. Counts and changes nothing.
 *
 * @param query as sent, behind `?`; its `url` may be absolute, and then names the host unless a header does
 */
function explainAnswer(
  routing: RoutingIndex,
  queryText: string,
  nowMs: number,
): { status: number; json: Explanation | { error: string; hint: string } } {
  const query = new URLSearchParams(queryText);
  const url = query.get('url');
  if (url === null || url === '') {
    return {
      status: 400,
      json: {
        error: 'the parameter url is missing',
        hint: '/api/v1/explain?url=/app/page&header=Host:%20shop.example',
      },
    };
  }
  const absolute = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(url);
  let host: string | undefined;
  const cookies: string[] = [];
  for (const header of query.getAll('header')) {
    const colon = header.indexOf(':');
    const name = header.slice(0, Math.max(0, colon)).trim().toLowerCase();
    const value = header.slice(colon + 1).trim();
    if (name === 'cookie') cookies.push(value);
    else if (name === 'host') host ??= value;
  }
  const path = absolute?.[2] ?? url;
  const request = {
    target: path.startsWith('/') || path === '*' ? path : `/${path}`,
    host: host ?? absolute?.[1] ?? '',
    cookie: cookies.join('; '),
    excluded: [],
  };
  return { status: 200, json: routing.explain(request, nowMs) };
}
