import type { Column } from './columns.ts';
import type { DisagreementRow, EventRow, Severity } from './rows.ts';
import { clockTime, type Tint } from './words.ts';

const SEVERITY_TINTS: Readonly<Record<Severity, Tint | undefined>> = {
  good: 'green',
  plain: undefined,
  warning: 'yellow',
  bad: 'red',
};

export function severityTint(severity: Severity): Tint | undefined {
  return SEVERITY_TINTS[severity];
}

export const EVENT_COLUMNS: readonly Column<EventRow>[] = [
  {
    id: 'time',
    title: 'TIME',
    width: 8,
    priority: 1,
    cell: ({ atMs }) => ({ text: clockTime(atMs), tint: 'gray' }),
    order: ({ atMs }) => -atMs,
  },
  {
    id: 'what',
    title: 'WHAT',
    width: 30,
    grow: 4,
    priority: 0,
    cell: ({ shown: text, severity }) => {
      const tint = severityTint(severity);
      return tint === undefined ? { text } : { text, tint };
    },
  },
  {
    id: 'who',
    title: 'WHO',
    width: 16,
    priority: 3,
    cell: ({ whoShown }) => ({ text: whoShown, tint: 'cyan' }),
    order: ({ whoShown }) => whoShown,
  },
  {
    id: 'where',
    title: 'AT',
    width: 16,
    priority: 2,
    cell: ({ whereShown }) => ({ text: whereShown, tint: 'gray' }),
    order: ({ whereShown }) => whereShown,
  },
];

export const DISAGREEMENT_COLUMNS: readonly Column<DisagreementRow>[] = [
  {
    id: 'kind',
    title: 'KIND',
    width: 13,
    priority: 2,
    cell: ({ disagreement }) => ({ text: disagreement.kind, tint: 'magenta' }),
    order: ({ disagreement }) => disagreement.kind,
  },
  {
    id: 'about',
    title: 'ABOUT',
    width: 16,
    grow: 1,
    priority: 0,
    cell: ({ subjectShown }) => ({ text: subjectShown }),
    order: ({ subjectShown }) => subjectShown,
  },
  {
    id: 'says',
    title: 'WHO SAYS WHAT',
    width: 24,
    grow: 2,
    priority: 1,
    cell: ({ saysShown }) => ({ text: saysShown, tint: 'magenta' }),
  },
];
