import { COMMANDS } from '../core/mcmp/commands.ts';
import { fieldRow, findField } from '../core/mcmp/fields.ts';
import type { McmpMethod } from '../core/mcmp/types.ts';
import type { Pair } from './answer.ts';

/** One thing that goes wrong with some balancer, and how to see it coming. */
type Check = (message: {
  readonly method: McmpMethod;
  readonly pairs: readonly Pair[];
  readonly wildcard: boolean;
}) => string[];

const LIST_KINDS = new Set(['aliases', 'contexts']);
/** Where the node is reached; each has a default that is seldom meant (reference §2.1). */
const CONNECTOR = ['Type', 'Host', 'Port'];
/** Words that httpd and Undertow read alike (reference §2.1). */
const BOOLEANS = new Set(['yes', 'no', 'on', 'off']);

/** Reference §1.2, §1.6, §2; needs B17, B5. */
const CHECKS: readonly Check[] = [
  function tooLong({ method, pairs }) {
    return pairs.flatMap(([name, value]) => {
      const row = rowOf(method, name);
      if (row?.limit === undefined) return [];
      const { httpd } = row.limit;
      const items = LIST_KINDS.has(row.kind) ? value.split(',') : [value];
      const longest = Math.max(...items.map((item) => Buffer.byteLength(item)));
      return longest < httpd ? [] : [`${name} has ${longest} bytes; httpd takes at most ${httpd - 1}`];
    });
  },
  function illegalCharacters({ pairs }) {
    return pairs
      .filter(([, value]) => /[<>"'\\\u0000-\u001f]/.test(value))
      .map(([name]) => `${name} holds one of < > " ' \\ or a control character, which balancers refuse`);
  },
  function empty({ pairs }) {
    return pairs
      .filter(([, value]) => value === '')
      .map(([name]) => `${name} is empty; httpd 2 and Undertow refuse that`);
  },
  function booleans({ method, pairs }) {
    return pairs
      .filter(([name, value]) => rowOf(method, name)?.kind === 'boolean' && !BOOLEANS.has(value.toLowerCase()))
      .map(([name, value]) => `${name}=${value} is no boolean of MCMP, and most balancers ignore it: say yes or no`);
  },
  function routeMissing({ method, pairs }) {
    const needsRoute = COMMANDS[method].changes;
    return needsRoute && fieldValue(pairs, 'JVMRoute') === undefined
      ? ['JVMRoute is missing: which node is meant?']
      : [];
  },
  function appWithoutNames({ method, pairs, wildcard }) {
    if (!COMMANDS[method].wildcard) return wildcard ? [`/* means nothing to ${method}`] : [];
    const [alias, context] = [fieldValue(pairs, 'Alias'), fieldValue(pairs, 'Context')];
    if (wildcard) return (alias ?? context) ? ['with /* the whole node is meant; Alias and Context are ignored'] : [];
    if (alias !== undefined && context !== undefined) return [];
    return ['Alias and Context are both needed, unless the whole node is meant: then the target is /*'];
  },
  function contextWithoutSlash({ method, pairs }) {
    const contexts = COMMANDS[method].wildcard ? (fieldValue(pairs, 'Context') ?? '').split(',') : [];
    return contexts
      .filter((context) => context !== '' && !context.startsWith('/'))
      .map((context) => `the context ${context} does not begin with a slash, so that no request can match it`);
  },
  function connectorMissing({ method, pairs }) {
    if (method !== 'CONFIG') return [];
    const missing = CONNECTOR.filter((name) => fieldValue(pairs, name) === undefined);
    // Also when the node was registered before: a CONFIG keeps nothing of the one before it.
    const taken = missing.map((name) => `${name}=${rowOf(method, name)?.default ?? ''}`);
    return taken.length === 0 ? [] : [`${missing.join(', ')} not given: the balancer takes ${taken.join(', ')}`];
  },
  function severalContexts({ method, pairs }) {
    const context = fieldValue(pairs, 'Context') ?? '';
    return COMMANDS[method].wildcard && context.includes(',')
      ? ['Undertow takes several contexts for one path with a comma in it: send one command for each']
      : [];
  },
  function loads({ method, pairs }) {
    if (method !== 'STATUS') return [];
    const load = fieldValue(pairs, 'Load');
    if (load === undefined)
      return ['without Load, httpd 1.3 puts the node into error and Undertow refuses the message'];
    return /^(?:-1|\d{1,2}|100)$/.test(load)
      ? []
      : ['Load is an integer from 1 (busy) to 100 (idle), 0 for standby, -1 for broken'];
  },
  function unreachableHost({ method, pairs }) {
    const host = fieldValue(pairs, 'Host');
    if (method !== 'CONFIG' || host === undefined || !/^(?:0\.0\.0\.0|\[?::\]?)$/.test(host)) return [];
    return [`Host=${host} is no address that a balancer can connect to`];
  },
];

/**
 * What may go wrong with a message on one of the four implementations, although it can be sent.
 * @param wildcard whether the target means the whole node
 */
export function lintMessage(method: McmpMethod, pairs: readonly Pair[], wildcard: boolean): string[] {
  return CHECKS.flatMap((check) => check({ method, pairs, wildcard }));
}

function rowOf(method: McmpMethod, name: string) {
  const field = findField(method, name);
  return field === undefined ? undefined : fieldRow(field);
}

function fieldValue(pairs: readonly Pair[], name: string): string | undefined {
  return pairs.find(([candidate]) => candidate === name)?.[1];
}
