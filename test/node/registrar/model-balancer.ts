import { freeAfter } from '../../support/cleanup.ts';
import { type BalancerReaction, type BalancerRequest, startScriptedBalancer } from '../../support/scripted-balancer.ts';
import { infoOf, MEM } from './stage.ts';

/** A balancer of the simplest kind, for node `n1`, that can be made to fail. */
export interface ModelBalancer {
  readonly url: string;
  readonly requests: readonly BalancerRequest[];
  /** Status by path; undefined when it has no such node. */
  readonly table: () => Record<string, string> | undefined;
  /** As after a restart: no rows, another `id`. */
  forget(): void;
  /**
   * What becomes of the next message, unless it is the last of a node: refused; carried out, and the connection cut instead
   * of an answer; cut before it is carried out.
   */
  failNext(how: 'MEM' | 'cut' | 'deaf'): void;
  close(): Promise<void>;
}

const STATUSES: ReadonlyMap<string, string> = new Map([
  ['ENABLE-APP', 'ENABLED'],
  ['DISABLE-APP', 'DISABLED'],
  ['STOP-APP', 'STOPPED'],
]);

export async function startModelBalancer(): Promise<ModelBalancer> {
  let rows: Map<string, string> | undefined;
  let id = 1;
  let left = 0;
  let fails: 'MEM' | 'cut' | 'deaf' | undefined;

  const apply = ({ method, target, body }: BalancerRequest): BalancerReaction => {
    const path = new URLSearchParams(body).get('Context') ?? '';
    if (method === 'INFO') return { body: rows === undefined ? '' : infoOf(Object.fromEntries(rows)) };
    if (method === 'CONFIG') {
      rows ??= new Map();
      return {};
    }
    if (rows === undefined) return MEM;
    if (method === 'STATUS') return { body: `Type=STATUS-RSP&JVMRoute=n1&State=OK&id=${id}\n` };
    const status = STATUSES.get(method);
    if (status !== undefined) rows.set(path, status);
    else if (target === '/*') rows = undefined;
    else rows.delete(path);
    if (method !== 'STOP-APP') return {};
    // One request stays until it is asked for twice.
    left = left === 0 ? 1 : 0;
    return { body: `Type=STOP-APP-RSP&JvmRoute=n1&Alias=localhost&Context=${path}&Requests=${left}\n` };
  };
  const peer = await startScriptedBalancer((request) => {
    const how = request.target === '/*' ? undefined : fails;
    if (how !== undefined) fails = undefined;
    if (how === 'MEM') return MEM;
    if (how === 'deaf') return 'close';
    const reaction = apply(request);
    return how === 'cut' ? 'close' : reaction;
  });
  freeAfter(() => peer.close());
  return {
    url: peer.url,
    requests: peer.requests,
    table: () => rows && Object.fromEntries([...rows].sort(([one], [other]) => (one < other ? -1 : 1))),
    forget() {
      rows = undefined;
      id += 1;
    },
    failNext(how) {
      fails = how;
    },
    close: () => peer.close(),
  };
}
