import type { Shared } from '../shared.ts';
import { explainRoute } from './explain.ts';
import { createMetricsRoute } from './metrics.ts';
import type { ManagementRoutes } from './route.ts';

/**
 * All paths of the management address of one balancer. What a route remembers (streams, the page's token) begins here, so
 * each balancer of a process has its own.
 */
export function createRoutes(shared: Shared): ManagementRoutes {
  return new Map([
    ['/api/v1/explain', explainRoute],
    ['/metrics', createMetricsRoute(shared)],
  ]);
}
