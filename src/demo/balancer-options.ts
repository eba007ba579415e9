import type { BalancerOptions } from '../balancer/options.ts';

/** A balancer for this machine alone, quicker to look at its nodes than one in production. */
export function balancerOptions(host: string, webPort: number, mcmpPort: number): BalancerOptions {
  return {
    listen: [{ host, port: webPort }],
    mcmp: [{ host, port: mcmpPort }],
    mcmpAllow: ['127.0.0.0/8', '::1'],
    mcmpHosts: [],
    defaultBalancer: 'mycluster',
    useAlias: false,
    waitBeforeRemoveMs: 5000,
    brokenNodeTimeoutMs: 60_000,
    pingIntervalMs: 2000,
    recalcIntervalMs: 5000,
    limits: { maxNodes: 1000, maxContexts: 10_000, maxHosts: 10_000 },
    maxMessageBytes: 1024 * 1024,
    headerTimeoutMs: 10_000,
    idleTimeoutMs: 60_000,
    requestTimeoutMs: 0,
    upstreamTimeoutMs: 60_000,
    shutdownTimeoutMs: 5000,
    maxConnections: 1000,
    maxHeadBytes: 16 * 1024,
    sessionCookie: '',
    dialect: 'mcmp',
    forwardedHeaders: 'x-forwarded',
    via: 'mcmp',
    trustProxy: [],
  };
}
