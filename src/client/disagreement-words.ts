import { textOf } from '../core/mcmp/bytes.ts';
import { escapeForTerminal } from '../core/text.ts';
import type { Disagreement } from './disagreements.ts';

/** A disagreement for people, in one line: `context /app of node1 (localhost): ENABLED at http://lb1:8090, not known at ...` */
export function disagreementWords({ kind, of, about, aliases, says }: Disagreement): string {
  const subject = SUBJECTS[kind](of, about);
  const names = aliases.length === 0 ? '' : ` (${aliases.join(', ')})`;
  const places = new Map<string, string[]>();
  for (const { target, value } of says) {
    const words = value === undefined ? 'not known' : value === '' ? 'none' : value;
    places.set(words, [...(places.get(words) ?? []), target]);
  }
  const sayings = [...places].map(([words, targets]) => `${words} at ${targets.join(' and ')}`);
  return escapeForTerminal(textOf(`${subject}${names}: ${sayings.join(', ')}`));
}

const SUBJECTS: Readonly<Record<Disagreement['kind'], (of: string, about: string) => string>> = {
  'node-missing': (of) => `node ${of}`,
  'node-address': (of) => `address of ${of}`,
  'node-balancer': (of) => `balancer of ${of}`,
  'node-domain': (of) => `domain of ${of}`,
  'node-state': (of) => `state of ${of}`,
  'node-load': (of) => `load of ${of}`,
  context: (of, about) => `context ${about} of ${of}`,
  alias: (of, about) => `alias ${about} of ${of}`,
  setting: (of, about) => `${about} of balancer ${of}`,
};
