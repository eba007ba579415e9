const WAIT_WORKER =
  'DUMP tells WaitWorker times 10^12, cut to 32 bits; nobody can read that, so ours tells seconds, as all others do.';

/** Where our dialect `nginx` answers other than the recorded nginx did, on purpose: `file[exchange]`, and why. */
export const NGINX_DIFFERENCES: ReadonlyMap<string, string> = new Map([
  ['03-config-every-parameter.json[2]', WAIT_WORKER],
  ['03-config-every-parameter.json[4]', WAIT_WORKER],
  ['06-errors-config.json[5]', 'A name without a value crashes the worker; ours is refused as unreadable.'],
  [
    '07-errors-apps.json[8]',
    'STOP-APP without Alias and Context crashes the worker; ours is carried out and answered.',
  ],
  [
    '08-errors-status-ping.json[3]',
    'STATUS without JVMRoute finds what an earlier message left in memory; ours finds no node.',
  ],
]);

/** Where a worker of nginx died on a message, and the tables with it. */
export const CRASHES: ReadonlySet<string> = new Set(['06-errors-config.json[5]', '07-errors-apps.json[8]']);

/** After these recordings the next one began before nginx's timer had freed the nodes that were marked as removed. */
export const STILL_MARKED: ReadonlySet<string> = new Set(['09-reconfigure.json']);
