import { TOKEN } from '../../client/compose.ts';
import { RELEASE } from '../../core/mcmp/release.ts';
import type { Log } from '../../observe/types.ts';
import type { Clock } from '../clock.ts';
import { checkFaultFits } from '../faults/fits.ts';
import { parseFault } from '../faults/grammar.ts';
import { openLoad } from '../load/open-load.ts';
import { parseLoad } from '../load/parse-load.ts';
import { contextPath } from '../registrar/paths.ts';
import { contextDocuments, nodeDocument, SCHEMA_VERSION } from '../simulator/documents.ts';
import type { Fleet, SimulatedNode } from '../simulator/types.ts';
import type { Answers, ContextsAnswer, DescriptionAnswer, FaultsAnswer, NodesAnswer, SaidAnswer } from './documents.ts';
import { faultDocuments } from './fault-documents.ts';
import type { Performed, Performer } from './perform.ts';
import { Refusal } from './refusal.ts';
import { ROUTE_NAMES, type RouteName, routeRow } from './routes.ts';
import { sayOnce, shorten } from './say.ts';
import { requireCondition, selectNodes } from './selection.ts';
import type { Call } from './values.ts';

export interface Reply<Document> {
  readonly status: number;
  readonly document: Document;
}

/** All but the stream of events, which is no reply. */
export type Handlers = {
  readonly [Name in keyof Answers]: (call: Call<Name>) => Reply<Answers[Name]> | Promise<Reply<Answers[Name]>>;
};

export interface HandlerOptions {
  readonly fleet: Fleet;
  readonly performer: Performer;
  readonly clock: Clock;
  readonly log: Log;
  /** Told after each change, so that watchers learn of it at once. */
  readonly onChange: (routes: readonly string[]) => void;
}

export function createHandlers({ fleet, performer, clock, log, onChange }: HandlerOptions): Handlers {
  /** Does something with nodes that are in a condition for it. */
  const perform = async <Result>(
    name: RouteName,
    route: string,
    waitMs: number | undefined,
    act: (node: SimulatedNode) => Promise<Result>,
  ): Promise<Performed<Result>> => {
    const selection = selectNodes(fleet, route);
    const { conditions } = routeRow(name);
    try {
      return await performer.each(selection, waitMs, async (node) => {
        requireCondition(node, conditions, name);
        return await act(node);
      });
    } finally {
      onChange(selection.nodes.map((node) => node.route));
    }
  };

  const changeNodes = async (
    name: RouteName,
    route: string,
    waitMs: number | undefined,
    act: (node: SimulatedNode) => void | Promise<void>,
  ): Promise<Reply<NodesAnswer>> => {
    const { results, failures, pending } = await perform(name, route, waitMs, async (node) => {
      await act(node);
      return node;
    });
    const document: NodesAnswer = {
      schemaVersion: SCHEMA_VERSION,
      nodes: results.map(nodeDocument),
      failures,
      pending,
    };
    return { status: statusOfMany(document), document };
  };

  const changeContexts = async (
    name: RouteName,
    route: string,
    path: string,
    waitMs: number | undefined,
    act: (node: SimulatedNode) => Promise<void>,
  ): Promise<Reply<ContextsAnswer>> => {
    const { results, failures, pending } = await perform(name, route, waitMs, async (node) => {
      await act(node);
      return node;
    });
    const contexts = results.flatMap((node) => contextDocuments(node.node(), path));
    const document: ContextsAnswer = { schemaVersion: SCHEMA_VERSION, contexts, failures, pending };
    return { status: statusOfMany(document), document };
  };

  const faults = (status: number): Reply<FaultsAnswer> => {
    const document: FaultsAnswer = { schemaVersion: SCHEMA_VERSION, faults: faultDocuments(fleet.faults) };
    return { status, document };
  };

  return {
    describe: () => {
      const document: DescriptionAnswer = {
        schemaVersion: SCHEMA_VERSION,
        program: RELEASE,
        nodeCount: fleet.nodes.size,
        routes: ROUTE_NAMES.map((name) => {
          const { method, path, describe, query = {}, body = {}, curl, ctl } = routeRow(name);
          return { name, method, path, describe, query: meanings(query), body: meanings(body), curl, ctl: ctl ?? null };
        }),
      };
      return { status: 200, document };
    },

    listNodes: ({ query: { state } }) => {
      const nodes = [...fleet.nodes.values()].filter((node) => state === undefined || state.has(node.condition()));
      return nodesReply(nodes);
    },

    showNode: ({ params }) => nodesReply(selectNodes(fleet, params.route).nodes),

    setLoad: ({ params, body }) => {
      // Whoever reaches this port shall not read files or run commands by it.
      const spec = parseLoad(body.load, { hostAccess: false });
      return changeNodes('setLoad', params.route, undefined, (node) =>
        node.setLoad(
          openLoad(spec, {
            inFlight: node.inFlight,
            requestCount: node.requestCount,
            clock,
            route: node.route,
            log: (line) => log.warn('The load of a node', { route: node.route, problem: line }),
          }),
        ),
      );
    },

    addReference: ({ params, query, body }) =>
      changeContexts('addReference', params.route, body.path, query.wait, (node) =>
        node.node().deploy(body.path, body.state),
      ),

    showContext: ({ params }) => {
      const path = contextPath(params.path);
      const { nodes, isPattern } = selectNodes(fleet, params.route);
      const contexts = nodes.flatMap((node) => contextDocuments(node.node(), path));
      if (contexts.length === 0 && !isPattern) throw noSuchContext(nodes, path);
      const document: ContextsAnswer = { schemaVersion: SCHEMA_VERSION, contexts, failures: [], pending: [] };
      return { status: 200, document };
    },

    setContext: ({ params, query, body }) => {
      const path = contextPath(params.path);
      return changeContexts('setContext', params.route, path, query.wait, (node) =>
        contextDocuments(node.node(), path).length === 0
          ? node.node().deploy(path, body.state)
          : node.node().wish(path, body.state),
      );
    },

    removeReference: ({ params, query }) => {
      const path = contextPath(params.path);
      return changeContexts('removeReference', params.route, path, query.wait, async (node) => {
        if (contextDocuments(node.node(), path).length === 0) throw noSuchContext([node], path);
        await node.node().undeploy(path);
      });
    },

    say: async ({ params, query, body }) => {
      const { method, target = '/', pairs = [] } = body;
      if (!TOKEN.test(method)) {
        throw new Refusal(400, 'MCMP_BAD_BODY', '"method" of the body has to be the name of a command, such as STATUS');
      }
      const { results, failures, pending } = await perform('say', params.route, query.wait, (node) =>
        sayOnce(node, { method, target, pairs }),
      );
      const document: SaidAnswer = {
        schemaVersion: SCHEMA_VERSION,
        answers: shorten(results.flat()),
        failures,
        pending,
      };
      return { status: statusOfMany(document), document };
    },

    refresh: ({ params }) => changeNodes('refresh', params.route, undefined, (node) => node.node().refresh()),
    kill: ({ params, query }) => changeNodes('kill', params.route, query.wait, (node) => node.kill()),
    restart: ({ params, query }) => changeNodes('restart', params.route, query.wait, (node) => node.restart()),
    leave: ({ params, query }) => changeNodes('leave', params.route, query.wait, (node) => node.leave()),

    listFaults: () => faults(200),

    addFault: ({ body }) => {
      const spec = parseFault(body.fault);
      checkFaultFits(spec.fault, fleet.type);
      for (const pattern of spec.nodes) selectNodes(fleet, pattern);
      fleet.faults.add(spec);
      return faults(201);
    },

    removeFault: ({ params }) => {
      if (!fleet.faults.remove(params.id)) {
        throw new Refusal(404, 'MCMP_NO_SUCH_FAULT', `there is no fault ${params.id.slice(0, 100)}`, {
          hint: 'Those that are on: mcmp node-sim ctl fault list, or GET /v1/faults.',
        });
      }
      return faults(200);
    },

    clearFaults: () => {
      fleet.faults.clear();
      return faults(200);
    },
  };
}

function nodesReply(nodes: readonly SimulatedNode[]): Reply<NodesAnswer> {
  const document: NodesAnswer = {
    schemaVersion: SCHEMA_VERSION,
    nodes: nodes.map(nodeDocument),
    failures: [],
    pending: [],
  };
  return { status: 200, document };
}

/** 207 (RFC 4918 §11.1) when some failed, 202 when some are still at it, else 200. */
function statusOfMany({ failures, pending }: { failures: readonly unknown[]; pending: readonly unknown[] }): number {
  if (failures.length > 0) return 207;
  return pending.length > 0 ? 202 : 200;
}

function noSuchContext([node]: readonly SimulatedNode[], path: string): Refusal {
  const paths = node === undefined ? [] : contextDocuments(node.node()).map((context) => context.path);
  return new Refusal(404, 'MCMP_NO_SUCH_CONTEXT', `${node?.route} has no context ${path}`, {
    hint: paths.length === 0 ? 'It has none at all.' : `It has ${paths.slice(0, 20).join(', ')}.`,
  });
}

function meanings(rows: Readonly<Record<string, { readonly describe: string }>>): Record<string, string> {
  return Object.fromEntries(Object.entries(rows).map(([name, { describe }]) => [name, describe]));
}
