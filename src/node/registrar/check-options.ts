import { UsageError } from '../../core/errors.ts';
import type { CreateNodeOptions } from './types.ts';

/** @throws UsageError for a route or an alias that no balancer would take */
export function checkNames(route: string, aliases: readonly string[]): void {
  if (route === '' || /[\s,;&=]/.test(route)) {
    throw new UsageError(`'${route}' cannot be a route`, { hint: 'A short name such as node1.' });
  }
  if (aliases.length === 0) throw new UsageError(`${route} has no alias`, { hint: 'Any name will do: localhost.' });
  for (const alias of aliases) {
    if (alias === '' || /[\s,]/.test(alias)) throw new UsageError(`'${alias}' cannot be an alias`);
  }
}

/** @throws UsageError for a time that can never be */
export function checkTimes(options: CreateNodeOptions): void {
  const { statusIntervalMs = 1, drainPollMs = 1, mcmpTimeoutMs = 1, drainTimeoutMs = 0, blindDrainMs = 0 } = options;
  for (const [name, ms] of Object.entries({ statusIntervalMs, drainPollMs, mcmpTimeoutMs })) {
    if (!(Number.isFinite(ms) && ms > 0)) throw new UsageError(`${name} is ${ms}, and has to be more than 0`);
  }
  for (const [name, ms] of Object.entries({ drainTimeoutMs, blindDrainMs })) {
    if (!(ms >= 0)) throw new UsageError(`${name} is ${ms}, and cannot be less than 0`);
  }
}
