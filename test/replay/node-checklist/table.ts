/** What shows that a line of the node checklist holds, or why nothing does. */
export type Proof =
  /**
   * A recorded conversation of a Tomcat in which the line can be seen. `java-manners.test.ts` compares every request of ours
   * with it; a request in `shows` stands as `seconds METHOD target body <- status Type`, what was done in round brackets.
   */
  | { readonly recorded: string; readonly shows: RegExp }
  /** A test, by its file below `test` and a piece of its name. */
  | { readonly test: string; readonly named: string }
  /** Why there is none. */
  | { readonly reason: string };

const CONFIG = 'JVMRoute=node1&Host=127\\.0\\.0\\.1&Port=18100&StickySessionForce=No&Type=http';
const LINES = 'replay/node-checklist/lines.test.ts';
const ANSWERS: Proof = { test: 'core/mcmp/answer-reader.test.ts', named: '$case ($verdict)' };
const DISCOVERY = 'replay/node-checklist/discovery.test.ts';
const DISCOVERED = 'e2e/discovery.test.ts';

function own(id: string): Proof {
  return { test: LINES, named: id };
}

/** Lines of the node checklist (fixtures/node-checklist.json), with Java manners unless said. */
export const PROOFS: ReadonlyMap<string, Proof> = new Map<string, Proof>([
  ['NODE-01', { recorded: '01-life', shows: /^(\(.*\)\n)*\d+ INFO \/ / }],
  ['NODE-02', { recorded: '13-info-errors', shows: /12 INFO \/ +<- 500 \n22 INFO / }],
  [
    'NODE-03',
    { recorded: '01-life', shows: /INFO .*\n.*CONFIG .*\n.*ENABLE-APP .*one.*\n.*ENABLE-APP .*two.*\n.*STATUS/ },
  ],
  ['NODE-04', { test: 'node/wire/request.test.ts', named: 'requests have the bytes of the recorded ones' }],
  [
    'NODE-05',
    { recorded: '24-every-setting', shows: /JVMRoute=node1&Balancer=.*&Host=.*&Type=http.*&flushpackets=.*&ttl=61/ },
  ],
  ['NODE-06', own('NODE-06')],
  ['NODE-07', { recorded: '31-excluded-and-root', shows: /ENABLE-APP .*Context=%2F </ }],
  ['NODE-08', { recorded: '32-aliases', shows: /Alias=localhost%2Cwww\.example\.com%2Cexample\.com&/ }],
  ['NODE-09', { recorded: '01-life', shows: new RegExp(`CONFIG / ${CONFIG} <`) }],
  ['NODE-10', { recorded: '01-life', shows: new RegExp(`CONFIG / ${CONFIG} <`) }],
  ['NODE-11', { recorded: '24-every-setting', shows: /CONFIG .*&Domain=lb1&/ }],
  ['NODE-12', { recorded: '01-life', shows: /CONFIG .*&Port=18100&.*&Type=http </ }],
  ['NODE-13', { recorded: '36-any-address', shows: /--host any[\s\S]*CONFIG .*&Host=127\.0\.0\.1&/ }],
  [
    'NODE-14',
    { reason: 'A route is what a node of ours is told: createNode demands one, and node-sim counts node1, node2.' },
  ],
  ['NODE-15', { recorded: '01-life', shows: /\n15 STATUS .*\n25 STATUS .*\n35 STATUS [\s\S]*\n45 STATUS / }],
  ['NODE-16', { recorded: '34-load', shows: /^(?![\s\S]*Load=(?!(?:[1-9]\d?|100|-1) <))[\s\S]*STATUS/ }],
  ['NODE-17', { test: 'node/load/open-load.test.ts', named: 'is what a real node said, measurement for measurement' }],
  ['NODE-18', { recorded: '01-life', shows: /\(node: deploy \/three\)\n\d+ ENABLE-APP .*three(?![\s\S]*CONFIG)/ }],
  [
    'NODE-19',
    { recorded: '30-auto-enable-off', shows: /CONFIG .*\n.*DISABLE-APP .*one.*\n.*DISABLE-APP .*two.*\n.*STATUS/ },
  ],
  [
    'NODE-20',
    { recorded: '01-life', shows: /undeploy \/two\)\n.*DISABLE-APP .*two.*\n.*STOP-APP .*two.*\n.*REMOVE-APP .*two/ },
  ],
  [
    'NODE-21',
    { test: 'node/registrar/several.test.ts', named: 'says STOP-APP again when a request to the context ended' },
  ],
  ['NODE-22', own('NODE-22')],
  ['NODE-23', { recorded: '22-drain-sessions', shows: /11 DISABLE-APP .*two.*\n21 STATUS .*\n21 STOP-APP .*two/ }],
  [
    'NODE-24',
    {
      recorded: '01-life',
      shows: /\(node: exit\)\n(?:.*(?:DISABLE|STOP|REMOVE)-APP \/ .*\n){6}.*REMOVE-APP \/\* JVMRoute=node1 </,
    },
  ],
  ['NODE-25', { recorded: '31-excluded-and-root', shows: /^(?![\s\S]*Context=%2Ftwo)[\s\S]*excludedContexts=two/ }],
  ['NODE-26', { recorded: '06-config-syntax', shows: /14 CONFIG .*<- 500 SYNTAX\n\(node: reset\)\n54 INFO/ }],
  ['NODE-27', { recorded: '07-config-mem', shows: /14 CONFIG .*<- 500 MEM\n24 INFO .*\n24 CONFIG .*\n24 ENABLE-APP/ }],
  ['NODE-28', { recorded: '08-config-error', shows: /12 CONFIG .*<- 500 \n22 INFO .*\n22 CONFIG .*\n22 ENABLE-APP/ }],
  ['NODE-29', { recorded: '15-connection-closed-without-answer', shows: /21 STATUS .*<- none \n21 STATUS .*<- 200/ }],
  ['NODE-30', { recorded: '15-connection-closed-without-answer', shows: /(41 STATUS .*<- none \n){2}51 INFO/ }],
  ['NODE-31', { recorded: '18-no-answer', shows: /21 STATUS .*<- none \n41 STATUS .*<- none \n71 INFO/ }],
  ['NODE-32', ANSWERS],
  ['NODE-33', ANSWERS],
  ['NODE-34', ANSWERS],
  [
    'NODE-35',
    { test: 'node/wire/wire.test.ts', named: 'opens another connection after the balancer said that it closes' },
  ],
  ['NODE-36', { test: 'node/wire/wire.test.ts', named: 'says one thing after the other on one connection' }],
  [
    'NODE-37',
    { recorded: '26-two-balancers', shows: /(45 DISABLE-APP .*\n){2}(45 STOP-APP .*\n){2}(45 REMOVE-APP .*\n){2}/ },
  ],
  ['NODE-38', own('NODE-38')],
  [
    'NODE-39',
    { test: DISCOVERED, named: 'register with each that advertises, and never with one that has another key' },
  ],
  [
    'NODE-40',
    { test: DISCOVERED, named: 'register, leave at the goodbye, and come back to the new id of the same address' },
  ],
  ['NODE-41', { test: DISCOVERY, named: 'NODE-41' }],
  ['NODE-42', { test: DISCOVERED, named: 'as Java nodes, stay with whoever goes' }],
  ['NODE-43', { test: DISCOVERY, named: 'NODE-43' }],
  ['NODE-44', { test: DISCOVERY, named: 'NODE-44' }],
  [
    'NODE-45',
    {
      reason: 'A Java node needs the name of an interface; ours listens on all that have multicast when none is named.',
    },
  ],
  [
    'NODE-46',
    {
      recorded: '27-admin-disabled-a-context',
      shows: /disabled \/one [\s\S]*31 CONFIG .*\n31 ENABLE-APP .*one.*\n31 STATUS/,
    },
  ],
  ['NODE-47', { recorded: '28-killed-and-back', shows: /25 INFO .*\n25 REMOVE-APP \/ .*two.*\n25 CONFIG/ }],
  ['NODE-48', { recorded: '32-aliases', shows: /31 INFO .*\n31 REMOVE-APP \/\* .*\n31 CONFIG/ }],
  ['NODE-49', { recorded: '40-unreadable-info', shows: /11 INFO .*\n21 STATUS .*<- 500 MEM\n31 INFO .*\n31 CONFIG/ }],
  ['NODE-50', own('NODE-50')],
  ['NODE-51', own('NODE-51')],
  ['NODE-52', { recorded: '25-connector-stopped', shows: /stop-connector\)[\s\S]*21 STATUS .*Load=-1/ }],
  ['NODE-53', { recorded: '41-proxy-url', shows: /INFO \/mcmp\/ [\s\S]*REMOVE-APP \/mcmp\/\* / }],
  ['NODE-54', { recorded: '24-every-setting', shows: /CONFIG .*&Balancer=bal2&/ }],
  ['NODE-55', { test: 'node/wire/request.test.ts', named: 'the Host of %s is %s' }],
  ['NODE-56', { test: 'node/wire/tls.test.ts', named: 'MCMP over TLS' }],
  [
    'NODE-57',
    {
      recorded: '05-status-notok',
      shows: /rule: STATUS -> notok, 2 times[\s\S]*14 STATUS .*\n24 STATUS .*\n34 STATUS .*\n44 STATUS/,
    },
  ],
  [
    'NODE-58',
    {
      recorded: '04-balancer-forgets',
      shows: /35 STATUS .*<- 500 MEM\n45 INFO .*\n45 CONFIG .*\n(45 ENABLE.*\n){2}45 STATUS/,
    },
  ],
  [
    'NODE-59',
    { reason: 'Starman is alone in this: CONFIG does not help a row whose port cannot be reached (registrar.ts).' },
  ],
  ['NODE-60', { reason: 'A fault of mcc: Undertow refuses a load with a fraction, so no manners of ours send one.' }],
  ['NODE-61', { recorded: '23-management', shows: /\(node: ping\)\n\d+ PING \/ +<- 200/ }],
  ['NODE-62', own('NODE-62')],
  ['NODE-63', { recorded: '24-every-setting', shows: /CONFIG .*&flushpackets=On&/ }],
  ['NODE-64', own('NODE-64')],
]);
