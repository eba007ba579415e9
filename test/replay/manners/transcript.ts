/** What a node said and did in one situation, recorded or replayed. */
export interface Transcript {
  readonly said: readonly Said[];
  /** Connections that the node closed. */
  readonly closed: readonly Closed[];
  /** What the node was told to do, and when it had done it. */
  readonly done: readonly Done[];
}

export interface Said {
  /** 1 or 2. */
  readonly balancer: number;
  readonly atMs: number;
  /** Counted per balancer, from 1. */
  readonly connection: number;
  /** `STATUS /`. */
  readonly line: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface Closed {
  readonly balancer: number;
  readonly connection: number;
  readonly atMs: number;
}

export interface Done {
  /** `undeploy /two`. */
  readonly operation: string;
  readonly atMs: number;
}

/** A message as people see it: `STATUS / JVMRoute=node1&Load=100`. */
export function wordsOf({ line, body }: Pick<Said, 'line' | 'body'>): string {
  return body === '' ? line : `${line} ${body}`;
}
