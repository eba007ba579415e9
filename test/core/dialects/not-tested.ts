const OVER_SOCKETS = 'Needs sockets: test/replay/checklist.';

/** Lines of the checklist about httpd 1.3 that the parser and the machine do not answer for, and where or why not. */
export const HTTPD13_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['MCMP-CONFIG-55', 'EnableWsTunnel has no counterpart: every http node may be asked to upgrade.'],
  ['MCMP-APP-28', OVER_SOCKETS],
  ['MCMP-STATUS-19', OVER_SOCKETS],
  ['MCMP-STATUS-20', OVER_SOCKETS],
  ['MCMP-STATUS-21', OVER_SOCKETS],
  ['MCMP-STATUS-22', OVER_SOCKETS],
  ['MCMP-INFO-07', OVER_SOCKETS],
  ['MCMP-INFO-08', OVER_SOCKETS],
  ['MCMP-INFO-11', OVER_SOCKETS],
  ['MCMP-INFO-13', OVER_SOCKETS],
  ['MCMP-DUMP-03', OVER_SOCKETS],
  ['MCMP-DUMP-07', OVER_SOCKETS],
  ['MCMP-STATE-01', OVER_SOCKETS],
  ['MCMP-STATE-07', 'PersistSlots: keeping the state over a restart comes with --persist.'],
]);

const IN_BALANCER = 'Needs requests: test/balancer/undertow.test.ts.';

/** The same about Undertow. */
export const UNDERTOW_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['MCMP-APP-28', IN_BALANCER],
  ['MCMP-STATUS-19', OVER_SOCKETS],
  ['MCMP-STATUS-20', IN_BALANCER],
  ['MCMP-STATUS-21', OVER_SOCKETS],
  ['MCMP-VER-03', 'Needs sockets: test/replay/undertow.test.ts.'],
  ['MCMP-INFO-07', OVER_SOCKETS],
  ['MCMP-INFO-08', OVER_SOCKETS],
  ['MCMP-STATE-01', OVER_SOCKETS],
  ['MCMP-STATE-06', IN_BALANCER],
]);
