import type { NodeMind } from '../support/java-node.ts';

/** The node of a recording, as it is at one time. */
export interface RecordedNode {
  route: string;
  config: string;
  readonly port: number;
  readonly type: 'http' | 'ajp';
  readonly aliases: readonly string[];
  /** Whether each context is started. */
  readonly contexts: Map<string, boolean>;
  readonly autoEnable: boolean;
}

/** What the recorded node was started with. */
export function nodeSetup(event: string, type: 'http' | 'ajp'): RecordedNode {
  const option = (name: string, otherwise: string): string =>
    new RegExp(`(?:--| )${name}[ =](\\S+)`).exec(event)?.[1] ?? otherwise;
  const list = (name: string, otherwise: string): string[] => option(name, otherwise).split(',').filter(Boolean);
  const excluded = list('excludedContexts', '').map((name) => `/${name}`);
  const paths = list('contexts', '/one,/two').filter((path) => !excluded.includes(path));
  return {
    route: 'node1',
    config: '',
    port: Number(option('port', '18100')),
    type,
    aliases: ['localhost', ...list('aliases', '')],
    contexts: new Map(paths.map((path) => [path, true])),
    autoEnable: option('autoEnableContexts', 'true') === 'true',
  };
}

/** Follows what the node was told: deploying and undeploying, starting and stopping. */
export function changeContexts(contexts: Map<string, boolean>, event: string): void {
  const [, outcome, operation, path = ''] = /^node: (OK )?([a-z-]+) (\/\S*)/.exec(event) ?? [];
  if (outcome === undefined) return;
  if (operation === 'undeploy') contexts.delete(path);
  if (operation === 'deploy' || operation === 'start-ctx') contexts.set(path, true);
  if (operation === 'stop-ctx') contexts.set(path, false);
}

/** What its CONFIG says of it. */
export function configure(node: RecordedNode, body: string): void {
  node.config = body;
  node.route = /^JVMRoute=([^&]+)/.exec(body)?.[1] ?? node.route;
}

export function mindOf({ route, config, aliases, contexts, autoEnable }: RecordedNode): NodeMind {
  const host = { name: aliases[0] ?? '', aliases: new Set(aliases), contexts: new Map(contexts) };
  return { route, config, autoEnable, hosts: [host] };
}
