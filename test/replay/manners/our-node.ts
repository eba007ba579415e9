import { createNode } from '../../../src/node/registrar/create-node.ts';
import type { McmpNode } from '../../../src/node/registrar/types.ts';
import type { Manners } from '../../../src/node/wire/types.ts';
import type { Surroundings } from './replay.ts';

/** Our node in the place of the recorded Tomcat. */
export function startOurNode(surroundings: Surroundings, manners: Manners): McmpNode {
  const { settings, balancers, clock, load, sessions, inFlight } = surroundings;
  const { route, host, port, type, aliases, contexts, excludedContexts, config } = settings;
  return createNode({
    route,
    balancers,
    contexts,
    excludedContexts,
    aliases,
    connector: { host, port, type, inFlight },
    load,
    sessions,
    config,
    manners,
    clock,
  });
}
