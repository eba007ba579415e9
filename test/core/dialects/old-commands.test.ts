import { describe, expect, test } from 'vitest';
import { commandOf } from '../../../src/core/mcmp/commands.ts';
import {
  type Dialect,
  HTTPD2_DIALECT,
  HTTPD13_DIALECT,
  MCMP_DIALECT,
  NGINX_DIALECT,
} from '../../../src/core/mcmp/dialect.ts';
import { answerOldCommand, oldCommandOf } from '../../../src/core/mcmp/old-commands.ts';
import { said } from '../balancer.ts';

const SILENCE = '(none)';

/** What is said to an old command, or that nothing is. */
function answer(line: string, body: string, dialect: Dialect): string {
  const command = oldCommandOf(line, dialect);
  if (command === undefined) return 'unknown';
  const reply = answerOldCommand(command, body, dialect);
  return reply.ok && reply.silent === true ? SILENCE : said(reply);
}

const UNREADABLE =
  "SYNTAX/SYNTAX: Can't parse MCMP message. It might have contained illegal symbols or unknown elements.";

describe('the commands that only old balancers know', () => {
  test.each([
    [
      'MCMP-WIRE-32',
      'ERROR',
      'a=b',
      'SYNTAX/SYNTAX: Command is not supported',
      'SYNTAX/SYNTAX: Command is not supported',
    ],
    [
      'in any letter case',
      'error',
      'a=b',
      'SYNTAX/SYNTAX: Command is not supported',
      'SYNTAX/SYNTAX: Command is not supported',
    ],
    ['without a body', 'ERROR', '', UNREADABLE, 'SYNTAX/SYNTAX: Command is not supported'],
    ['unreadable', 'ADDID', 'JGroupUuid=%0A', UNREADABLE, "SYNTAX/SYNTAX: Can't parse message"],
    ['no room', 'ADDID', 'JGroupUuid=u&JGroupData=d', "MEM/MEM: Can't update or insert JGroupId", SILENCE],
    [
      'without a name',
      'ADDID',
      'JGroupData=d',
      "SYNTAX/SYNTAX: JGroupUuid can't be empty",
      "SYNTAX/SYNTAX: JGroupUuid can't be empty",
    ],
    [
      'a long name',
      'ADDID',
      `JGroupUuid=${'u'.repeat(80)}`,
      'SYNTAX/SYNTAX: JGroupUuid field too big',
      'SYNTAX/SYNTAX: JGroupUuid field too big',
    ],
    [
      'long data',
      'ADDID',
      `JGroupUuid=u&JGroupData=${'d'.repeat(200)}`,
      'SYNTAX/SYNTAX: JGroupData field too big',
      'SYNTAX/SYNTAX: JGroupData field too big',
    ],
    ['unknown', 'REMOVEID', 'JGroupUuid=u', "MEM/MEM: Can't read JGroupId", SILENCE],
    [
      'without a name',
      'REMOVEID',
      'a=b',
      "SYNTAX/SYNTAX: JGroupUuid can't be empty",
      "SYNTAX/SYNTAX: JGroupUuid can't be empty",
    ],
    ['unknown', 'QUERY', 'JGroupUuid=u', "MEM/MEM: Can't read JGroupId", SILENCE],
    ['everything', 'QUERY', 'JGroupUuid=*', '200', SILENCE],
    ['everything', 'QUERY', '', '200', SILENCE],
  ])('%s: %s %s', (_, line, body, httpd13, nginx) => {
    expect(answer(line, body, HTTPD13_DIALECT)).toBe(httpd13);
    expect(answer(line, body, NGINX_DIALECT)).toBe(nginx);
    for (const dialect of [MCMP_DIALECT, HTTPD2_DIALECT]) expect(answer(line, body, dialect)).toBe('unknown');
  });

  test('VERSION is none of nginx', () => {
    expect(commandOf('version', NGINX_DIALECT)).toBeUndefined();
    expect(commandOf('version', HTTPD13_DIALECT)).toBe('VERSION');
    expect(commandOf('STAT', NGINX_DIALECT), 'nor is a word that a command begins with').toBeUndefined();
  });
});
