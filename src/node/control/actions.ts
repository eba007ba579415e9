/** A word that `mcmp node-sim ctl` knows, and what it wants behind it. */
export interface ActionRow {
  /** In the help: a word in brackets may be missing. */
  readonly words: string;
  /** What it does, in lower case and without a full stop. */
  readonly describe: string;
}

export const ACTIONS = {
  list: { words: '', describe: 'all nodes' },
  show: { words: 'ROUTE [PATH]', describe: 'all about a node, or one of its contexts' },
  load: { words: 'ROUTE SPEC', describe: 'report another load' },
  fault: { words: 'on SPEC, off ID, off all or list', describe: 'switch faults' },
  enable: { words: 'ROUTE PATH', describe: 'enable a context; like disable and stop, deploys one that is not there' },
  disable: { words: 'ROUTE PATH', describe: 'disable a context: no new sessions' },
  stop: { words: 'ROUTE PATH', describe: 'stop a context: drain it, no new requests' },
  deploy: { words: 'ROUTE PATH', describe: 'deploy a context, or once more' },
  remove: { words: 'ROUTE PATH', describe: 'undeploy a context, once' },
  kill: { words: 'ROUTE', describe: 'end a node as the end of a process does' },
  restart: { words: 'ROUTE', describe: 'bring a node back' },
  leave: { words: 'ROUTE', describe: 'let a node go politely' },
  refresh: { words: 'ROUTE', describe: 'connect anew, as after a failure' },
  say: { words: 'ROUTE COMMAND [Name=value..]', describe: 'send a message to the balancers of a node' },
  watch: { words: '', describe: 'print changes until Ctrl-C' },
} as const satisfies Record<string, ActionRow>;

export type ActionName = keyof typeof ACTIONS;

export const ACTION_NAMES = Object.keys(ACTIONS) as readonly ActionName[];
