import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { canonicalHost } from '../../../src/core/address.ts';
import { negotiateFormat } from '../../../src/core/mcmp/accept.ts';
import { COMMANDS, isWildcardTarget, methodOf } from '../../../src/core/mcmp/commands.ts';
import { HTTPD2_DIALECT, MCMP_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { CommandError } from '../../../src/core/mcmp/errors.ts';
import { FIELDS, type FieldName, fieldRow, fieldsOf, findField } from '../../../src/core/mcmp/fields.ts';
import { messageLimit, parseCommand } from '../../../src/core/mcmp/parse.ts';
import { RELEASE } from '../../../src/core/mcmp/release.ts';
import type { McmpMethod } from '../../../src/core/mcmp/types.ts';
import { printCommand } from '../../../src/core/mcmp/write.ts';
import { NODE_FOLDERS, nodeRecordings } from '../../support/recordings.ts';
import { command, nearlyBody } from '../arbitrary.ts';
import { testBalancer } from '../balancer.ts';

const METHODS = Object.keys(COMMANDS) as McmpMethod[];
const OPTIONS = { defaultBalancer: 'mycluster', maxMessageBytes: 1_048_576 };

describe('commands are written and read', () => {
  test('what is written is read back as the same command', () => {
    fc.assert(
      fc.property(command, fc.boolean(), (original, named) => {
        const printed = printCommand(original, named ? undefined : 'mycluster');
        expect(
          parseCommand(printed.method, printed.target, printed.body, printed.accept, MCMP_DIALECT, OPTIONS),
        ).toEqual(original);
      }),
      { seed: 21, numRuns: 1_000 },
    );
  });

  test('what a real node sent is written again byte by byte, apart from the spelling of lists and lengths of words', () => {
    let same = 0;
    for (const { file, exchanges } of NODE_FOLDERS.flatMap(nodeRecordings)) {
      for (const { request } of exchanges) {
        if (request === undefined) continue;
        const [name = '', target = ''] = request.line.split(' ');
        const method = methodOf(name);
        if (method === undefined || !/^\/\*?$/.test(target)) continue;
        const read = parseCommand(method, target, request.body, '', HTTPD2_DIALECT, OPTIONS);
        if (read instanceof CommandError) throw new Error(`${file}: ${request.body}: ${read.message}`);
        const { body } = printCommand(read, 'mycluster');
        const plain = (text: string) => decodeURIComponent(text).toLowerCase();
        expect(plain(body), file).toBe(plain(request.body));
        same++;
      }
    }
    expect(same).toBeGreaterThan(400);
  });
});

test('no body and no target makes the parser or the machine throw, in any dialect', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...METHODS),
      fc.constantFrom('/', '/*', '*', '', '/x?y=/*'),
      nearlyBody,
      fc.boolean(),
      (method, target, body, answer) => {
        for (const dialect of [MCMP_DIALECT, HTTPD2_DIALECT]) {
          const balancer = testBalancer(dialect);
          balancer.send('CONFIG', 'JVMRoute=n1&Port=1');
          balancer.send('ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=/a');
          balancer.reachable = () => answer;
          const reply = balancer.send(`${method} ${target}`, body, 'application/json');
          if (!reply.ok) expect(reply.mess).toMatch(/^(SYNTAX|MEM|TODO|PING) ?[^\u0000-\u001f]*/);
        }
      },
    ),
    { seed: 22, numRuns: 3_000 },
  );
});

describe('methods and targets', () => {
  test.each(METHODS)('%s in any letter case', (method) => {
    expect(methodOf(method)).toBe(method);
    expect(methodOf(method.toLowerCase())).toBe(method);
    expect(methodOf(`${method}X`)).toBeUndefined();
    expect(methodOf(method.slice(0, -1))).toBeUndefined();
  });

  test.each(['GET', 'POST', '', 'FOO', 'ERROR', 'ADDID', 'REMOVEID', 'QUERY', '__proto__', 'constructor', 'toString'])(
    'MCMP-WIRE-31 %j is none',
    (name) => {
      expect(methodOf(name)).toBeUndefined();
    },
  );

  test.each([
    ['*', true],
    ['/*', true],
    ['/foo/*', true],
    ['/*?a=b', true],
    ['http://balancer:8090/*', true],
    ['/', false],
    ['/foo*', false],
    ['/*/', false],
    ['/?a=/*', false],
    ['', false],
    ['**', false],
  ])('target %j', (target, wildcard) => {
    expect(isWildcardTarget(target)).toBe(wildcard);
  });
});

describe('fields', () => {
  const names = Object.keys(FIELDS) as FieldName[];

  test('flags are different words in lower case', () => {
    const flags = names.map((name) => fieldRow(name).flag);
    expect(new Set(flags).size).toBe(flags.length);
    for (const flag of flags) expect(flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });

  test('each is found by its name in any letter case, only in its own commands', () => {
    for (const method of METHODS) {
      for (const name of names) {
        const expected = fieldRow(name).commands.includes(method) ? name : undefined;
        expect(findField(method, name.toUpperCase())).toBe(expected);
        expect(findField(method, name.toLowerCase())).toBe(expected);
      }
      expect(fieldsOf(method).every((name) => fieldRow(name).commands.includes(method))).toBe(true);
    }
  });

  test('each default is what a CONFIG without the field gets', () => {
    const bare = parseCommand('CONFIG', '/', 'JVMRoute=n1', '', MCMP_DIALECT, OPTIONS);
    const defaults = fieldsOf('CONFIG').flatMap((name) => {
      const value = fieldRow(name).default;
      return value === undefined || value === '' ? [] : [`${name}=${value}`];
    });
    expect(defaults.length).toBeGreaterThan(15);
    expect(parseCommand('CONFIG', '/', `JVMRoute=n1&${defaults.join('&')}`, '', MCMP_DIALECT, OPTIONS)).toEqual(bare);
  });
});

describe('Accept', () => {
  test.each([
    ['', 'text', 'text'],
    ['*/*', 'text', 'text'],
    ['text/xml', 'xml', 'xml'],
    ['application/xml', 'xml', 'text'],
    ['application/json', 'json', 'text'],
    ['application/json, text/xml', 'json', 'xml'],
    ['application/json;q=0.5, text/xml;q=0.7', 'xml', 'xml'],
    ['TEXT/XML; charset=utf-8', 'xml', 'text'],
    ['text/xml;q=0', 'text', 'xml'],
    ['text/plain, application/json;q=0.9', 'text', 'text'],
    ['text/html', 'text', 'text'],
  ] as const)('%j', (accept, mcmp, httpd) => {
    expect(negotiateFormat(accept, MCMP_DIALECT.replies)).toBe(mcmp);
    expect(negotiateFormat(accept, HTTPD2_DIALECT.replies)).toBe(httpd);
  });
});

test('the longest message is the sum of the tables in httpd-2 (reference §1.3), and what it is told in ours', () => {
  const limits = { maxHosts: 20, maxContexts: 100 };
  expect(messageLimit(HTTPD2_DIALECT, limits, 1_048_576)).toBe(13_188);
  expect(messageLimit(HTTPD2_DIALECT, { maxHosts: 0, maxContexts: 1 }, 1_048_576)).toBe(1_024);
  expect(messageLimit(HTTPD2_DIALECT, limits, 5_000)).toBe(5_000);
  expect(messageLimit(MCMP_DIALECT, limits, 1_048_576)).toBe(1_048_576);
});

test('VERSION names the version of the package', () => {
  expect(RELEASE).toBe(`mcmp/${packageJson.version}`);
});

describe('a host has one spelling', () => {
  test.each([
    ['Example.COM', 'example.com'],
    ['127.0.0.1', '127.0.0.1'],
    ['node_1', 'node_1'],
    ['::1', '[::1]'],
    ['[::1]', '[::1]'],
    ['0:0:0:0:0:0:0:1', '[::1]'],
    ['[2001:DB8:0:0:0:0:0:1]', '[2001:db8::1]'],
    ['[fe80::1%eth0]', '[fe80::1]'],
    ['fe80::1%25eth0', '[fe80::1]'],
    ['[::1%25]x', undefined],
    ['[example.com]', undefined],
    ['[127.0.0.1]', undefined],
    ['1::2::3', undefined],
    ['a b', undefined],
    ['a/b', undefined],
    ['-a', undefined],
    ['', undefined],
    ['h\u00e9', undefined],
  ])('%j', (text, expected) => {
    expect(canonicalHost(text)).toBe(expected);
  });
});
