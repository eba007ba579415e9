import type { SurveyReading } from '../../client/index.ts';
import { McmpError, UsageError } from '../../core/errors.ts';
import { spellingsOf } from '../../core/mcmp/bytes.ts';
import { closestName } from '../../core/suggest.ts';
import { readTargets } from '../select.ts';
import type { Scope } from '../types.ts';
import { count, listed, shown } from '../words.ts';

/**
 * What `ROUTE` or `ROUTE:CONTEXT` means on the balancers of a reading. A context begins with a slash, so the first colon
 * before one separates.
 *
 * @throws McmpError when no balancer could be read; UsageError when none knows the node, or the context on it
 */
export function drainScope(text: string, reading: SurveyReading): Extract<Scope, { kind: 'node' | 'context' }> {
  const read = readTargets(reading);
  if (read.length === 0) throw nobodyAnswers(reading);
  const colon = text.indexOf(':/');
  const routeText = colon === -1 ? text : text.slice(0, colon);
  const pathText = colon === -1 ? undefined : text.slice(colon + 1);
  const nodes = read.flatMap(({ nodes: all }) => all);
  const route = spellingsOf(routeText).find((one) => nodes.some(({ name }) => name === one));
  if (route === undefined)
    throw unknownRoute(routeText, [...new Set(nodes.map(({ name }) => shown(name)))], read.length);
  if (pathText === undefined) return { kind: 'node', route };
  const paths = nodes
    .filter(({ name }) => name === route)
    .flatMap(({ vhosts }) => vhosts.flatMap(({ contexts }) => contexts.map(({ path }) => path)));
  const path = spellingsOf(pathText).find((one) => paths.includes(one));
  if (path !== undefined) return { kind: 'context', route, path };
  const known = [...new Set(paths)].map(shown);
  const meant = closestName(pathText, known);
  throw new UsageError(`${routeText} has no context ${pathText}`, {
    code: 'MCMP_UNKNOWN_CONTEXT',
    hint:
      meant === undefined
        ? `It has ${known.length === 0 ? 'none' : listed(known, 10)}.`
        : `Did you mean ${routeText}:${meant}?`,
  });
}

function unknownRoute(route: string, known: readonly string[], balancers: number): UsageError {
  const who = balancers === 1 ? 'the balancer knows' : `none of ${count(balancers, 'balancer')} knows`;
  const meant = closestName(route, known);
  const hint =
    meant === undefined ? `There are ${known.length === 0 ? 'none' : listed(known, 10)}.` : `Did you mean ${meant}?`;
  return new UsageError(balancers === 1 ? `${who} no node ${route}` : `${who} a node ${route}`, {
    code: 'MCMP_UNKNOWN_NODE',
    hint: /:[^/]/.test(route) ? `${hint} A context begins with a slash: node1:/app.` : hint,
  });
}

/** Unreachable, whatever the reason was: exit code 6 is for a drain that timed out. */
function nobodyAnswers(reading: SurveyReading): McmpError {
  const failures = reading.targets.flatMap((one) => (one.outcome === 'failed' ? [one.failure.error] : []));
  const [first] = failures;
  const kind = failures.length > 0 && failures.every((error) => error.kind === 'refused') ? 'refused' : 'unreachable';
  if (first === undefined) return new McmpError(kind, 'MCMP_UNREACHABLE', 'no balancer has answered');
  return new McmpError(kind, 'MCMP_UNREACHABLE', failures.map(({ message }) => message).join('; '), {
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    cause: first,
  });
}
