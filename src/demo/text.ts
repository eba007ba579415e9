import type { DemoAddresses, DemoSnapshot, NodeCondition } from './demo.ts';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of at most `width` cells, to an eighth of a cell. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

export const CONDITION_WORDS: Readonly<Record<NodeCondition, string>> = {
  starting: 'starting',
  up: 'up',
  leaving: 'leaving',
  gone: 'gone',
  killed: 'killed',
};

/**
 * Three things to try while the demo runs, with its real ports.
 * @param program how this program is called where it runs: `mcmp`, or through npm in a clone
 */
export function commandsToTry(
  { web, mcmp }: DemoAddresses,
  program: string,
): readonly { command: string; meaning: string }[] {
  const balancer = mcmp === 'http://127.0.0.1:8090' ? '' : ` --balancer ${mcmp}`;
  return [
    { command: `curl -i ${web}/shop`, meaning: 'a request of your own' },
    { command: `${program} send INFO${balancer}`, meaning: 'what the balancer knows' },
    { command: `${program} explain GET /shop${balancer}`, meaning: 'why a request goes where it goes' },
  ];
}

export function movedWords({ movedFrom }: DemoAddresses): string {
  if (movedFrom.length === 0) return '';
  const ports = movedFrom.join(' and ');
  return `${movedFrom.length === 1 ? `port ${ports} is` : `ports ${ports} are`} taken, so free ones are used`;
}

export function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)} s`;
}

/** 1234567 as `1 234 567`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ' ');
}

export function counted(count: number, one: string, many: string): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** The state in one line, for a log. */
export function summaryLine(snapshot: DemoSnapshot): string {
  const nodes = snapshot.nodes.map(({ route, condition, share }) =>
    condition === 'up' ? `${route} ${Math.round(share * 100)}%` : `${route} ${CONDITION_WORDS[condition]}`,
  );
  return [
    seconds(snapshot.elapsedMs).padStart(5),
    `${Math.round(snapshot.perSecond)} requests/s`.padStart(14),
    nodes.join(', '),
    counted(snapshot.sessionsMoved, 'session moved', 'sessions moved'),
    `failed: ${snapshot.failed}${snapshot.lastFailure === '' ? '' : ` (${snapshot.lastFailure})`}`,
  ].join('  ');
}

export function farewell(snapshot: DemoSnapshot): string {
  const { requests, failed, sessionsMoved, elapsedMs } = snapshot;
  return `${grouped(requests)} requests in ${seconds(elapsedMs)}, ${counted(sessionsMoved, 'session', 'sessions')} moved to another node, failed: ${failed}`;
}
