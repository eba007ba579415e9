export interface OtherwiseRow {
  readonly situation: string;
  readonly why: string;
  /** The node stays so many seconds longer than the recorded one did, and nobody resets it: else too little would be seen. */
  readonly longerS?: number;
}

/**
 * Where a node with our own manners comes through a recorded situation otherwise than one with Java manners, but for the
 * first contact: ours does not wait an interval for it. What it comes to in each is measured, not written here.
 */
export const OTHERWISE: readonly OtherwiseRow[] = [
  {
    situation: '02-balancer-late',
    why: 'ours tries again ever more slowly from half a second on, not at its periodic events',
  },
  {
    situation: '03-balancer-restarts',
    why: 'as in 02',
  },
  {
    situation: '04-balancer-forgets',
    why: 'ours answers a refused STATUS with INFO and CONFIG at once, Java at its next event; both hear of it by STATUS only',
  },
  {
    situation: '06-config-syntax',
    why: 'after SYNTAX ours tries again once a minute, Java never speaks again',
    longerS: 120,
  },
  { situation: '07-config-mem', why: 'ours tries a refused CONFIG again at once' },
  { situation: '08-config-error', why: 'the same after an error without a Type' },
  { situation: '09-enable-syntax', why: 'as in 06', longerS: 120 },
  { situation: '10-enable-mem', why: 'as in 07' },
  {
    situation: '12-status-syntax',
    why: 'ours says goodbye to whoever may have rows of it',
  },
  { situation: '13-info-errors', why: 'as in 06, after an error that both take well', longerS: 120 },
  {
    situation: '21-drain-requests',
    why: 'ours asks every 100 ms whether the requests have ended, Java at the end of its time',
  },
  { situation: '26-two-balancers', why: 'as in 02, for the balancer that came late' },
  {
    situation: '27-admin-disabled-a-context',
    why: "ours leaves an administrator's work as it is, Java undoes it at its next registration",
  },
  {
    situation: '32-aliases',
    why: 'httpd 2 reports a virtual host for each alias, and Java removes its applications for good when it registers again',
  },
  {
    situation: '38-sigterm-while-a-request-runs',
    why: 'ours waits for the request in flight before it takes the rows away; Java takes them away first',
  },
  {
    situation: '39-config-refused-for-ever',
    why: 'a balancer that never takes the node is never right for either',
  },
  {
    situation: '40-unreadable-info',
    why: 'ours registers although INFO cannot be read, Java only when its STATUS is refused',
  },
];

/** Situations in which httpd 2, which answers here, says nothing about the node; and why. */
export const NOT_MEASURED: readonly { readonly situation: string; readonly why: string }[] = [
  { situation: '20-undertow-dialect', why: 'another dialect' },
  { situation: '23-management', why: 'what is not served there is what an operator orders' },
  {
    situation: '29-killed-and-back-elsewhere',
    why: 'httpd 2 takes no other address while it has the old row',
  },
  { situation: '33-aliases-httpd-1.3', why: 'another dialect' },
  { situation: '50-with-a-real-undertow-2.3.23', why: 'another dialect' },
];
