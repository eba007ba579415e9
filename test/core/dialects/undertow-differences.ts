/** Where our dialect `undertow` answers other than the recorded Undertow did, on purpose. */
export interface UndertowDifference {
  /** Recording in `fixtures/recordings/undertow-2.3.27.Final`. */
  readonly file: string;
  /** Which exchanges: by their place in the file, from 0. */
  readonly exchanges: readonly number[];
  readonly reason: string;
  /** What the recorded body becomes when the difference is taken out; without it nothing is compared. */
  readonly mended?: (body: string) => string;
}

/** Ids of the nodes of a recorded INFO, without one node and counted from another number. */
function withoutNullNode(body: string): string {
  return body
    .split('\n')
    .filter((line) => !line.includes(',Name: null,') && !line.startsWith('Node: [1],'))
    .map((line) => line.replace(/^Node: \[(\d+)\]/, (_, id: string) => `Node: [${Number(id) - 2}]`))
    .join('\n');
}

export const UNDERTOW_DIFFERENCES: readonly UndertowDifference[] = [
  {
    file: '06-errors-config.json',
    exchanges: [1],
    reason:
      'A CONFIG without JVMRoute leaves a node named null there, so the second one is taken; ours is refused again.',
  },
  {
    file: '06-errors-config.json',
    exchanges: [32],
    reason: 'The node named null is missing here, and has taken no ids.',
    mended: withoutNullNode,
  },
  {
    file: '02-one-node-life.json',
    exchanges: [8, 12, 16, 18],
    reason: '`Connected` counts connections there, those that a ping left open included; here it counts requests.',
    mended: (body) => body.replace(/Connected: \d+/, 'Connected: 0'),
  },
];
