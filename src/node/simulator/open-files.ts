import process from 'node:process';
import { McmpError } from '../../core/errors.ts';

/** What a process has open besides its nodes: streams, the loop's own, a log, a control port and its clients. */
const BESIDES = 64;
/** What balancers open towards a node: a connection that pings and one that carries requests. */
const FROM_EACH_BALANCER = 2;

export interface FleetSize {
  readonly nodes: number;
  readonly balancers: number;
  /** All nodes listen on one port. */
  readonly sharedPort: boolean;
}

/** How many files a fleet may have open at once: ports, connections to the balancers, and some from them. */
export function openFilesNeeded({ nodes, balancers, sharedPort }: FleetSize): number {
  const ports = sharedPort ? 1 : nodes;
  const connections = nodes * balancers * (1 + FROM_EACH_BALANCER);
  return BESIDES + ports + connections;
}

/**
 * Refuses a fleet that the process could not hold, before it has half of it: Node has already raised its own limit to
 * the hard one, so that only whoever starts the process can raise it further.
 *
 * @param limit files that the process may have open; the real one when not given
 * @throws McmpError `MCMP_OPEN_FILES`
 */
export function checkOpenFiles(size: FleetSize, limit: number = openFilesLimit()): void {
  const needed = openFilesNeeded(size);
  if (needed <= limit) return;
  throw new McmpError(
    'usage',
    'MCMP_OPEN_FILES',
    `${size.nodes} nodes need about ${needed} open files, and this process may have ${limit}`,
    { hint: `Allow more in the shell that starts it (ulimit -n ${needed}), or start fewer nodes.` },
  );
}

/** Infinite where the system does not tell. */
function openFilesLimit(): number {
  const report: unknown = process.report?.getReport();
  const limits = property(report, 'userLimits');
  const soft = property(property(limits, 'open_files'), 'soft');
  return typeof soft === 'number' ? soft : Number.POSITIVE_INFINITY;
}

/** The report is JSON of no declared shape; Windows has none of these limits in it. */
function property(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}
