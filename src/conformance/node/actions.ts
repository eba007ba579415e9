import type { Need } from '../needs.ts';

/** What can be done to a node under test while it runs: by `--control`, or by a person who is asked. */
export const ACTIONS = {
  deploy: { need: 'node-deploy', ask: 'Deploy an application at the context {context} of the node' },
  undeploy: { need: 'node-undeploy', ask: 'Undeploy the application at the context {context}' },
  enable: { need: 'node-enable', ask: 'Start (enable) the context {context} again' },
  disable: { need: 'node-disable', ask: 'Disable the context {context}: no new sessions' },
  stop: { need: 'node-stop', ask: 'Stop the context {context}, without undeploying it' },
  load: { need: 'node-load', ask: 'Let the node report the load {value}' },
  exit: { need: 'node-exit', ask: 'Shut the node down in an orderly way' },
  ping: { need: 'node-ping', ask: 'Let the node ping its balancers (the management operation)' },
  'stop-connector': { need: 'node-stop-connector', ask: 'Stop the connector of the node' },
  'add-balancer': { need: 'node-add-balancer', ask: 'Give the node another balancer: {value}' },
} as const satisfies Readonly<Record<string, { readonly need: Need; readonly ask: string }>>;

export type Action = keyof typeof ACTIONS;

export const ACTION_NAMES = Object.keys(ACTIONS) as readonly Action[];

/** What an action is about; what a control line has in braces. */
export interface ActionValues {
  /** JVMRoute of the node, as it was seen; empty before. */
  readonly route: string;
  /** A context path. */
  readonly context: string;
  /** A load, or a URL. */
  readonly value: string;
}
