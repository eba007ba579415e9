import type { McmpClientOptions, SurveyClock } from '../client/index.ts';
import type { Address } from '../core/address.ts';

/** Everything `mcmp exporter` can be told. Durations in milliseconds. */
export interface ExporterOptions {
  readonly targets: readonly URL[];
  readonly listen: readonly Address[];
  /** CIDR ranges or addresses of who may scrape; `['any']` for all. */
  readonly allow: readonly string[];
  /** Scrapes within this time share one reading; 0: each has its own. */
  readonly cacheMs: number;
  /** Nodes and contexts with rows of their own, for each target. */
  readonly nodes: number;
  readonly contexts: number;
  /** How the targets are talked to; its time-out is for all questions to one together. */
  readonly client: McmpClientOptions & { readonly timeoutMs: number };
  /** Tests put another one in. */
  readonly clock?: SurveyClock;
}
