import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runTarget } from '../../src/conformance/engine/run-target.ts';
import type { Need } from '../../src/conformance/needs.ts';
import { NODE_CASES } from '../../src/conformance/node/cases/index.ts';
import { openNodeTarget } from '../../src/conformance/node/target.ts';
import { openBaselines } from '../../src/conformance/report/baseline.ts';
import { deviates } from '../../src/conformance/report/facts.ts';
import { complaints } from '../conformance/judge.ts';
import { INTEROP_WANTED, javaCommand, WHY_SKIPPED } from './java-program.ts';
import { buildTomcatNode } from './tomcat-node.ts';

const BASELINE = fileURLToPath(new URL('conformance/tomcat.json', import.meta.url));
const SILENT = { error() {}, warn() {}, info() {}, debug() {} };

/** `MCMP_UPDATE_BASELINES=1` writes what deviates; each line of reason is written by hand. */
const update = process.env['MCMP_UPDATE_BASELINES'] === '1';

const TOMCAT = `${javaCommand('tomcat-node')} interval=1`;

/** How this Tomcat is told what to do. */
const CONTROL = [
  'deploy=stdin: deploy {context}',
  'undeploy=stdin: undeploy {context}',
  'stop=stdin: stop {context}',
  'enable=stdin: start {context}',
  'ping=stdin: ping',
  'add-balancer=stdin: add {value-host} {value-port}',
  'stop-connector=stdin: stop-connector',
];

/** How it is configured for the cases that need it. */
const FEATURES: ReadonlyMap<Need, string> = new Map<Need, string>([
  ['node-contexts', 'contexts=/one,{value}'],
  ['node-root-context', 'contexts=/,/one'],
  ['node-aliases', 'aliases={value}'],
  ['node-excluded', 'contexts=/one,{value} listener.excludedContexts=cf-hidden'],
  ['node-born-disabled', 'listener.autoEnableContexts=false'],
  ['node-defaults', ''],
  ['node-domain', 'listener.loadBalancingGroup={value}'],
  ['node-balancer-name', 'listener.balancer={value}'],
  ['node-flush', 'listener.flushPackets=true'],
  ['node-cookie', 'cookie={value}'],
  ['node-wildcard', 'address=any'],
  ['node-generated-route', 'route=none'],
  ['node-sessions', 'listener.sessionDrainingStrategy=ALWAYS'],
  [
    'node-load-metric',
    'listener.loadMetricClass=org.jboss.modcluster.load.metric.impl.ActiveSessionsLoadMetric listener.loadMetricCapacity=10',
  ],
  ['node-proxy-path', 'listener.proxyURL={value}'],
  ['node-ipv6', ''],
  ['node-timeout', '20s'],
  ['node-no-interface', 'group=none'],
  ['node-discovery', `${TOMCAT} group={group}`],
]);

/** What this Tomcat cannot be told or configured for. */
const NOT_HERE: ReadonlySet<string> = new Set([
  'headers/tls',
  'config/engines',
  'apps/disable-enable',
  'status/load-changed',
  'status/unavailable',
]);

describe.skipIf(!INTEROP_WANTED)(`a real Tomcat, judged (${WHY_SKIPPED})`, () => {
  it('deviates from what is known of Java nodes only as its baseline says', { timeout: 900_000 }, async () => {
    await buildTomcatNode();
    const node = await openNodeTarget({
      listen: undefined,
      start: `${TOMCAT} balancer={addresses} {options}`,
      control: CONTROL,
      features: FEATURES,
      statusIntervalMs: 1000,
      startTimeoutMs: 30_000,
      ask: undefined,
    });
    const baselines = await openBaselines([BASELINE], { targets: 1, update, log: SILENT });
    const target = { direction: 'node', name: 'Tomcat', dialect: 'java', calls: 'ClusterListener/1.0' } as const;
    const report = await runTarget({
      target,
      circumstances: {
        ...{ dialect: target.dialect, features: node.features, hasTraffic: true, isEmpty: true, canRestart: true },
        ...{ safe: false, dangerous: true },
      },
      cases: NODE_CASES,
      createTrial: node.createStage,
      jobs: 3,
      seed: 1,
      signal: new AbortController().signal,
      reporter: baselines.reporter,
      deadlineFactor: 2,
    });
    const { results } = report;
    const whole = { suite: '', tool: 'mcmp', seed: 1, startedAt: new Date(), tookMs: 0, interrupted: false };
    await baselines.reporter.runEnds?.({ ...whole, targets: [report] });
    const news = results.filter((result) => deviates(result) && baselines.known(target, result) === undefined);
    expect(complaints(news)).toEqual([]);
    expect(baselines.gone(report)).toEqual([]);
    const skipped = results.filter(({ verdict }) => verdict === 'skipped').map(({ facts }) => facts.id);
    expect(skipped.filter((id) => !NOT_HERE.has(id))).toEqual([]);
    expect(results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(100);
  });
});
