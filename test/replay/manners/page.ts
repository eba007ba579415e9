import { NOT_MEASURED, OTHERWISE } from './better.ts';
import { DIFFERENCES } from './differences.ts';
import type { Outcome } from './outcome.ts';

/** Both sides of one situation. */
export interface Pair {
  readonly situation: string;
  readonly java: Outcome;
  readonly ours: Outcome;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** What is not the same, in a few words; empty when only the first contact comes earlier. */
export function notableOf({ java, ours }: Pair): string[] {
  const notable: string[] = [];
  const slower = java.took.flatMap(([operation, s], index) => {
    const our = ours.took[index]?.[1] ?? Number.POSITIVE_INFINITY;
    return our === s ? [] : [`${operation} takes ${s} s, with ours ${our} s`];
  });
  notable.push(...slower);
  const shown = ({ shows }: Outcome): string => (shows.length === 0 ? 'nothing' : shows.join(', '));
  if (shown(java) !== shown(ours)) notable.push(`at the end the balancer shows ${shown(java)}; of ours ${shown(ours)}`);
  if (java.left !== ours.left) notable.push(`contexts left behind: ${java.left}, by ours ${ours.left}`);
  return notable;
}

/** `docs/java-manners.md`. */
export function mannersPage(compared: readonly string[], pairs: readonly Pair[]): string {
  const differing = new Set(DIFFERENCES.map(({ situation }) => situation));
  const equal = compared.filter((situation) => !differing.has(situation));
  const rows = OTHERWISE.map(({ situation, why }) => {
    const pair = pairs.find((one) => one.situation === situation);
    if (pair === undefined) throw new Error(`there is no measurement of ${situation}`);
    const { java, ours } = pair;
    return `| ${situation} | ${java.unservedS} | ${ours.unservedS} | ${cell([why, ...notableOf(pair)].join('; '))} |`;
  });
  return `# Java manners

A node of ours with \`manners: 'java'\` reacts as the Java node does, its weaknesses included, so that a balancer can be tried
against them without Java. How near it comes is measured: real Tomcats with mod_cluster were recorded in situations good and
bad (\`fixtures/recordings/nodes\`), and a test plays the recorded balancer and the recorded events to a node of ours, over real
sockets and on virtual time, and compares every request: its order, its fields and their values, its headers and their order,
its connection, its time (± 0.6 s), when connections are closed, and when each thing that the node was told is done.

This page is made by \`npx vitest run test/replay/java-manners.test.ts --update\`.

## Where it differs

Of ${compared.length} recorded situations ${equal.length} are the same in all of that. In the others this differs, and nothing else:

${DIFFERENCES.map(
  ({ situation, differs, why }) =>
    `- **${situation}**: ${why}.\n${differs.map((text) => `  - \`${text}\``).join('\n')}`,
).join('\n')}

## What our own manners do better

The same situations again, with a balancer that answers for itself, as httpd 2 does, and misbehaves when the recording says so.
*Not served* is how many seconds node and balancer were both there and an application of the node was not served, added up over
the balancers. A node with Java manners begins with 10 s of it: it is silent until its first periodic event, and ours is not.

| situation | not served, Java (s) | not served, ours (s) | |
|---|---|---|---|
${rows.join('\n')}

In all other situations ours is served from its start, and everything else is the same. Not measured like this: ${NOT_MEASURED.map(
    ({ situation, why }) => `${situation} (${why})`,
  ).join(', ')}.
`;
}
