import { Deviation, demand } from '../verdict.ts';
import { fieldOf, type NodeRequest, outline, outlineOf } from './request.ts';

/** What cases look for in what a node said. */

export function methodsOf(requests: readonly NodeRequest[]): string {
  return requests.map(({ method }) => method).join(' ');
}

export function ofMethod(requests: readonly NodeRequest[], method: string): readonly NodeRequest[] {
  return requests.filter((request) => request.method === method);
}

/** Contexts that a command names; a node may name several with commas between them, or repeat the field. */
export function contextsOf(request: NodeRequest): readonly string[] {
  return request.fields.filter(([name]) => name.toLowerCase() === 'context').flatMap(([, value]) => value.split(','));
}

/** Commands about one context, by their methods: `DISABLE-APP STOP-APP REMOVE-APP`. */
export function aboutContext(requests: readonly NodeRequest[], context: string): readonly NodeRequest[] {
  return requests.filter((request) => request.method.endsWith('-APP') && contextsOf(request).includes(context));
}

/** Whether a command is for the whole node. */
export function isWhole(request: NodeRequest): boolean {
  return request.method.endsWith('-APP') && request.target.endsWith('*');
}

/** What came after a message, or all. */
export function since(requests: readonly NodeRequest[], last: NodeRequest | undefined): readonly NodeRequest[] {
  return last === undefined ? requests : requests.slice(requests.indexOf(last) + 1);
}

/** @throws Deviation unless the outlines of the messages, joined by commas, fit */
export function demandSequence(requests: readonly NodeRequest[], wanted: RegExp, expected: string): void {
  demand(wanted.test(outline(requests)), expected, () => outline(requests));
}

/** @throws Deviation unless the time between two messages is within bounds, in milliseconds */
export function demandGap(
  earlier: NodeRequest,
  later: NodeRequest,
  { least = 0, most = Number.POSITIVE_INFINITY }: { readonly least?: number; readonly most?: number },
): void {
  const gapMs = later.atMs - earlier.atMs;
  if (gapMs >= least && gapMs <= most) return;
  const words =
    most === Number.POSITIVE_INFINITY
      ? `at least ${Math.round(least)} ms`
      : `${Math.round(least)} to ${Math.round(most)} ms`;
  throw new Deviation(
    'fail',
    `${words} between ${outlineOf(earlier)} and ${outlineOf(later)}`,
    `${Math.round(gapMs)} ms`,
  );
}

/** Value of a field that has to be there. @throws Deviation */
export function needField(request: NodeRequest, name: string): string {
  const value = fieldOf(request, name);
  demand(
    value !== undefined && value !== '',
    `${request.method} with ${name}`,
    () => `its body is ${JSON.stringify(request.body)}`,
  );
  return value;
}
