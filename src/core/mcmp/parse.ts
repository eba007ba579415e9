import type { FlushPackets } from '../cluster/records.ts';
import { negotiateFormat } from './accept.ts';
import { type BodyPair, decodeBody } from './body.ts';
import { isWildcardTarget } from './commands.ts';
import { CONNECTOR_TYPES } from './connector-types.ts';
import { detached } from './detach.ts';
import type { Dialect, SyntaxRules } from './dialect.ts';
import { parseMcmpDuration } from './duration.ts';
import { CommandError, type ErrorTextKey, type ErrorValues, type McmpErrorCode, refusal } from './errors.ts';
import { type FieldName, fieldRow, findField, limitOf } from './fields.ts';
import type {
  AppCommandName,
  BalancerSettings,
  ConfigCommand,
  McmpCommand,
  McmpMethod,
  NodeSettings,
  VirtualHost,
} from './types.ts';
import { readField } from './values.ts';

export interface ParseOptions {
  /** Balancer of nodes that name none. */
  readonly defaultBalancer: string;
  /** Longest body in bytes; see `messageLimit`. */
  readonly maxMessageBytes: number;
}

/** What the fields of a message say; lists as sets, since each element counts once. */
type Draft = Map<FieldName, string | number | boolean | Set<string>>;

/**
 * Reads one message.
 *
 * @param target the request target as sent; only its `/*` matters (reference §1.1)
 * @param body byte string (latin1)
 * @param accept the Accept header, or an empty string
 * @returns the command, or why it cannot be one. It never throws: a message that makes no sense is an ordinary event, and
 *   its answer is in the error.
 */
export function parseCommand(
  method: McmpMethod,
  target: string,
  body: string,
  accept: string,
  dialect: Dialect,
  options: ParseOptions,
): McmpCommand | CommandError {
  const { syntax } = dialect;
  let text = body;
  if (body.length > options.maxMessageBytes) {
    if (syntax.longBody.over === 'refuse') {
      return failed('message-too-large', dialect, { N: String(options.maxMessageBytes) });
    }
    text = syntax.longBody.over === 'drop' ? '' : body.slice(0, options.maxMessageBytes);
  }
  switch (method) {
    case 'INFO':
    case 'DUMP':
    case 'VERSION':
      if (!syntax.strictValues && decodeBody(text, syntax) === undefined) return failed('unreadable', dialect);
      return { kind: method, format: negotiateFormat(accept, dialect.replies) };
    case 'PING':
      return parsePing(text, dialect);
    case 'STATUS':
      return parseStatus(text, dialect);
    case 'CONFIG':
      return parseConfig(text, dialect, options);
    default:
      return parseApp(method, isWildcardTarget(target), text, dialect);
  }
}

/**
 * Longest body that is read (reference §1.3). httpd computes it from its table sizes; `--max-message` caps that.
 *
 * @param limits rows of the alias and context tables
 */
export function messageLimit(
  dialect: Dialect,
  limits: { readonly maxHosts: number; readonly maxContexts: number },
  maxMessageBytes: number,
): number {
  const { sizedByTables } = dialect.syntax.longBody;
  if (sizedByTables === false) return maxMessageBytes;
  const bytes = (name: FieldName) => limitOf(fieldRow(name), dialect.syntax.limits) ?? 0;
  const contexts = limits.maxContexts * bytes('Context') + 'Context='.length;
  const route = 'JVMRoute='.length + bytes('JVMRoute');
  const aliases = limits.maxHosts * bytes('Alias') + '&Alias='.length;
  const computed = sizedByTables === 'contexts' ? contexts : route + aliases + contexts;
  return Math.max(1024, Math.min(computed, maxMessageBytes));
}

function failed(
  code: McmpErrorCode,
  dialect: Dialect,
  values: ErrorValues = {},
  key: ErrorTextKey = code,
): CommandError {
  return new CommandError(refusal(code, dialect, values, '', key));
}

/** Loads that are no loads: the node is well as it was; the node is broken (reference §2.3). */
const PING_ONLY = -2;
const BROKEN = -1;

/** Reads one pair into the draft; lists of a repeated field add up, of all others the last one counts (`repeatedFields`). */
function take(
  draft: Draft,
  name: FieldName,
  text: string,
  syntax: SyntaxRules,
  dialect: Dialect,
  lowersAliases = syntax.lowerAliases,
): CommandError | undefined {
  if (syntax.repeatedFields === 'first' && draft.has(name)) return undefined;
  const read = readField(name, text, syntax, lowersAliases);
  if ('code' in read) return failed(read.code, dialect, read.values);
  const { value } = read;
  if (value === undefined) return undefined;
  if (typeof value !== 'object') {
    draft.set(name, value);
    return undefined;
  }
  const known = draft.get(name);
  if (typeof known === 'object') for (const element of value) known.add(element);
  else draft.set(name, new Set(value));
  return undefined;
}

function parseConfig(body: string, dialect: Dialect, options: ParseOptions): McmpCommand | CommandError {
  const { syntax } = dialect;
  const pairs = decodeBody(body, syntax);
  if (pairs === undefined || (pairs.length === 0 && refusesNothing(syntax)) || lacksEquals(body, syntax)) {
    return failed('unreadable', dialect);
  }
  const draft: Draft = new Map();
  const hosts: VirtualHost[] = [];
  for (const [index, { name, value }] of pairs.entries()) {
    if (value === undefined) {
      // An empty body, which nginx reads as one name that it does not know.
      if (name === '' && syntax.emptyConfigValues === 'keep') continue;
      return failed('unreadable', dialect);
    }
    if (value === '' && refusesEmpty(syntax, index === pairs.length - 1)) return failed('unreadable', dialect);
    if (value === '' && syntax.emptyConfigValues === 'ignore') continue;
    const field = findField('CONFIG', name);
    if (value === '' ? syntax.emptyConfigValues === 'invalid-field' : field === undefined && refusesUnknown(syntax)) {
      return failed('invalid-field', dialect, { K: name });
    }
    if (field === undefined) continue;
    if (syntax.repeatedLists === 'refuse' && draft.has(field)) {
      const refused = beginHost(draft, field, hosts, dialect);
      if (refused !== undefined) return refused;
    }
    const error = take(draft, field, value, syntax, dialect, syntax.lowerAliases && !syntax.configKeepsCase);
    if (error !== undefined) return error;
  }
  fillDefaults(draft, syntax);
  if (textOf(draft, 'JVMRoute') === '') return failed('route-empty', dialect, {}, 'route-empty/config');
  if (syntax.rootByDefault && (draft.has('Alias') || draft.has('Context'))) fillRoot(draft);
  const aliases = listOf(draft, 'Alias');
  const contexts = listOf(draft, 'Context');
  const half = (aliases.length === 0) !== (contexts.length === 0);
  if (half && syntax.configHalfVhost === 'refuse') {
    return failed(aliases.length > 0 ? 'alias-without-context' : 'context-without-alias', dialect);
  }
  const last: VirtualHost = half ? { aliases: [], contexts: [] } : { aliases, contexts };
  const [first = last, ...further] = [...hosts, last];
  const balancer = balancerSettings(draft, options.defaultBalancer);
  const command: ConfigCommand = { kind: 'CONFIG', node: nodeSettings(draft), balancer, ...first };
  return detached(further.length === 0 ? command : { ...command, further }, body.length);
}

function refusesNothing({ emptyConfigValues }: SyntaxRules): boolean {
  return emptyConfigValues !== 'invalid-field';
}

function refusesUnknown({ unknownConfigFields }: SyntaxRules): boolean {
  return unknownConfigFields === 'refuse';
}

/** An Alias or Context comes again: a virtual host ends, which must be whole. */
function beginHost(draft: Draft, field: FieldName, hosts: VirtualHost[], dialect: Dialect): CommandError | undefined {
  if (field === 'Context') return failed('context-without-alias', dialect);
  if (field !== 'Alias') return undefined;
  if (!draft.has('Context')) return failed('alias-without-context', dialect);
  fillRoot(draft);
  hosts.push({ aliases: listOf(draft, 'Alias'), contexts: listOf(draft, 'Context') });
  draft.delete('Alias');
  draft.delete('Context');
  return undefined;
}

function lacksEquals(body: string, syntax: SyntaxRules): boolean {
  return syntax.needsEquals && !body.includes('=');
}

function refusesEmpty({ emptyConfigValues }: SyntaxRules, isLast: boolean): boolean {
  return emptyConfigValues === 'refuse' || (emptyConfigValues === 'refuse-last' && isLast);
}

/** What the dialect makes of fields that a message does not name, or names in vain. */
function fillDefaults(draft: Draft, syntax: SyntaxRules): void {
  for (const name of syntax.unusedFields) draft.delete(name);
  if (syntax.portNeedsHost && !draft.has('Host')) draft.set('Port', '-1');
  for (const [name, text] of Object.entries(syntax.defaults) as [FieldName, string][]) {
    if (draft.has(name)) continue;
    const read = readField(name, text, syntax);
    if ('value' in read && typeof read.value !== 'object' && read.value !== undefined) draft.set(name, read.value);
  }
}

/** The context `/` and the alias without a name, where a message says nothing (reference §2.1.1, §2.2). */
function fillRoot(draft: Draft): void {
  if (listOf(draft, 'Alias').length === 0) draft.set('Alias', new Set(['']));
  if (listOf(draft, 'Context').length === 0) draft.set('Context', new Set(['/']));
}

function nodeSettings(draft: Draft): NodeSettings {
  return {
    route: textOf(draft, 'JVMRoute'),
    domain: textOf(draft, 'Domain'),
    host: textOf(draft, 'Host'),
    port: textOf(draft, 'Port'),
    type: textOf(draft, 'Type'),
    reversed: flagOf(draft, 'Reversed'),
    flushPackets: flushOf(draft),
    flushWaitMs: numberOf(draft, 'flushwait'),
    pingMs: numberOf(draft, 'ping'),
    smax: numberOf(draft, 'smax'),
    ttlMs: numberOf(draft, 'ttl'),
    timeoutMs: numberOf(draft, 'Timeout'),
  };
}

function balancerSettings(draft: Draft, defaultBalancer: string): BalancerSettings {
  return {
    name: draft.has('Balancer') ? textOf(draft, 'Balancer') : defaultBalancer,
    stickySession: flagOf(draft, 'StickySession'),
    stickySessionCookie: textOf(draft, 'StickySessionCookie'),
    stickySessionPath: textOf(draft, 'StickySessionPath'),
    stickySessionRemove: flagOf(draft, 'StickySessionRemove'),
    stickySessionForce: flagOf(draft, 'StickySessionForce'),
    waitWorkerSeconds: numberOf(draft, 'WaitWorker'),
    maxAttempts: numberOf(draft, 'Maxattempts'),
  };
}

function parseApp(kind: AppCommandName, wildcard: boolean, body: string, dialect: Dialect): McmpCommand | CommandError {
  const { syntax } = dialect;
  const pairs = decodeBody(body, syntax);
  if (pairs === undefined || lacksEquals(body, syntax)) return failed('unreadable', dialect);
  const draft: Draft = new Map();
  for (const { name, value } of pairs) {
    const field = findField(kind, name);
    // A last name without a value: httpd reads beyond its array here (reference §12.1.1).
    if (value === undefined) {
      if (name === '') continue;
      return failed('unreadable', dialect);
    }
    if (field === undefined || (wildcard && field !== 'JVMRoute')) continue;
    if (syntax.repeatedLists === 'refuse' && field !== 'JVMRoute' && draft.has(field)) {
      return failed(field === 'Alias' ? 'repeated-alias' : 'repeated-context', dialect);
    }
    if (value === '') {
      if (field === 'JVMRoute') return failed('route-empty', dialect);
      if (syntax.rootByDefault) {
        draft.set(field, new Set(['']));
        continue;
      }
      return failed(field === 'Alias' ? 'empty-alias' : 'empty-context', dialect);
    }
    if (field === 'Context' && syntax.commaInContext) {
      if (!draft.has(field)) draft.set(field, new Set([value]));
      continue;
    }
    const error = take(draft, field, value, syntax, dialect);
    if (error !== undefined) return error;
  }
  if (!draft.has('JVMRoute')) return failed('route-empty', dialect);
  const aliases = listOf(draft, 'Alias');
  const contexts = listOf(draft, 'Context');
  if (!wildcard && syntax.rootByDefault && aliases.length === 0 && contexts.length === 0) {
    return detached({ kind, route: textOf(draft, 'JVMRoute'), wildcard, aliases: [''], contexts: ['/'] }, body.length);
  }
  if (!wildcard) {
    if (draft.has('Alias') && aliases.length === 0) return failed('empty-alias', dialect);
    if (draft.has('Context') && contexts.length === 0) return failed('empty-context', dialect);
    if (aliases.length === 0 && contexts.length === 0) return failed('no-alias-no-context', dialect);
    if (contexts.length === 0) return failed('alias-without-context', dialect);
    if (aliases.length === 0) return failed('context-without-alias', dialect);
  }
  return detached({ kind, route: textOf(draft, 'JVMRoute'), wildcard, aliases, contexts }, body.length);
}

function parseStatus(body: string, dialect: Dialect): McmpCommand | CommandError {
  const draft = parseStrictly('STATUS', body, dialect);
  if (draft instanceof CommandError) return draft;
  if (!draft.has('JVMRoute')) return failed('status-route-missing', dialect);
  if (dialect.syntax.loads === 'mandatory' && !draft.has('Load')) return failed('fields-missing', dialect);
  return { kind: 'STATUS', route: textOf(draft, 'JVMRoute'), load: loadOf(draft, dialect.syntax) };
}

function loadOf(draft: Draft, { loads }: SyntaxRules): number | undefined {
  const value = draft.get('Load');
  const load = typeof value === 'number' ? value : undefined;
  if (loads === 'checked') return load;
  return load === PING_ONLY ? undefined : (load ?? BROKEN);
}

function parsePing(body: string, dialect: Dialect): McmpCommand | CommandError {
  if (body === '') return { kind: 'PING', target: { kind: 'balancer' } };
  const draft = parseStrictly('PING', body, dialect);
  if (draft instanceof CommandError) return draft;
  if (draft.has('JVMRoute')) return { kind: 'PING', target: { kind: 'node', route: textOf(draft, 'JVMRoute') } };
  const { pingSchemes } = dialect.syntax;
  const given = (['Scheme', 'Host', 'Port'] as const).filter((name) => draft.has(name));
  if (given.length === 0) return { kind: 'PING', target: { kind: 'balancer' } };
  const needed = pingSchemes === 'any-or-none' ? given.filter((name) => name !== 'Scheme').length + 1 : given.length;
  if (needed < 3) return failed('fields-missing', dialect);
  const scheme = textOf(draft, 'Scheme').toLowerCase();
  if (pingSchemes === 'known' && !CONNECTOR_TYPES.has(scheme)) {
    return failed('unsupported-scheme', dialect, { K: textOf(draft, 'Scheme') });
  }
  const asked = pingSchemes === 'any-or-none' && scheme !== 'http' && scheme !== 'ajp' ? 'tcp' : scheme;
  const [host, port] = [textOf(draft, 'Host'), textOf(draft, 'Port')];
  return { kind: 'PING', target: { kind: 'address', scheme: asked, host, port } };
}

/** STATUS and PING, where httpd refuses what it does not know (reference §2.3, §2.4). */
function parseStrictly(method: 'STATUS' | 'PING', body: string, dialect: Dialect): Draft | CommandError {
  const { syntax } = dialect;
  const pairs = decodeBody(body, syntax);
  if (pairs === undefined || (method === 'STATUS' && lacksEquals(body, syntax))) return failed('unreadable', dialect);
  const draft: Draft = new Map();
  for (const pair of pairs) {
    const field = findField(method, pair.name);
    if (field === undefined) {
      if (syntax.unknownFields === 'refuse') return failed('invalid-field', dialect, { K: pair.name });
      continue;
    }
    const error = takeStrictly(draft, field, pair, dialect);
    if (error !== undefined) return error;
  }
  return draft;
}

function takeStrictly(draft: Draft, field: FieldName, { value }: BodyPair, dialect: Dialect): CommandError | undefined {
  if (value === undefined) return failed('unreadable', dialect);
  if (value === '') {
    if (field === 'Load' && dialect.syntax.loads === 'checked') return failed('bad-load', dialect);
    if (field === 'Load') return take(draft, field, value, dialect.syntax, dialect);
    return field === 'JVMRoute' ? failed('status-route-missing', dialect) : failed('fields-missing', dialect);
  }
  // PING has an error of its own for a scheme that nobody speaks.
  if (field === 'Scheme') {
    draft.set(field, value);
    return undefined;
  }
  return take(draft, field, value, dialect.syntax, dialect);
}

function textOf(draft: Draft, name: FieldName): string {
  const value = draft.get(name);
  return typeof value === 'string' ? value : (fieldRow(name).default ?? '');
}

function numberOf(draft: Draft, name: FieldName): number {
  const value = draft.get(name);
  return typeof value === 'number' ? value : defaultNumber(name);
}

function flagOf(draft: Draft, name: FieldName): boolean {
  const value = draft.get(name);
  return typeof value === 'boolean' ? value : fieldRow(name).default === 'yes';
}

function flushOf(draft: Draft): FlushPackets {
  const value = draft.get('flushpackets');
  return value === 'on' || value === 'auto' ? value : 'off';
}

function listOf(draft: Draft, name: FieldName): readonly string[] {
  const value = draft.get(name);
  return typeof value === 'object' ? [...value] : [];
}

/** Default of a number; durations in ms. */
function defaultNumber(name: FieldName): number {
  const row = fieldRow(name);
  const text = row.default ?? '0';
  return row.unit === undefined ? Number(text) : (parseMcmpDuration(text, row.unit) ?? 0);
}
