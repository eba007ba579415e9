import { isUtf8 } from 'node:buffer';
import type { NodeState } from '../cluster/lifecycle.ts';
import type { ContextStatus } from '../cluster/records.ts';
import type { ClusterLimits } from '../cluster/types.ts';
import { parseJson } from './json.ts';
import type { BalancerSettings, NodeSettings } from './types.ts';

/**
 * INFO and DUMP in JSON: everything a program may want to know, in one document. The members only grow within a
 * `schemaVersion`. Times are those of the balancer's clock, in ms; 0 means never.
 */
export interface ClusterDocument {
  readonly schemaVersion: 1;
  readonly release: string;
  readonly protocol: string;
  readonly dialect: string;
  /** `id` of STATUS and PING replies. */
  readonly incarnationId: string;
  readonly defaultBalancer: string;
  readonly waitBeforeRemoveMs: number;
  readonly brokenNodeTimeoutMs: number;
  readonly limits: ClusterLimits;
  /** Rows in use of each table. */
  readonly used: {
    readonly nodes: number;
    readonly contexts: number;
    readonly hosts: number;
    readonly balancers: number;
  };
  readonly balancers: readonly ({ readonly id: number } & BalancerSettings)[];
  readonly nodes: readonly DocumentNode[];
}

export interface DocumentNode extends NodeSettings {
  readonly id: number;
  /** Name of its balancer. */
  readonly balancer: string;
  readonly load: number;
  readonly state: Exclude<NodeState, 'unknown'>;
  /** Whether it may get requests at all. */
  readonly usable: boolean;
  readonly errorReason: string;
  readonly removedAtMs: number;
  readonly lastHeardMs: number;
  readonly failingSinceMs: number;
  readonly elected: number;
  readonly readBytes: number;
  readonly transferredBytes: number;
  readonly inFlight: number;
  readonly vhosts: readonly DocumentVhost[];
}

export interface DocumentVhost {
  /** Number within the node. */
  readonly id: number;
  readonly aliases: readonly string[];
  readonly contexts: readonly {
    readonly id: number;
    readonly path: string;
    readonly status: ContextStatus;
    readonly inFlight: number;
  }[];
}

/**
 * Writes a document of byte strings as a byte string. Bytes of UTF-8 stay as they are, so the wire carries proper JSON;
 * bytes that are not UTF-8 become `\u00XX`, which the reader below turns back into the same bytes.
 */
export function printDocument(document: ClusterDocument): string {
  const json = JSON.stringify(document).replace(/[\u0080-\u00ff]+/g, (run) => {
    if (isUtf8(Buffer.from(run, 'latin1'))) return run;
    return run.replace(/[\s\S]/g, (byte) => `\\u00${byte.charCodeAt(0).toString(16)}`);
  });
  return `${json}\n`;
}

/**
 * Reads a document that `printDocument` wrote.
 *
 * @param body byte string
 * @returns undefined when it is not such a document, or of another `schemaVersion`
 */
export function readDocument(body: string): ClusterDocument | undefined {
  const value: unknown = parseJson(body);
  return isDocument(value) ? value : undefined;
}

/** What a reader relies on: our own program wrote the rest. */
function isDocument(value: unknown): value is ClusterDocument {
  if (typeof value !== 'object' || value === null) return false;
  if (!('schemaVersion' in value) || value.schemaVersion !== 1) return false;
  return 'nodes' in value && Array.isArray(value.nodes) && 'balancers' in value && Array.isArray(value.balancers);
}
