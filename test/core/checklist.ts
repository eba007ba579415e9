import { expect, test } from 'vitest';
import { DIALECTS, type DialectName } from '../../src/core/mcmp/dialect.ts';
import { type BalancerSetup, said, type TestBalancer, testBalancer } from './balancer.ts';

/** One line of the conformance checklist as it holds in some of our dialects. */
export interface Line {
  /** Its id, and what is different where a line has several parts. */
  readonly id: string;
  /** Default: `mcmp` and `httpd-2`. */
  readonly in?: DialectName | readonly DialectName[];
  readonly setup?: BalancerSetup;
  readonly given?: readonly Message[];
  readonly when?: Message;
  /** What `said` makes of the answer, or a pattern for it; default: a success. */
  readonly says?: string | RegExp;
  /** Patterns that INFO or DUMP must show, or with a leading `!` must not. */
  readonly info?: readonly string[];
  readonly dump?: readonly string[];
}

/** Lines of one topic. */
export interface LineGroup {
  readonly name: string;
  readonly lines: readonly Line[];
}

/** Command with target, body, Accept. */
export type Message = readonly [line: string, body?: string, accept?: string];

export const CONFIG_N1: Message = ['CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9001&Type=http&ping=2'];

/** The checklist's "standard node". */
export const STANDARD_NODE: readonly Message[] = [
  CONFIG_N1,
  ['ENABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/app'],
  ['STATUS', 'JVMRoute=n1&Load=100'],
];

const BOTH: readonly DialectName[] = ['mcmp', 'httpd-2'];

/** The dialects in which a line holds. */
export function dialectsOf(line: Line): readonly DialectName[] {
  return typeof line.in === 'string' ? [line.in] : (line.in ?? BOTH);
}

export function checkLines(lines: readonly Line[]): void {
  for (const line of lines) {
    for (const name of dialectsOf(line)) {
      test(`${line.id} (${name})`, () => check(line, name));
    }
  }
}

function check(line: Line, name: string): void {
  const dialect = DIALECTS.get(name);
  if (dialect === undefined) throw new Error(`no dialect ${name}`);
  const balancer = testBalancer(dialect, line.setup);
  for (const message of line.given ?? []) send(balancer, message);
  if (line.when !== undefined) {
    const answer = said(balancer.send(...line.when));
    if (line.says === undefined) expect(answer).toMatch(/^200/);
    else if (typeof line.says === 'string') expect(answer).toBe(line.says);
    else expect(answer).toMatch(line.says);
  }
  for (const pattern of line.info ?? []) look(balancer.info(), pattern);
  for (const pattern of line.dump ?? []) look(balancer.dump(), pattern);
}

function send(balancer: TestBalancer, message: Message): void {
  expect(said(balancer.send(...message)), `given ${message[0]} ${message[1] ?? ''}`).toMatch(/^200/);
}

function look(text: string, pattern: string): void {
  if (pattern.startsWith('!')) expect(text).not.toContain(pattern.slice(1));
  else expect(text).toContain(pattern);
}
