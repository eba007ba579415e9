/**
 * Lines of the checklist (fixtures/checklist.json) for MCMP as httpd speaks it that no test here is about, and why. A line
 * that gets a test leaves this table.
 */
export const NOT_TESTED: ReadonlyMap<string, string> = new Map([
  ['MCMP-CONFIG-55', 'EnableWsTunnel has no counterpart: every http node may be asked to upgrade.'],
  ['MCMP-STATUS-22', 'CPING belongs to the AJP transport.'],
  ['MCMP-LB-09', 'DeterministicFailover has no counterpart yet.'],
  ['MCMP-HEALTH-07', 'EnableOptions has no counterpart: nodes that answer nothing to OPTIONS * get a plain connect.'],
  ['MCMP-PROXY-08', 'A request goes on as the client wrote it: no Expect is added to it.'],
  ['MCMP-PROXY-13', 'WSUpgradeHeader has no counterpart: the node decides about an Upgrade.'],
  ['MCMP-PROXY-16', 'Belongs to the AJP transport.'],
  ['MCMP-PROXY-17', 'Belongs to the AJP transport.'],
  ['MCMP-PROXY-18', 'Belongs to the AJP transport.'],
  ['MCMP-STATE-07', 'PersistSlots: keeping the state over a restart comes with --persist.'],
]);
