/** One way in which our node with Java manners is not the recorded one. */
export interface DifferenceRow {
  /** Engine, connector and situation: `2.1.0-http 06-config-syntax`. */
  readonly situation: string;
  /** All that differs, as the comparison says it. */
  readonly differs: readonly string[];
  readonly why: string;
}

export const DIFFERENCES: readonly DifferenceRow[] = [
  {
    situation: '2.1.0-http 38-sigterm-while-a-request-runs',
    differs: ['Tomcat closes connections: at 16.0 s; ours: at 13.8 s', 'exit is done at 16.0 s, with ours at 13.8 s'],
    why:
      'Tomcat says all there is to say at once, too, but closes its connection only when its server has stopped, which waits ' +
      'for the request in flight; a registrar has no server to stop, and is done when everything is said',
  },
  {
    situation: '2.1.0-http 40-unreadable-info',
    differs: [
      'Tomcat alone says at 47.4 s: DISABLE-APP / JVMRoute=node1&Alias=localhost&Context=%2Fthree',
      'Tomcat alone says at 47.4 s: STOP-APP / JVMRoute=node1&Alias=localhost&Context=%2Fthree',
      'Tomcat alone says at 47.4 s: REMOVE-APP / JVMRoute=node1&Alias=localhost&Context=%2Fthree',
      'ours alone says at 47.3 s: DISABLE-APP / JVMRoute=node1&Alias=localhost&Context=%2Fthree',
      'ours alone says at 47.3 s: STOP-APP / JVMRoute=node1&Alias=localhost&Context=%2Fthree',
      'ours alone says at 47.3 s: REMOVE-APP / JVMRoute=node1&Alias=localhost&Context=%2Fthree',
    ],
    why: 'Tomcat goes through its applications in the order of a hash table, ours in the order in which they were deployed',
  },
  {
    situation: '2.1.0-http 50-with-a-real-undertow-2.3.23',
    differs: ['STATUS / JVMRoute=node1&Load=100 at 26.3 s is said by ours at 25.0 s'],
    why: 'the real Undertow was slow to begin with, and a Tomcat counts its pause from the end of its work',
  },
  {
    situation: '1.4.4-http 01-life',
    differs: [
      'Tomcat alone says at 39.5 s: DISABLE-APP / JVMRoute=node1&Alias=localhost&Context=%2Fthree',
      'ours alone says at 39.5 s: ENABLE-APP / JVMRoute=node1&Alias=localhost&Context=%2Fthree',
      'ours alone says at 50.5 s: DISABLE-APP / JVMRoute=node1&Alias=localhost&Context=%2Fthree',
      'ours alone says at 50.5 s: STOP-APP / JVMRoute=node1&Alias=localhost&Context=%2Fthree',
    ],
    why:
      'the older engine announces what is deployed at run time with DISABLE-APP and then fails to start it (MODCLUSTER-790); ' +
      'ours has the manners of the newer one',
  },
];
