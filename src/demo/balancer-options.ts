import { type BalancerOptions, DEFAULT_OPTIONS } from '../balancer/options.ts';

/** A balancer for this machine alone, quicker to look at its nodes and to end than one in production. */
export function balancerOptions(host: string, webPort: number, mcmpPort: number): BalancerOptions {
  return {
    ...DEFAULT_OPTIONS,
    listen: [{ host, port: webPort }],
    mcmp: [{ host, port: mcmpPort }],
    waitBeforeRemoveMs: 5000,
    pingIntervalMs: 2000,
    shutdownTimeoutMs: 5000,
  };
}
