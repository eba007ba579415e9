/** One name and one value of a message body, in the order they are sent. */
export type Pair = readonly [name: string, value: string];

/** What a balancer answered to one command, before anyone judged it. */
export interface HttpAnswer {
  readonly method: string;
  /** Request target that was asked. */
  readonly target: string;
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; values of repeated headers joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  /** Byte string; `textOf` of `core/mcmp` makes it readable. */
  readonly body: string;
  readonly elapsedMs: number;
}

export function headerOf(answer: HttpAnswer, name: string): string {
  return answer.headers.get(name) ?? '';
}

/** Media type without parameters, in lower case. */
export function mediaTypeOf(answer: HttpAnswer): string {
  return (headerOf(answer, 'content-type').split(';', 1)[0] ?? '').trim().toLowerCase();
}
