import { describe, expect, it } from 'vitest';
import { defineCommand, typedArgs } from '../../../src/cli/command.ts';
import { resolveSettings } from '../../../src/cli/settings.ts';
import { fieldRow, fieldsOf } from '../../../src/core/mcmp/fields.ts';
import { configFlags, configParameters } from '../../../src/node/simulator/config-flags.ts';
import { NODE_SIM_OPTIONS } from '../../../src/node/simulator/flags.ts';

const FLAGS = configFlags('CONFIG:');
const command = defineCommand({
  name: 'x',
  summary: '',
  description: '',
  options: FLAGS,
  examples: [],
  async run() {},
});

/** What CONFIG would say with these flags. */
function parameters(given: Readonly<Record<string, string>>): unknown {
  const flags = new Map(Object.entries(given).map(([name, text]) => [name, [text]]));
  const settings = resolveSettings(FLAGS, command, { flags, environment: {}, file: undefined });
  const values = new Map([...settings].map(([name, { value }]) => [name, value]));
  return configParameters(typedArgs(FLAGS, undefined, values));
}

describe('the flags for CONFIG', () => {
  it('are one for each parameter that the protocol knows', () => {
    const names: readonly string[] = Object.keys(NODE_SIM_OPTIONS);
    const missing = fieldsOf('CONFIG').filter((name) => !names.includes(fieldRow(name).flag));
    // The name of the node is `route` in the table of fields, too.
    expect(missing).toEqual([]);
  });

  it('send nothing that was not given', () => {
    expect(parameters({})).toEqual({});
  });

  it.each<[string, string, Readonly<Record<string, string>>]>([
    ['balancer-name', 'Blue', { Balancer: 'Blue' }],
    ['domain', 'left', { Domain: 'left' }],
    ['sticky-session', 'off', { StickySession: 'off' }],
    ['sticky-session-force', 'YES', { StickySessionForce: 'YES' }],
    ['reversed', '1', { Reversed: '1' }],
    ['flush-packets', 'auto', { flushpackets: 'auto' }],
    ['flush-wait', '20', { flushwait: '20' }],
    ['ping', '2', { ping: '2' }],
    ['ttl', '90s', { ttl: '90s' }],
    ['smax', '-1', { smax: '-1' }],
    ['max-attempts', '3', { Maxattempts: '3' }],
    ['sticky-session-cookie', 'SID', { StickySessionCookie: 'SID' }],
  ])('--%s %s', (flag, text, expected) => {
    expect(parameters({ [flag]: text })).toEqual(expected);
  });

  it.each([
    ['sticky-session', 'maybe', 'expected yes or no'],
    ['flush-packets', 'yes', 'expected on, off or auto'],
    ['ttl', 'soon', 'expected a whole number, with'],
    ['max-attempts', '1.5', 'expected a whole number'],
    ['domain', 'a,b', 'expected a name without spaces and commas'],
    ['sticky-session-cookie', 'a=b', 'expected the name of a cookie'],
  ])('--%s %s is refused', (flag, text, message) => {
    expect(() => parameters({ [flag]: text })).toThrow(message);
  });
});
