import { McmpError, UsageError } from '../core/errors.ts';
import { bytesOf } from '../core/mcmp/bytes.ts';
import { type DumpView, readDump } from '../core/mcmp/dump.ts';
import { type InfoView, readInfo } from '../core/mcmp/info.ts';
import type { ReadProblem } from '../core/mcmp/lines.ts';
import type { Explanation } from '../core/routing/index.ts';
import { type HttpAnswer, headerOf, mediaTypeOf } from './answer.ts';
import { BRANDS, type Brand, brandByName, brandByShape } from './brand.ts';
import { createMcmpClient } from './client.ts';
import { TOKEN } from './compose.ts';
import { createMcmpConnection, type McmpClientOptions } from './connection.ts';
import { readable } from './readable.ts';
import { rebuildRouting } from './rebuild.ts';
import { type ClusterView, joinViews } from './view.ts';

/** A request whose way shall be explained. */
export interface ExplainRequest {
  readonly method: string;
  /** A path, or a whole URL; its host counts when no Host header is given. */
  readonly url: string;
  /** `Name: value`. */
  readonly headers: readonly string[];
}

/**
 * Puts a request together from what was typed.
 * @throws UsageError for a method or URL that no HTTP request has, a header without a colon or a cookie without a value
 */
export function explainRequest(
  method: string,
  url: string,
  headers: readonly string[],
  cookies: readonly string[],
): ExplainRequest {
  if (!TOKEN.test(method)) {
    throw new UsageError(`${method} cannot be the method of a request`, {
      hint: 'For example: mcmp explain GET /shop',
    });
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') {
    throw new UsageError(`${url} is no URL that a balancer gets`, {
      hint: 'Give a path, such as /shop, or a URL that begins with http:// or https://.',
    });
  }
  const header = headers.find((line) => line.indexOf(':') <= 0);
  if (header !== undefined) throw new UsageError(`the header ${header} is not of the form 'Name: value'`);
  const cookie = cookies.find((pair) => pair.indexOf('=') <= 0);
  if (cookie !== undefined) throw new UsageError(`the cookie ${cookie} is not of the form NAME=VALUE`);
  const sent = cookies.length === 0 ? [] : [`Cookie: ${cookies.join('; ')}`];
  return { method: method.toUpperCase(), url, headers: [...headers, ...sent] };
}

export interface ExplainReport {
  readonly explanation: Explanation;
  /** Who decided: the balancer itself, or we, from what it told or what a file says. */
  readonly source: 'balancer' | 'tables' | 'file';
  readonly brand: Brand;
  readonly version: string;
  /** What may be different in truth. */
  readonly caveats: readonly string[];
}

const EXPLAIN_PATH = '/api/v1/explain';

const INTERVAL_CAVEAT =
  'INFO does not tell how many requests each node got in the running interval: between nodes that can all serve, the balancer itself may choose another';

/**
 * Asks the balancer at `url` to explain itself, which only `mcmp serve` can, and otherwise works the answer out of its INFO
 * and DUMP.
 * @throws McmpError as `McmpClient.readState`
 */
export async function explainFromBalancer(
  url: URL | string,
  request: ExplainRequest,
  options: McmpClientOptions & { readonly useAlias: boolean },
): Promise<ExplainReport> {
  const own = await askForExplanation(url, request, options);
  if (own !== undefined) return own;
  const client = createMcmpClient(url, options);
  try {
    const { brand, version, view, problems } = await client.readState();
    return { ...explainView(view, brand, request, options.useAlias, problems), source: 'tables', version };
  } finally {
    await client.close();
  }
}

/**
 * Explains from saved answers.
 * @param text of INFO, DUMP, or both one after the other; text or XML, of any balancer
 * @throws UsageError when there is nothing of the kind in it
 */
export function explainFromText(
  text: string,
  request: ExplainRequest,
  options: { readonly useAlias: boolean },
): ExplainReport {
  const { info, dump, problems } = readSaved(bytesOf(text));
  if (info.nodes.length === 0 && dump.nodes.length === 0 && problems.length > 0) {
    throw new UsageError('the file holds neither an INFO nor a DUMP', {
      code: 'MCMP_NO_TABLES',
      hint: 'Save one with: mcmp send INFO --raw > FILE',
    });
  }
  const named = brandByName(text);
  const brand = named?.brand ?? brandByShape(info);
  const report = explainView(joinViews(info, dump), brand, request, options.useAlias, problems);
  const missing = [
    ...(info.nodes.length === 0 && dump.nodes.length > 0 ? ['there is no INFO: every load counts as 100'] : []),
    ...(dump.balancers.length === 0 ? ['there is no DUMP: the usual settings of sessions are assumed'] : []),
  ];
  return { ...report, caveats: [...missing, ...report.caveats], source: 'file', version: named?.version ?? '' };
}

function explainView(
  view: ClusterView,
  brand: Brand,
  request: ExplainRequest,
  useAlias: boolean,
  problems: readonly ReadProblem[],
): Pick<ExplainReport, 'explanation' | 'brand' | 'caveats'> {
  const { rules, caveats } = BRANDS[brand];
  const { target, host, cookie } = routeRequest(request);
  const index = rebuildRouting(view, { rules, useAlias });
  const explanation = readable(index.explain({ target, host, cookie, excluded: [] }, 0));
  const unread = problems.length === 0 ? [] : [`${problems.length} lines could not be read and are missing`];
  const contested = explanation.candidates.filter(({ usable }) => usable).length > 1 && explanation.reason !== 'sticky';
  // Scores of a running interval are not known from outside; a number here would look like one.
  const candidates = explanation.candidates.map((candidate) => ({ ...candidate, value: null }));
  return {
    explanation: { ...explanation, candidates },
    brand,
    caveats: [...unread, ...caveats, ...(contested ? [INTERVAL_CAVEAT] : [])],
  };
}

/** Target, host and cookies as they would arrive. Strings are byte strings, as the tables hold them. */
function routeRequest({ url, headers }: ExplainRequest): { target: string; host: string; cookie: string } {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^#]*)/i.exec(url);
  const valuesOf = (name: string): string[] =>
    headers.flatMap((header) => {
      const colon = header.indexOf(':');
      return header.slice(0, colon).trim().toLowerCase() === name ? [header.slice(colon + 1).trim()] : [];
    });
  const rest = absolute?.[2] ?? url.split('#', 1)[0] ?? '';
  return {
    target: bytesOf(rest.startsWith('/') || rest === '*' ? rest : `/${rest}`),
    host: bytesOf(valuesOf('host')[0] ?? absolute?.[1] ?? ''),
    cookie: bytesOf(valuesOf('cookie').join('; ')),
  };
}

async function askForExplanation(
  url: URL | string,
  request: ExplainRequest,
  options: McmpClientOptions,
): Promise<ExplainReport | undefined> {
  const query = new URLSearchParams({ method: request.method, url: request.url });
  for (const header of request.headers) query.append('header', header);
  const connection = createMcmpConnection(url, options);
  try {
    const answer = await connection.exchange('GET', [], {
      target: `${EXPLAIN_PATH}?${query.toString()}`,
      accept: 'application/json',
    });
    const explanation = readExplanation(answer);
    if (explanation === undefined) return undefined;
    const named = brandByName(headerOf(answer, 'server'));
    return { explanation, source: 'balancer', brand: 'mcmp', version: named?.version ?? '', caveats: [] };
  } catch (error) {
    // Who cannot answer a GET may still answer INFO; who cannot be reached will say so there again.
    if (error instanceof McmpError && error.kind === 'protocol') return undefined;
    throw error;
  } finally {
    await connection.close();
  }
}

function readExplanation(answer: HttpAnswer): Explanation | undefined {
  if (answer.status !== 200 || mediaTypeOf(answer) !== 'application/json') return undefined;
  const value = parsedJson(Buffer.from(answer.body, 'latin1').toString('utf8'));
  return isExplanation(value) ? value : undefined;
}

/** Undefined for what is no JSON: then it is no `mcmp serve` that answers, and INFO and DUMP say more. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const RELIED_ON: readonly (keyof Explanation)[] = [
  'host',
  'path',
  'prefixes',
  'sessions',
  'candidates',
  'winner',
  'reason',
];

/** Looks at what is relied on; the rest is the word of a program of this very project. */
function isExplanation(value: unknown): value is Explanation {
  return typeof value === 'object' && value !== null && RELIED_ON.every((name) => name in value);
}

interface SavedTables {
  readonly info: InfoView;
  readonly dump: DumpView;
  readonly problems: readonly ReadProblem[];
}

/** Takes a saved text apart: documents of XML, else lines; INFO's begin with a capital, DUMP's do not. */
function readSaved(text: string): SavedTables {
  const xmlInfo = /<Info>[\s\S]*<\/Info>/.exec(text)?.[0];
  const xmlDump = /<Dump>[\s\S]*<\/Dump>/.exec(text)?.[0];
  const lines = xmlInfo === undefined && xmlDump === undefined ? text.split(/\r?\n/) : [];
  const linesOf = (pattern: RegExp): string => lines.filter((line) => pattern.test(line)).join('\n');
  const info = readInfo(xmlInfo ?? linesOf(/^(?:Node|Vhost|Context): /));
  const dump = readDump(xmlDump ?? linesOf(/^(?:balancer|node|host|context): /));
  const nothing = xmlInfo === undefined && xmlDump === undefined && text.trim() !== '';
  const empty = info.info.nodes.length + dump.dump.nodes.length + dump.dump.balancers.length === 0;
  const foreign = nothing && empty ? [{ line: 0, message: 'no line of INFO or DUMP' }] : [];
  return { info: info.info, dump: dump.dump, problems: [...info.problems, ...dump.problems, ...foreign] };
}
