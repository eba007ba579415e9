import { escapeForTerminal } from '../../core/text.ts';
import type { NodeDocument } from '../simulator/documents.ts';
import { faultLines, nodeLines } from './ctl-lines.ts';
import type { ControlEvent } from './documents.ts';

/** Makes what a reader of events prints: everything at first, then a line for each thing that changed. */
export function createWatchLines(now: () => Date = () => new Date()): (event: ControlEvent) => readonly string[] {
  const known = new Map<string, NodeDocument>();
  return (event) => {
    const time = now().toTimeString().slice(0, 'hh:mm:ss'.length);
    switch (event.kind) {
      case 'snapshot':
        for (const node of event.nodes) known.set(node.route, node);
        return event.faults.length === 0
          ? nodeLines(event.nodes)
          : [...nodeLines(event.nodes), '', ...faultLines(event.faults)];
      case 'faults':
        return [
          lineOf(time, 'faults', event.faults.length === 0 ? 'none' : event.faults.map(({ text }) => text).join(' ')),
        ];
      case 'node': {
        const before = known.get(event.node.route);
        known.set(event.node.route, event.node);
        if (before === undefined) return [lineOf(time, event.node.route, event.node.condition)];
        return changesOf(before, event.node).map((change) => lineOf(time, event.node.route, change));
      }
    }
  };
}

/** `12:34:56  node1  running -> killed` */
function lineOf(time: string, who: string, change: string): string {
  return `${time}  ${escapeForTerminal(who)}  ${escapeForTerminal(change)}`;
}

/** What is not as it was, a line each, in the order of importance. */
function changesOf(before: NodeDocument, after: NodeDocument): readonly string[] {
  const changes: string[] = [];
  if (before.condition !== after.condition) changes.push(`${before.condition} -> ${after.condition}`);
  for (const { balancer, state, reason, reportedState, load } of after.balancers) {
    const was = before.balancers.find((other) => other.balancer === balancer);
    if (was?.state !== state || was.reason !== reason) {
      changes.push([`${was?.state ?? 'new'} -> ${state}`, balancer, reason].filter((part) => part !== '').join('  '));
    }
    if (was?.reportedState !== reportedState && reportedState !== '') changes.push(`${balancer} says ${reportedState}`);
    if (was?.load !== load && load !== null) changes.push(`load ${was?.load ?? '-'} -> ${load}  ${balancer}`);
  }
  for (const { path, state, references } of after.contexts) {
    const was = before.contexts.find((other) => other.path === path);
    if (was?.state !== state) changes.push(`${path} ${was?.state ?? 'new'} -> ${state}`);
    else if (was.references !== references) changes.push(`${path} references ${was.references} -> ${references}`);
  }
  for (const { path } of before.contexts) {
    if (!after.contexts.some((other) => other.path === path)) changes.push(`${path} removed`);
  }
  return changes;
}
