import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/cli/config-file.ts';
import { strayVariables } from '../../src/cli/environment.ts';
import { resolveSettings, type Setting } from '../../src/cli/settings.ts';
import { everyKind, sampleCommands } from './sample-commands.ts';

interface Given {
  readonly flags?: Readonly<Record<string, readonly string[]>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: string;
}

function settle({ flags = {}, environment = {}, file }: Given): ReadonlyMap<string, Setting> {
  return resolveSettings(everyKind.options, everyKind, {
    flags: new Map(Object.entries(flags)),
    environment,
    file: file === undefined ? undefined : parseConfig('probe.yaml', file, sampleCommands),
  });
}

function value(given: Given, name: string): unknown {
  return settle(given).get(name)?.value;
}

describe('where a setting comes from', () => {
  const flags = { name: ['flag'] };
  const environment = { MCMP_PROBE_NAME: 'environment' };
  const file = 'probe:\n  name: file\n';

  it.each([
    ['the flag beats all', { flags, environment, file }, 'flag', 'flag', '--name'],
    ['the environment beats the file', { environment, file }, 'environment', 'environment', 'MCMP_PROBE_NAME'],
    ['the file beats the default', { file }, 'file', 'file', 'probe.yaml:2'],
    ['the default comes last', {}, 'nobody', 'default', ''],
    ['an empty variable says nothing', { environment: { MCMP_PROBE_NAME: '' }, file }, 'file', 'file', 'probe.yaml:2'],
  ])('%s', (_, given, expected, origin, where) => {
    expect(settle(given).get('name')).toMatchObject({ value: expected, origin, where });
  });

  it('leaves unset what has no default', () => {
    const settings = settle({});
    expect(
      [...settings.values()].filter(({ origin }) => origin === 'unset').map((item) => [item.name, item.value]),
    ).toEqual([
      ['tag', undefined],
      ['note', []],
      ['deep', false],
      ['peer', undefined],
      ['beacon', false],
      ['allow', []],
      ['key', undefined],
    ]);
  });
});

describe('the kinds of values', () => {
  it.each([
    ['name', ['a,b'], 'a,b'],
    ['name', [''], ''],
    ['note', ['a,b', 'c'], ['a,b', 'c']],
    ['count', ['7'], 7],
    ['deep', ['true'], true],
    ['deep', ['true', 'false'], false],
    ['wait-time', ['90'], 90_000],
    ['pause', ['90'], 90],
    ['pause', ['none'], 0],
    ['room', ['2k'], 2_048],
    [
      'at',
      [':1', '[::1]:2,h:3'],
      [
        { host: '', port: 1 },
        { host: '::1', port: 2 },
        { host: 'h', port: 3 },
      ],
    ],
    ['peer', ['lb:6666'], new URL('http://lb:6666')],
    ['peer', ['https://lb/'], new URL('https://lb')],
    ['peer', [':8090'], new URL('http://localhost:8090')],
    ['beacon', ['true'], true],
    ['beacon', ['on'], true],
    ['beacon', ['off'], false],
    ['beacon', ['10.0.0.1:8090'], new URL('http://10.0.0.1:8090')],
    ['allow', ['10.0.0.0/8, ::1', 'any'], ['10.0.0.0/8', '::1', 'any']],
    ['form', ['xml'], 'xml'],
  ])('--%s %j is %j', (name, texts, expected) => {
    expect(value({ flags: { [name]: texts } }, name)).toEqual(expected);
  });

  it.each([
    ['count', ['many'], '--count: expected a number, not "many"'],
    ['count', ['1.5'], '--count: expected a whole number, not "1.5"'],
    ['count', ['0'], '--count: expected at least 1, not "0"'],
    ['count', ['11'], '--count: expected at most 10, not "11"'],
    ['count', ['1', '2'], '--count takes one value, but has 2: 1, 2'],
    ['deep', ['perhaps'], '--deep: expected true or false, not "perhaps"'],
    ['wait-time', ['none'], '--wait-time: expected a duration such as 500ms, 10s, 2m or 1h, not "none"'],
    ['wait-time', ['0'], '--wait-time: expected a time longer than 0, not "0"'],
    ['room', ['0'], '--room: expected at least 1B, not "0"'],
    ['tag', ['two words'], '--tag: expected one word, not "two words"'],
    ['peer', ['ftp://lb'], '--peer: expected http:// or https://, not "ftp://lb"'],
    ['peer', ['http://'], '--peer: expected a URL such as http://127.0.0.1:8090, not "http://"'],
    ['form', ['xlm'], '--form: expected one of text, xml, not "xlm"'],
  ])('--%s %j is refused', (name, texts, message) => {
    expect(() => value({ flags: { [name]: texts } }, name)).toThrow(
      expect.objectContaining({ kind: 'usage', code: 'MCMP_BAD_VALUE', message }),
    );
  });

  it('reads several values from one variable', () => {
    const environment = { MCMP_PROBE_AT: ':1,:2', MCMP_PROBE_NOTE: 'a: 1, 2\nb: 3\n', MCMP_PROBE_ALLOW: 'x,y' };
    expect(value({ environment }, 'at')).toHaveLength(2);
    expect(value({ environment }, 'note')).toEqual(['a: 1, 2', 'b: 3']);
    expect(value({ environment }, 'allow')).toEqual(['x', 'y']);
  });

  it('names the variable or the line of a wrong value', () => {
    expect(() => settle({ environment: { MCMP_PROBE_ROOM: 'big' } })).toThrow(/^MCMP_PROBE_ROOM: .*, not "big"$/);
    expect(() => settle({ file: 'probe:\n\n  room: big\n' })).toThrow(/^probe.yaml:3: .*, not "big"$/);
  });
});

describe('stray variables', () => {
  it('are named with what was probably meant, others are left alone', () => {
    const environment = { MCMP_PROBE_NAM: 'x', MCMP_PROBE_NAME: 'y', MCMP_LOG_LEVL: 'z', MCMP_HOME_OF_MY_SCRIPT: '/' };
    expect(strayVariables(environment, sampleCommands)).toEqual([
      { name: 'MCMP_PROBE_NAM', meant: 'MCMP_PROBE_NAME' },
      { name: 'MCMP_LOG_LEVL', meant: 'MCMP_LOG_LEVEL' },
    ]);
  });
});
