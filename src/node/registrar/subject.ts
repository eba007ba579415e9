import type { ConnectorSource } from './connector-source.ts';
import type { ConfigParameters, ContextWish } from './types.ts';

/** A node as its registrars see it: what it is and what it wants, the same for every balancer. */
export interface Subject {
  readonly route: string;
  readonly aliases: readonly string[];
  readonly parameters: ConfigParameters;
  readonly statusIntervalMs: number;
  /** 0: no limit. */
  readonly drainTimeoutMs: number;
  readonly drainPollMs: number;
  readonly blindDrainMs: number;
  readonly connector: ConnectorSource;
  /** Contexts that may be told, and what they shall be. */
  readonly wishes: () => ReadonlyMap<string, ContextWish>;
  readonly sessions: (path: string) => number;
  /** Load to report now; what is wrong with the source of it goes to `warn`. */
  readonly load: (warn: (message: string) => void) => number;
}
