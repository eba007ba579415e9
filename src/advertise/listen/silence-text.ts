import { formatGroup } from '../../core/advertise/index.ts';
import type { Silence } from './events.ts';
import { selfTestWords } from './self-test-words.ts';
import { spanWords } from './words.ts';

/** What silence means, the self-test, and the causes with the commands to check them. */
export function silenceLines({ facts, causes }: Silence): string[] {
  const groups = [...new Set(facts.joined.map(({ group }) => formatGroup(group)))].join(', ');
  return [
    `Nothing was heard in ${groups} for ${spanWords(facts.forMs)}${facts.heardBefore ? ', and something was before' : ''}.`,
    selfTestWords(facts),
    'Causes, the likeliest first:',
    ...causes.flatMap(({ id, title, why, commands }, index) => [
      `${String(index + 1).padStart(3)}. ${title}  [${id}]`,
      `     ${why}`,
      ...commands.map((command) => `       ${command}`),
    ]),
  ];
}
