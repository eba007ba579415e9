import type { BalancerRow, ContextRow, NodeRow } from '../../../src/balancer/management/rows.ts';
import type { StateDocument } from '../../../src/balancer/management/state.ts';
import type { ReceivedEvent } from './event-client.ts';

interface FollowedVhost {
  readonly aliases: Set<string>;
  readonly contexts: Map<number, ContextRow>;
}

interface FollowedNode {
  row: NodeRow;
  readonly vhosts: Map<number, FollowedVhost>;
}

/** What events are told of: counters and times change without. */
const UNTOLD = new Set([
  'elected',
  'readBytes',
  'transferredBytes',
  'inFlight',
  'connections',
  'lastHeardMs',
  'lastHeardAgoMs',
]);

/** Keeps up with a balancer by its events alone, as docs/api/README.md says. */
export class Follower {
  readonly #nodes = new Map<number, FollowedNode>();
  readonly #balancers = new Map<number, BalancerRow>();
  snapshots = 0;
  resets = 0;

  follow({ type, data }: ReceivedEvent): void {
    // The client has held it to the schema.
    const event = data as never as {
      readonly node: NodeRow;
      readonly vhost: number;
      readonly alias: { readonly name: string };
      readonly context: ContextRow;
      readonly balancer: BalancerRow;
    };
    switch (type) {
      case 'snapshot':
        this.#take(data as never as StateDocument);
        return;
      case 'reset':
        this.resets++;
        this.#nodes.clear();
        this.#balancers.clear();
        return;
      case 'balancer-changed':
        this.#balancers.set(event.balancer.id, event.balancer);
        return;
      case 'node-added':
        this.#nodes.set(event.node.id, { row: event.node, vhosts: new Map() });
        return;
      case 'node-updated':
      case 'node-state':
      case 'node-load': {
        const known = this.#nodes.get(event.node.id);
        if (known !== undefined) known.row = { ...known.row, ...event.node };
        return;
      }
      case 'node-removed':
        this.#nodes.delete(event.node.id);
        return;
      case 'alias-added':
        this.#vhost(event.node.id, event.vhost)?.aliases.add(event.alias.name);
        return;
      case 'alias-removed': {
        const vhost = this.#vhost(event.node.id, event.vhost);
        vhost?.aliases.delete(event.alias.name);
        if (vhost?.aliases.size === 0) this.#nodes.get(event.node.id)?.vhosts.delete(event.vhost);
        return;
      }
      case 'context-added':
      case 'context-changed':
        this.#vhost(event.node.id, event.vhost)?.contexts.set(event.context.id, event.context);
        return;
      case 'context-removed':
        this.#vhost(event.node.id, event.vhost)?.contexts.delete(event.context.id);
        return;
    }
  }

  /** What it has come to, in a form in which two can be compared. */
  get picture(): object {
    const nodes = [...this.#nodes.values()].map(({ row, vhosts }) => ({
      row,
      vhosts: [...vhosts].map(([id, { aliases, contexts }]) => ({ id, aliases, contexts: [...contexts.values()] })),
    }));
    return pictureOf([...this.#balancers.values()], nodes);
  }

  #take(document: StateDocument): void {
    this.snapshots++;
    this.#nodes.clear();
    this.#balancers.clear();
    for (const balancer of document.balancers) this.#balancers.set(balancer.id, balancer);
    for (const { vhosts, ...row } of document.nodes) {
      this.#nodes.set(row.id, {
        row,
        vhosts: new Map(
          vhosts.map(({ id, aliases, contexts }) => [
            id,
            { aliases: new Set(aliases), contexts: new Map(contexts.map((context) => [context.id, context])) },
          ]),
        ),
      });
    }
  }

  #vhost(node: number, number: number): FollowedVhost | undefined {
    const vhosts = this.#nodes.get(node)?.vhosts;
    const vhost = vhosts?.get(number) ?? { aliases: new Set<string>(), contexts: new Map<number, ContextRow>() };
    vhosts?.set(number, vhost);
    return vhost;
  }
}

/** The same of a state document. */
export function pictureOfState({ balancers, nodes }: StateDocument): object {
  return pictureOf(
    balancers,
    nodes.map(({ vhosts, ...row }) => ({ row, vhosts })),
  );
}

function pictureOf(
  balancers: readonly BalancerRow[],
  nodes: readonly {
    readonly row: NodeRow;
    readonly vhosts: readonly {
      readonly id: number;
      readonly aliases: Iterable<string>;
      readonly contexts: readonly ContextRow[];
    }[];
  }[],
): object {
  const byId = (a: { readonly id: number }, b: { readonly id: number }): number => a.id - b.id;
  return {
    balancers: balancers.toSorted(byId),
    nodes: nodes
      .toSorted((a, b) => byId(a.row, b.row))
      .map(({ row, vhosts }) => ({
        row: Object.fromEntries(Object.entries(row).filter(([name]) => !UNTOLD.has(name))),
        vhosts: vhosts.toSorted(byId).map(({ id, aliases, contexts }) => ({
          id,
          aliases: [...aliases].toSorted(),
          contexts: contexts.toSorted(byId).map((context) => [context.id, context.path, context.status]),
        })),
      })),
  };
}
