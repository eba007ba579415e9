import fc from 'fast-check';
import type { AppCommand, ConfigCommand, McmpCommand } from '../../src/core/mcmp/types.ts';

/** Generated names, bodies and commands. Few different ones, so that they meet. */

const route = fc.constantFrom('n1', 'n2', 'n3', 'n4', 'a b', 'x&y=z', 'n\u00c3\u00a9');
const alias = fc.constantFrom('localhost', 'a.example', 'b.example', 'c', 'd]', '[e');
const path = fc.constantFrom('/', '/a', '/a/b', '/c', '/d [x] vhost: 1', '/\u00e9', '/e&f');
const list = <T>(item: fc.Arbitrary<T>) => fc.uniqueArray(item, { minLength: 1, maxLength: 3 });
const ms = fc.constantFrom(0, 1, 10, 1_500, 10_000, 61_000);

export const config: fc.Arbitrary<ConfigCommand> = fc
  .record({
    kind: fc.constant('CONFIG'),
    node: fc.record({
      route,
      domain: fc.constantFrom('', 'g1', 'g 2', 'g]'),
      host: fc.constantFrom('127.0.0.1', 'node.example', '[::1]'),
      port: fc.constantFrom('1', '2', '3', '65535'),
      type: fc.constantFrom('http', 'ajp', 'https', 'ws', 'wss'),
      reversed: fc.boolean(),
      flushPackets: fc.constantFrom('off', 'on', 'auto'),
      flushWaitMs: ms,
      pingMs: ms,
      smax: fc.constantFrom(-1, 0, 7),
      ttlMs: ms,
      timeoutMs: ms,
    }),
    balancer: fc.record({
      name: fc.constantFrom('mycluster', 'other', 'x sticky: 1 [y]', 'b\u00c3\u00a9'),
      stickySession: fc.boolean(),
      stickySessionCookie: fc.constantFrom('JSESSIONID', 'SID', 'a|b'),
      stickySessionPath: fc.constantFrom('jsessionid', 'sid'),
      stickySessionRemove: fc.boolean(),
      stickySessionForce: fc.boolean(),
      waitWorkerSeconds: fc.constantFrom(0, 3, -1),
      maxAttempts: fc.constantFrom(1, 0, 9, -1),
    }),
    ...{ aliases: fc.constant<readonly string[]>([]), contexts: fc.constant<readonly string[]>([]) },
  })
  .chain(
    (bare): fc.Arbitrary<ConfigCommand> =>
      fc.oneof(
        { weight: 3, arbitrary: fc.constant<ConfigCommand>({ ...bare, kind: 'CONFIG' }) },
        {
          weight: 1,
          arbitrary: fc
            .tuple(list(alias), list(path))
            .map(([aliases, contexts]): ConfigCommand => ({ ...bare, kind: 'CONFIG', aliases, contexts })),
        },
      ),
  );

export const app: fc.Arbitrary<AppCommand> = fc
  .record({
    kind: fc.constantFrom('ENABLE-APP', 'ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP'),
    route,
    wildcard: fc.boolean().chain((maybe) => (maybe ? fc.boolean() : fc.constant(false))),
    aliases: list(alias),
    contexts: list(path),
  })
  .map((command): AppCommand => (command.wildcard ? { ...command, aliases: [], contexts: [] } : command) as AppCommand);

export const command: fc.Arbitrary<McmpCommand> = fc.oneof(
  { weight: 3, arbitrary: config },
  { weight: 5, arbitrary: app },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('STATUS' as const),
      route,
      load: fc.constantFrom(undefined, -1, 0, 1, 50, 100),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('PING' as const),
      target: fc.oneof(
        fc.constant({ kind: 'balancer' as const }),
        fc.record({ kind: fc.constant('node' as const), route }),
        fc.record({
          kind: fc.constant('address' as const),
          scheme: fc.constantFrom('http', 'ajp'),
          host: fc.constantFrom('h', '[::1]'),
          port: fc.constantFrom('1', '80'),
        }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('INFO' as const, 'DUMP' as const, 'VERSION' as const),
      format: fc.constantFrom('text' as const, 'xml' as const, 'json' as const),
    }),
  },
);

/** What happens to a balancer: a command, a node that is found dead or well, time that passes. */
export type Step =
  | { readonly kind: 'command'; readonly command: McmpCommand; readonly answer: boolean }
  | { readonly kind: 'health'; readonly route: string; readonly up: boolean }
  | { readonly kind: 'wait'; readonly ms: number };

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('command' as const), command, answer: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('health' as const), route, up: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('wait' as const),
        ms: fc.constantFrom(0, 1_000, 10_000, 31_000, 61_000),
      }),
    },
  ),
  { minLength: 1, maxLength: 60 },
);

/** Bodies that are nearly messages: names of fields, values, and what breaks them. */
export const nearlyBody: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'JVMRoute=',
        'Alias=',
        'Context=',
        'Host=',
        'Port=',
        'Type=',
        'Load=',
        'ping=',
        'ttl=',
        'smax=',
        'Scheme=',
        'Balancer=',
        'StickySession=',
        'flushpackets=',
      ),
      fc.constantFrom(
        'n1',
        '/a,/b',
        'a,,b',
        ',',
        '127.0.0.1',
        '[::1%25x]',
        '%00',
        '%',
        '%2',
        '+',
        'yes',
        '-1',
        '10ms',
        '99999999999999',
        'ajp',
        '\u00ff\u00fe',
      ),
      fc.constantFrom('&', '&', '&', '=', '&&', '==', '&=', '\r\n', '<', "'"),
      fc.string({ unit: 'binary-ascii', maxLength: 6 }),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join(''));
