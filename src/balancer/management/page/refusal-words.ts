import type { WholeAnswer } from '../route.ts';

/** What an answer of the guard says, for a page instead of a program. */
export interface RefusalWords {
  readonly code: string;
  readonly error: string;
  readonly hint: string;
}

/** @param answer of `errorOf` */
export function refusalWords({ body }: WholeAnswer): RefusalWords {
  const document: unknown = JSON.parse(body.toString());
  return { code: textIn(document, 'code'), error: textIn(document, 'error'), hint: textIn(document, 'hint') };
}

function textIn(document: unknown, name: string): string {
  if (typeof document !== 'object' || document === null) return '';
  const value: unknown = Object.entries(document).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : '';
}
