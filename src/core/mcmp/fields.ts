import type { DurationUnit } from './duration.ts';
import type { McmpMethod } from './types.ts';

/**
 * How the text of a field is read.
 * - `name`: any text, kept as it is. `host`, `port`, `scheme`, `cookie`: a name with a grammar of its own.
 * - `balancer`: a name. `aliases`, `contexts`: lists, split at commas. Names and aliases in lower case where the dialect says so.
 * - `boolean`, `flush`, `duration`, `integer`, `load`: as the words say.
 */
export type FieldKind =
  | 'name'
  | 'host'
  | 'port'
  | 'scheme'
  | 'cookie'
  | 'balancer'
  | 'aliases'
  | 'contexts'
  | 'boolean'
  | 'flush'
  | 'duration'
  | 'integer'
  | 'load';

/** Whose limits hold. Where httpd 1.3 and nginx say nothing, theirs are httpd 2's. */
export type LimitColumn = 'mcmp' | 'httpd' | 'httpd13' | 'nginx';

export interface FieldRow {
  readonly kind: FieldKind;
  /** Name in error texts, where it differs from the field's. */
  readonly label?: string;
  /** Value of a CONFIG that does not name the field, as it would be sent; undefined: none. */
  readonly default?: string;
  /** Unit of a bare number. */
  readonly unit?: DurationUnit;
  /** A value must be shorter than this, in bytes; a list, each element (reference §1.6). */
  readonly limit?: {
    readonly httpd: number;
    readonly mcmp: number;
    readonly httpd13?: number;
    readonly nginx?: number;
  };
  readonly commands: readonly McmpMethod[];
  /** Option of commands that send the field. */
  readonly flag: string;
  readonly help: string;
}

const APP: readonly McmpMethod[] = ['ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP'];
const CONFIG: readonly McmpMethod[] = ['CONFIG'];

/** All fields of all commands (reference §2), by the name under which they are sent. Names compare without letter case. */
export const FIELDS = {
  JVMRoute: {
    kind: 'name',
    limit: { httpd: 64, mcmp: 256, nginx: 80 },
    commands: ['CONFIG', ...APP, 'STATUS', 'PING'],
    flag: 'route',
    help: 'name of the node, as sessions name it',
  },
  Alias: {
    kind: 'aliases',
    limit: { httpd: 255, mcmp: 256, httpd13: 100, nginx: 100 },
    commands: ['CONFIG', ...APP],
    flag: 'alias',
    help: 'host names of the virtual host, comma-separated',
  },
  Context: {
    kind: 'contexts',
    limit: { httpd: 80, mcmp: 1024 },
    commands: ['CONFIG', ...APP],
    flag: 'contexts',
    help: 'context paths, comma-separated; / is the root',
  },
  Balancer: {
    kind: 'balancer',
    limit: { httpd: 40, mcmp: 256 },
    commands: CONFIG,
    flag: 'balancer-name',
    help: 'balancer that the node joins; in lower case',
  },
  Domain: {
    kind: 'name',
    label: 'LBGroup',
    default: '',
    limit: { httpd: 20, mcmp: 256 },
    commands: CONFIG,
    flag: 'domain',
    help: 'group of nodes that share sessions (LBGroup)',
  },
  Host: {
    kind: 'host',
    default: 'localhost',
    limit: { httpd: 64, mcmp: 256 },
    commands: ['CONFIG', 'PING'],
    flag: 'host',
    help: 'name or address of the connector',
  },
  Port: {
    kind: 'port',
    default: '8009',
    limit: { httpd: 7, mcmp: 7 },
    commands: ['CONFIG', 'PING'],
    flag: 'port',
    help: 'port of the connector',
  },
  Type: {
    kind: 'scheme',
    default: 'ajp',
    limit: { httpd: 16, mcmp: 16, nginx: 6 },
    commands: CONFIG,
    flag: 'type',
    help: 'protocol of the connector: ajp, http, https, ws or wss',
  },
  Reversed: {
    kind: 'boolean',
    default: 'no',
    commands: CONFIG,
    flag: 'reversed',
    help: 'the node connects to the balancer (stored, not used)',
  },
  flushpackets: {
    kind: 'flush',
    default: 'off',
    commands: CONFIG,
    flag: 'flush-packets',
    help: 'send each part of a response on at once: on, off or auto',
  },
  flushwait: {
    kind: 'duration',
    label: 'Flushwait',
    unit: 'ms',
    default: '10',
    commands: CONFIG,
    flag: 'flush-wait',
    help: 'how long to wait for more with auto, in ms',
  },
  ping: {
    kind: 'duration',
    label: 'Ping',
    unit: 's',
    default: '10',
    commands: CONFIG,
    flag: 'ping',
    help: 'how long the answer to a ping may take, in s',
  },
  smax: {
    kind: 'integer',
    label: 'Smax',
    default: '-1',
    commands: CONFIG,
    flag: 'smax',
    help: 'idle connections to keep beyond ttl; -1: the balancer decides',
  },
  ttl: {
    kind: 'duration',
    label: 'TTL',
    unit: 's',
    default: '60',
    commands: CONFIG,
    flag: 'ttl',
    help: 'how long an idle connection beyond smax is kept, in s',
  },
  Timeout: {
    kind: 'duration',
    unit: 's',
    default: '0',
    commands: CONFIG,
    flag: 'node-timeout',
    help: 'how long the node may stay silent, in s; 0: as the balancer is set',
  },
  StickySession: {
    kind: 'boolean',
    default: 'yes',
    commands: CONFIG,
    flag: 'sticky-session',
    help: 'requests of a session go to the node that began it',
  },
  StickySessionCookie: {
    kind: 'cookie',
    default: 'JSESSIONID',
    limit: { httpd: 30, mcmp: 256 },
    commands: CONFIG,
    flag: 'sticky-session-cookie',
    help: 'name of the session cookie',
  },
  StickySessionPath: {
    kind: 'cookie',
    default: 'jsessionid',
    limit: { httpd: 30, mcmp: 256 },
    commands: CONFIG,
    flag: 'sticky-session-path',
    help: 'name of the path parameter that carries the session',
  },
  StickySessionRemove: {
    kind: 'boolean',
    default: 'no',
    commands: CONFIG,
    flag: 'sticky-session-remove',
    help: 'take the session id away when another node gets the request',
  },
  StickySessionForce: {
    kind: 'boolean',
    default: 'yes',
    commands: CONFIG,
    flag: 'sticky-session-force',
    help: 'answer 503 rather than send a session to another node',
  },
  WaitWorker: {
    kind: 'integer',
    default: '0',
    commands: CONFIG,
    flag: 'wait-worker',
    help: 'seconds to wait for a node that is free',
  },
  Maxattempts: {
    kind: 'integer',
    default: '1',
    commands: CONFIG,
    flag: 'max-attempts',
    help: 'how often a request may be tried on another node',
  },
  Load: {
    kind: 'load',
    commands: ['STATUS'],
    flag: 'load',
    help: '1 to 100 (100: idle), 0: hot standby, -1: broken; without it the node is only pinged',
  },
  Scheme: {
    kind: 'scheme',
    limit: { httpd: 16, mcmp: 16 },
    commands: ['PING'],
    flag: 'scheme',
    help: 'protocol of the address to ping: ajp, http, https, ws or wss',
  },
} as const satisfies Record<string, FieldRow>;

export type FieldName = keyof typeof FIELDS;

/** The row of a field as the table's general type, with what only some rows have. */
export function fieldRow(name: FieldName): FieldRow {
  return FIELDS[name];
}

/** Limit of a field's values in one of the columns; undefined: none. */
export function limitOf({ limit }: FieldRow, column: LimitColumn | 'none'): number | undefined {
  return column === 'none' ? undefined : (limit?.[column] ?? limit?.httpd);
}

const FIELD_NAMES = Object.keys(FIELDS) as FieldName[];

const BY_METHOD: ReadonlyMap<McmpMethod, ReadonlyMap<string, FieldName>> = indexByMethod();

function indexByMethod(): Map<McmpMethod, Map<string, FieldName>> {
  const index = new Map<McmpMethod, Map<string, FieldName>>();
  for (const name of FIELD_NAMES) {
    for (const method of fieldRow(name).commands) {
      const fields = index.get(method) ?? new Map<string, FieldName>();
      fields.set(name.toLowerCase(), name);
      index.set(method, fields);
    }
  }
  return index;
}

/** The field that a command knows under a name, in any letter case. */
export function findField(method: McmpMethod, name: string): FieldName | undefined {
  const fields = BY_METHOD.get(method);
  return fields?.get(name) ?? fields?.get(name.toLowerCase());
}

/** Fields of a command, in the order of the table. */
export function fieldsOf(method: McmpMethod): FieldName[] {
  return FIELD_NAMES.filter((name) => fieldRow(name).commands.includes(method));
}
