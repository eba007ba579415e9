import type { NodeCondition } from '../simulator/types.ts';

/** What the value of a query parameter or a field of a body has to be. */
export type ValueForm =
  | 'text'
  | 'load'
  | 'duration'
  | 'conditions'
  | 'context-state'
  | 'context-path'
  | 'target'
  | 'pairs';

export interface ValueRow {
  readonly form: ValueForm;
  readonly describe: string;
  readonly required?: true;
}

export interface RouteRow {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `{route}` is the name of a node, or a pattern with `*`; `{path}` a context, percent-encoded: `%2Fapp`. */
  readonly path: string;
  /** What it does, in lower case and without a full stop. */
  readonly describe: string;
  readonly query?: Readonly<Record<string, ValueRow>>;
  /** Fields of the JSON body. */
  readonly body?: Readonly<Record<string, ValueRow>>;
  /** In which a node has to be for it; else 409. Without it any will do. */
  readonly conditions?: readonly NodeCondition[];
  /** What `curl` needs behind the address, as a user would paste it; the address is that of `DEFAULT_CONTROL`. */
  readonly curl: string;
  /** The same with `mcmp node-sim ctl`, where it has a word for it. */
  readonly ctl?: string;
}

/** Where a control API is looked for when nobody says. */
export const DEFAULT_CONTROL = '127.0.0.1:8099';

const WAIT = {
  wait: { form: 'duration', describe: 'answer after this time at the latest (10s), whether done or not' },
} as const satisfies RouteRow['query'];

const ALIVE = ['starting', 'running'] as const;

/** All of the API: dispatcher, self-description, client and docs/node-sim-control.md read it. */
export const ROUTES = {
  describe: {
    method: 'GET',
    path: '/v1',
    describe: 'this table',
    curl: '/v1',
  },
  listNodes: {
    method: 'GET',
    path: '/v1/nodes',
    describe: 'all nodes',
    query: { state: { form: 'conditions', describe: 'only nodes in these conditions, separated by commas' } },
    curl: '/v1/nodes?state=running',
    ctl: 'list',
  },
  showNode: {
    method: 'GET',
    path: '/v1/nodes/{route}',
    describe: 'one node, or those that match',
    curl: '/v1/nodes/node1',
    ctl: 'show node1',
  },
  setLoad: {
    method: 'PATCH',
    path: '/v1/nodes/{route}',
    describe: 'reports another load from the next STATUS on',
    body: { load: { form: 'load', describe: 'as --load has it: 50, sine:30,90,60s', required: true } },
    curl: `/v1/nodes/node1 -X PATCH --json '{"load":"sine:30,90,60s"}'`,
    ctl: 'load node1 sine:30,90,60s',
  },
  addReference: {
    method: 'POST',
    path: '/v1/nodes/{route}/contexts',
    describe: 'deploys a context, or adds a reference to it (parallel deployment)',
    query: WAIT,
    body: {
      path: { form: 'context-path', describe: 'such as /shop', required: true },
      state: { form: 'context-state', describe: 'what a new context begins as (enabled)' },
    },
    conditions: ALIVE,
    curl: `/v1/nodes/node1/contexts --json '{"path":"/shop"}'`,
    ctl: 'deploy node1 /shop',
  },
  showContext: {
    method: 'GET',
    path: '/v1/nodes/{route}/contexts/{path}',
    describe: 'one context',
    curl: '/v1/nodes/node1/contexts/%2Fapp',
    ctl: 'show node1 /app',
  },
  setContext: {
    method: 'PUT',
    path: '/v1/nodes/{route}/contexts/{path}',
    describe: 'enables, disables or stops a context; deploys it when there is none',
    query: WAIT,
    body: { state: { form: 'context-state', describe: 'enabled, disabled or stopped', required: true } },
    conditions: ALIVE,
    curl: `/v1/nodes/node1/contexts/%2Fapp -X PUT --json '{"state":"disabled"}'`,
    ctl: 'disable node1 /app',
  },
  removeReference: {
    method: 'DELETE',
    path: '/v1/nodes/{route}/contexts/{path}',
    describe: 'takes a reference away; with the last the context is drained and removed',
    query: WAIT,
    conditions: ALIVE,
    curl: '/v1/nodes/node1/contexts/%2Fshop -X DELETE',
    ctl: 'remove node1 /shop',
  },
  say: {
    method: 'POST',
    path: '/v1/nodes/{route}/say',
    describe: 'sends a message of your choice to every balancer of the node, and shows what they answer',
    query: WAIT,
    body: {
      method: { form: 'text', describe: 'PING, STATUS, DUMP, ...', required: true },
      target: { form: 'target', describe: '/ (which it is without a word) or /*' },
      pairs: {
        form: 'pairs',
        describe: 'fields in their order, each [name, value]; {route} becomes the name of the node',
      },
    },
    conditions: ALIVE,
    curl: `/v1/nodes/node1/say --json '{"method":"PING","pairs":[["JVMRoute","node1"]]}'`,
    ctl: 'say node1 PING JVMRoute=node1',
  },
  refresh: {
    method: 'POST',
    path: '/v1/nodes/{route}/refresh',
    describe: 'connects anew and compares with INFO, as after a failure',
    conditions: ALIVE,
    curl: `/v1/nodes/node1/refresh --json '{}'`,
    ctl: 'refresh node1',
  },
  kill: {
    method: 'POST',
    path: '/v1/nodes/{route}/kill',
    describe: 'ends a node as the end of a process does: connections are reset, nobody is told',
    query: WAIT,
    conditions: ['starting', 'running', 'leaving'],
    curl: `/v1/nodes/node2/kill --json '{}'`,
    ctl: 'kill node2',
  },
  restart: {
    method: 'POST',
    path: '/v1/nodes/{route}/restart',
    describe: 'brings a node back on the same port; one that runs is killed first',
    query: WAIT,
    conditions: ['running', 'gone', 'killed'],
    curl: `/v1/nodes/node2/restart --json '{}'`,
    ctl: 'restart node2',
  },
  leave: {
    method: 'POST',
    path: '/v1/nodes/{route}/leave',
    describe: 'lets a node go politely: disable, drain, stop, remove',
    query: WAIT,
    conditions: ALIVE,
    curl: `/v1/nodes/node2/leave --json '{}'`,
    ctl: 'leave node2',
  },
  listFaults: {
    method: 'GET',
    path: '/v1/faults',
    describe: 'faults that are on, and how often each struck',
    curl: '/v1/faults',
    ctl: 'fault list',
  },
  addFault: {
    method: 'POST',
    path: '/v1/faults',
    describe: 'switches a fault on',
    body: { fault: { form: 'text', describe: 'as --fault has it: latency:200ms@node2', required: true } },
    curl: `/v1/faults --json '{"fault":"hang@node2"}'`,
    ctl: 'fault on hang@node2',
  },
  removeFault: {
    method: 'DELETE',
    path: '/v1/faults/{id}',
    describe: 'switches a fault off',
    curl: '/v1/faults/f1 -X DELETE',
    ctl: 'fault off f1',
  },
  clearFaults: {
    method: 'DELETE',
    path: '/v1/faults',
    describe: 'switches all faults off',
    curl: '/v1/faults -X DELETE',
    ctl: 'fault off all',
  },
  watch: {
    method: 'GET',
    path: '/v1/events',
    describe: 'server-sent events: first everything, then each node that changes, and faults that are switched',
    curl: '/v1/events --no-buffer --max-time 5',
    ctl: 'watch',
  },
} as const satisfies Record<string, RouteRow>;

export type RouteName = keyof typeof ROUTES;

/** The row of a route as the table's general type, with what only some rows have. */
export function routeRow(name: RouteName): RouteRow {
  return ROUTES[name];
}

export const ROUTE_NAMES = Object.keys(ROUTES) as readonly RouteName[];
