import type { ClusterEvent } from '../../core/cluster/events.ts';
import type { ContextRecord, NodeRecord } from '../../core/cluster/records.ts';
import type { RoutingReason, SessionSource } from '../../core/routing/index.ts';
import { bucketOf, Tally, TallyRows } from './tally.ts';
import type {
  HandshakeCounts,
  ProxyHeaderCounts,
  RequestCounts,
  RequestResult,
  RetryReason,
  SessionOutcome,
  TrafficCounts,
  WrongProtocolCounts,
} from './types.ts';

/** The numbers of one balancer's data plane: what requests count up, and the metrics read. */
export class Traffic implements TrafficCounts {
  readonly all = new Tally();
  readonly decisions: Record<RoutingReason, number> = {
    elected: 0,
    sticky: 0,
    'failover-domain': 0,
    failover: 0,
    standby: 0,
    'bad-path': 0,
    'no-host': 0,
    'no-context': 0,
    'all-stopped': 0,
    'no-node': 0,
    'sticky-forced': 0,
  };
  readonly retries: Record<RetryReason, number> = { connect: 0, tls: 0, lost: 0, stale: 0, hung: 0, refused: 0 };
  readonly sessions: Record<SessionOutcome, number> = {
    hit: 0,
    'failover-domain': 0,
    failover: 0,
    'forced-503': 0,
    'no-route': 0,
    unserved: 0,
  };
  readonly sessionSources: Record<Exclude<SessionSource, 'none'>, number> = { cookie: 0, path: 0, query: 0 };
  badRequests = 0;
  readonly turnedAway = { web: 0, mcmp: 0 };
  readonly tls: Readonly<Record<'web' | 'mcmp', HandshakeCounts>> = { web: noHandshakes(), mcmp: noHandshakes() };
  readonly wrongProtocol: Readonly<Record<'web' | 'mcmp', WrongProtocolCounts>> = {
    web: { plain: 0, tls: 0 },
    mcmp: { plain: 0, tls: 0 },
  };
  readonly proxyHeaders: ProxyHeaderCounts = { told: 0, local: 0, missing: 0, broken: 0, timeout: 0 };
  connectsToNodes = 0;
  failedConnectsToNodes = 0;
  readonly nodeRows: TallyRows<NodeRecord>;
  readonly contextRows: TallyRows<ContextRecord>;
  readonly #codes = new Map<string, { count: number }>();

  /** @param limits how many nodes and contexts have rows of their own */
  constructor(limits: { readonly nodes: number; readonly contexts: number }) {
    this.nodeRows = new TallyRows(limits.nodes);
    this.contextRows = new TallyRows(limits.contexts);
  }

  get byCode(): ReadonlyMap<string, number> {
    return new Map(Array.from(this.#codes, ([code, { count }]) => [code, count]));
  }

  get otherNodes(): RequestCounts {
    return this.nodeRows.others;
  }

  get otherContexts(): RequestCounts {
    return this.contextRows.others;
  }

  nodes(): Iterable<readonly [NodeRecord, RequestCounts]> {
    return this.nodeRows.entries();
  }

  contexts(): Iterable<readonly [ContextRecord, RequestCounts]> {
    return this.contextRows.entries();
  }

  /** Keeps up with the cluster. */
  observe(event: ClusterEvent): void {
    if (event.type === 'node-removed') this.nodeRows.leave(event.node);
    else if (event.type === 'context-removed') this.contextRows.leave(event.context);
  }

  /**
   * Counts a request that has ended. To be called once for each.
   *
   * @param code a constant of this program, never text of a peer
   * @param node row of the node that was tried last; null when none was
   */
  ended(result: RequestResult, code: string, durationMs: number, node: Tally | null, context: Tally | null): void {
    const bucket = result === 'tunnel' ? -1 : bucketOf(durationMs);
    this.all.count(result, bucket, durationMs);
    if (node !== null) node.count(result, bucket, durationMs);
    if (context !== null) context.count(result, bucket, durationMs);
    const cell = this.#codes.get(code);
    if (cell === undefined) this.#codes.set(code, { count: 1 });
    else cell.count++;
  }
}

function noHandshakes(): HandshakeCounts {
  return {
    full: 0,
    resumed: 0,
    failures: {
      version: 0,
      cipher: 0,
      protocol: 0,
      'no-certificate': 0,
      certificate: 0,
      'refused-by-client': 0,
      'time-out': 0,
      aborted: 0,
      other: 0,
    },
  };
}
