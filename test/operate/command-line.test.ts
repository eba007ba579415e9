import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commands } from '../../commands/index.ts';
import { parseLine } from '../../src/cli/parse-line.ts';
import { encodeText } from '../../src/client/body.ts';
import { composeMessage } from '../../src/client/compose.ts';
import type { ContextStatus } from '../../src/core/cluster/records.ts';
import { bytesOf } from '../../src/core/mcmp/bytes.ts';
import { planAction } from '../../src/operate/plan.ts';
import { read, readingOf, sketch, T1 } from './readings.ts';

const NAMES = [
  'plain',
  'a b',
  "it's",
  'x=y',
  '$HOME',
  '`id`',
  '*',
  '/*',
  '#x',
  '!!',
  'ñ~',
  '-n',
  'a;b|c&d',
  '"q"',
  '\\',
  '%2F',
];

/** The words that a shell makes of a line. */
function shellWords(line: string): string[] {
  return execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
}

describe('the command line of a planned command', () => {
  it('sends the same bytes when it is pasted, whatever the names are', async () => {
    const nodes = NAMES.map((name) => ({
      route: bytesOf(name),
      vhosts: {
        [bytesOf(name)]: { [bytesOf(`/${name}`)]: 'ENABLED' as ContextStatus, '/second': 'ENABLED' as ContextStatus },
      },
    }));
    const scope = { kind: 'several', scopes: nodes.map(({ route }) => ({ kind: 'node', route }) as const) } as const;
    const reading = readingOf(read(T1, 'mcmp', sketch(...nodes)));
    const planned = [
      ...planAction(reading, 'stop', scope, { words: ['--ca', "my ca's.pem"] }).commands,
      ...planAction(reading, 'disable', scope, { plain: true, words: ['--ca', "my ca's.pem"] }).commands,
    ];
    expect(planned.length).toBe(2 * NAMES.length);
    const parsed = shellWords(planned.map(({ commandLine }) => `${commandLine} END`).join(' '))
      .join('\0')
      .split('\0END');
    for (const [index, command] of planned.entries()) {
      const words = (parsed[index] ?? '').split('\0').filter((_, position) => position > 0 || index === 0);
      expect(words.shift()).toBe('mcmp');
      const line = await parseLine(words, commands, 80);
      if (line.kind !== 'run') throw new Error(line.kind);
      expect([line.flags.get('balancer'), line.flags.get('ca')]).toEqual([[T1], ["my ca's.pem"]]);
      const fields = line.positionals.get('fields');
      const message = composeMessage(String(line.positionals.get('command')), Array.isArray(fields) ? fields : [], {
        wildcard: false,
        force: false,
      });
      expect([message.method, message.target]).toEqual([command.method, command.path]);
      expect(encodeText(message.pairs)).toBe(encodeText(command.pairs));
    }
  });
});
