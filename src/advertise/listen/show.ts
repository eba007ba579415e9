import { escapeForTerminal } from '../../core/text.ts';
import type { ListenEvent } from './events.ts';
import { silenceLines } from './silence-text.ts';
import { ttlWords } from './ttl.ts';
import { dangerLine, datagramLine, findingLines, joinedWords, probeLine, summaryLines } from './words.ts';

/** Findings are explained once for each sender; so many are remembered. */
const MAX_EXPLAINED = 4096;

/**
 * One line for each datagram; what is wrong with it below, the first time.
 * @param line prints a line
 * @param loud prints a line that cannot be overlooked
 */
export function createLineShow(
  line: (text: string) => void,
  loud: (text: string) => void,
): (event: ListenEvent) => void {
  const explained = new Set<string>();
  return (event) => {
    switch (event.kind) {
      case 'ready':
        line(`listening to ${joinedWords(event.joined)}${event.plan.key === undefined ? '' : ', with a key'}`);
        return;
      case 'datagram': {
        const { heard, findings, balancer } = event.judgement;
        line(datagramLine(event));
        const ids = findings.map(({ id }) => id).join(' ');
        const about = `${balancer?.server ?? heard.source.address} ${ids}`;
        if (explained.has(about)) return;
        if (explained.size >= MAX_EXPLAINED) explained.clear();
        explained.add(about);
        for (const text of findingLines(event)) line(text);
        return;
      }
      case 'danger':
        loud(dangerLine(event.danger));
        return;
      case 'group': {
        const { id, severity, group, message, advice } = event.finding;
        line(`          ${severity}: in ${group}: ${escapeForTerminal(message)}  [${id}]`);
        line(`          ${advice}`);
        return;
      }
      case 'ttl':
        line(`          ${ttlWords(event.finding)}`);
        return;
      case 'probe':
        line(probeLine(event.result));
        return;
      case 'silence':
        for (const text of silenceLines(event.silence)) line(text);
        return;
      case 'left-out':
        line(`          ${event.count} more datagrams, judged and not shown`);
        return;
      case 'end':
        for (const text of summaryLines(event.summary)) line(text);
    }
  };
}
