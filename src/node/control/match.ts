import { closestName } from '../../core/suggest.ts';
import { Refusal } from './refusal.ts';
import { ROUTE_NAMES, type RouteName, routeRow } from './routes.ts';

/** What a request line means. */
export interface Match {
  readonly name: RouteName;
  /** What stands in the braces of the path, decoded. */
  readonly params: ReadonlyMap<string, string>;
  /** Behind the question mark, decoded. */
  readonly query: ReadonlyMap<string, string>;
}

interface Template {
  readonly name: RouteName;
  readonly method: string;
  readonly segments: readonly string[];
}

const TEMPLATES: readonly Template[] = ROUTE_NAMES.map((name) => {
  const { method, path } = routeRow(name);
  return { name, method, segments: path.slice(1).split('/') };
});

/** Longer ones name nothing that a node has. */
const MAX_TARGET_CHARACTERS = 4096;

/**
 * Finds the route of a request.
 *
 * @param method HEAD is GET
 * @param target as it stands in the request line, in origin form (RFC 9112 §3.2.1)
 * @throws Refusal 400, 404 or 405
 */
export function matchRoute(method: string, target: string): Match {
  if (!target.startsWith('/') || target.length > MAX_TARGET_CHARACTERS) {
    throw new Refusal(400, 'MCMP_BAD_TARGET', 'the request target is not a path of this API');
  }
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const segments = path.slice(1).split('/').map(decode);
  const candidates = TEMPLATES.filter((template) => fits(template.segments, segments));
  if (candidates.length === 0) throw unknownPath(path);
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = candidates.find((template) => template.method === wanted);
  if (found === undefined) throw wrongMethod(method, path, candidates);
  const params = new Map<string, string>();
  for (const [index, part] of found.segments.entries()) {
    if (part.startsWith('{')) params.set(part.slice(1, -1), segments[index] ?? '');
  }
  return { name: found.name, params, query: readQuery(mark === -1 ? '' : target.slice(mark + 1)) };
}

function fits(template: readonly string[], segments: readonly string[]): boolean {
  return (
    template.length === segments.length &&
    template.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : part === segments[index]))
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new Refusal(
      400,
      'MCMP_BAD_TARGET',
      'the request target has a % without two hexadecimal digits, or no UTF-8',
      {
        cause,
      },
    );
  }
}

function readQuery(text: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    if (query.has(name)) throw new Refusal(400, 'MCMP_BAD_QUERY', `?${name}= stands there twice`);
    query.set(name, equals === -1 ? '' : decode(pair.slice(equals + 1).replaceAll('+', ' ')));
  }
  return query;
}

function unknownPath(path: string): Refusal {
  const meant = closestName(path.slice(0, 100), new Set(TEMPLATES.map(({ segments }) => `/${segments.join('/')}`)));
  const context = /^\/v1\/nodes\/[^/]+\/contexts\/./.test(path)
    ? 'In an address the slash of a context is written %2F: /v1/nodes/node1/contexts/%2Fapp.'
    : undefined;
  return new Refusal(404, 'MCMP_NO_SUCH_ROUTE', `this API has no ${path}`, {
    hint: context ?? (meant === undefined ? 'GET /v1 lists what it has.' : `Did you mean ${meant}? GET /v1 lists all.`),
  });
}

function wrongMethod(method: string, path: string, candidates: readonly Template[]): Refusal {
  const allowed = candidates.map((template) => template.method);
  const allow = (allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed).join(', ');
  return new Refusal(405, 'MCMP_WRONG_METHOD', `${path} does not take ${method}`, {
    hint: `It takes ${allow}.`,
    headers: { Allow: allow },
  });
}
