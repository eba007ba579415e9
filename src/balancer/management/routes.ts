import { McmpError } from '../../core/errors.ts';
import type { Shared } from '../shared.ts';
import { createCommandsRoute } from './commands/route.ts';
import { createEventLog } from './events/event-log.ts';
import { createEventsRoute } from './events/route.ts';
import { explainRoute } from './explain.ts';
import { healthRoute, readyRoute } from './health.ts';
import { indexRoute } from './index-page.ts';
import { createMetricsRoute } from './metrics.ts';
import { createManagerPage } from './page/page.ts';
import type { ManagementRoute, ManagementRoutes } from './route.ts';
import { Slices } from './slices.ts';
import { createStateRoute } from './state.ts';

/**
 * All paths of the management address of one balancer. What a route remembers (streams, the page's token) begins here, so
 * each balancer of a process has its own.
 *
 * @throws McmpError when `--manager-path` is the path of something else
 */
export function createRoutes(shared: Shared): ManagementRoutes {
  const eventLog = createEventLog(shared.cluster.state.settings.incarnationId);
  const slices = new Slices();
  const events = createEventsRoute(shared, eventLog, slices);
  const managerPage = createManagerPage();
  const { managerPath } = shared.options;
  const routes = new Map<string, ManagementRoute>([
    ['/mod_cluster_manager', managerPage],
    ['/', indexRoute],
    ['/api/v1/state', createStateRoute(eventLog, slices)],
    ['/api/v1/events', events],
    ['/api/v1/commands', createCommandsRoute(shared)],
    ['/api/v1/explain', explainRoute],
    ['/healthz', healthRoute],
    ['/readyz', readyRoute],
    ['/metrics', createMetricsRoute(shared, slices, () => events.readerCount)],
  ]);
  if ((routes.get(managerPath) ?? managerPage) !== managerPage) {
    throw new McmpError('usage', 'MCMP_PATH_TAKEN', `--manager-path ${managerPath} is the path of something else`, {
      hint: `Choose another; these are taken: ${[...routes.keys()].join(' ')}`,
    });
  }
  return routes.set(managerPath, managerPage);
}
