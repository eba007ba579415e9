export interface LoadRow {
  /** How it is written; what stands in brackets may be left out. */
  readonly form: string;
  /** In lower case and without a full stop. */
  readonly describe: string;
  /** A whole use of it, as a user would type it. */
  readonly example: string;
  /** Reads files or runs programs of this machine: nothing to take from whoever reaches a port. */
  readonly reachesIntoHost: boolean;
}

/** Threads of a Tomcat's connector: the capacity that a Java node measures its busyness by. */
export const DEFAULT_BUSY_CAPACITY = 200;

/** Capacity of the Java node's request count, a second. */
export const DEFAULT_REQUESTS_CAPACITY = 1000;

/** All kinds of load. Loads go from 100 (idle) to 1 (busy); 0 is standby, -1 is error. `--help`, docs and parser read it. */
export const LOADS = {
  fixed: {
    form: 'N',
    describe: 'always the same: 100 idle to 1 busy, 0 standby, -1 error',
    example: '70',
    reachesIntoHost: false,
  },
  cpu: {
    form: 'cpu[,OPTION..]',
    describe: 'how idle the processors of this machine were since the last STATUS',
    example: 'cpu',
    reachesIntoHost: false,
  },
  busy: {
    form: 'busy[:CAPACITY][,OPTION..]',
    describe: `requests in flight, of CAPACITY (${DEFAULT_BUSY_CAPACITY}) that are as many as the node can take`,
    example: 'busy:50,initial=off',
    reachesIntoHost: false,
  },
  requests: {
    form: 'requests[:CAPACITY][,OPTION..]',
    describe: `requests a second since the last STATUS, of CAPACITY (${DEFAULT_REQUESTS_CAPACITY})`,
    example: 'requests:500',
    reachesIntoHost: false,
  },
  sine: {
    form: 'sine:MIN,MAX,PERIOD',
    describe: 'goes up and down between two loads; each node begins somewhere else in the wave',
    example: 'sine:30,90,60s',
    reachesIntoHost: false,
  },
  replay: {
    form: 'replay:FILE',
    describe:
      'the loads of a file, one a line for each STATUS, or lines of TIME LOAD with the time since the start; begins again at the end; # is a comment',
    example: 'replay:./loads.txt',
    reachesIntoHost: true,
  },
  cmd: {
    form: 'cmd:COMMAND',
    describe: 'the last line that a shell command prints, 0 to 100 or -1; it runs shortly before each STATUS',
    example: 'cmd:./load.sh',
    reachesIntoHost: true,
  },
} as const satisfies Readonly<Record<string, LoadRow>>;

export type LoadKind = keyof typeof LOADS;

export interface SmoothingRow {
  readonly form: string;
  readonly describe: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly integer: boolean;
  /** Whether `off` may stand for the value. */
  readonly off: boolean;
}

/** What smooths the measured loads `cpu`, `busy` and `requests`, as a Java node does it (reference §9.8). */
export const SMOOTHING = {
  history: {
    form: 'history=N',
    describe: 'earlier measurements that count, too',
    default: 9,
    min: 0,
    max: 1000,
    integer: true,
    off: false,
  },
  decay: {
    form: 'decay=D',
    describe: 'each measurement weighs D times less than the next newer one',
    default: 2,
    min: 1,
    max: 1000,
    integer: false,
    off: false,
  },
  initial: {
    form: 'initial=LOAD|off',
    describe:
      'what the history is filled with at the start, so that a fresh node warms up; off: it tells the first measurement as it is',
    default: 0,
    min: 0,
    max: 100,
    integer: true,
    off: true,
  },
} as const satisfies Readonly<Record<string, SmoothingRow>>;

export type SmoothingName = keyof typeof SMOOTHING;
