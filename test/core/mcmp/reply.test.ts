import { describe, expect, test } from 'vitest';
import { HTTPD2_DIALECT, MCMP_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { CommandError, ERRORS, errorRow, type McmpErrorCode, refusal } from '../../../src/core/mcmp/errors.ts';
import { httpAnswer } from '../../../src/core/mcmp/http-answer.ts';
import { appReport, pingReply, readReply, statusReply, stopReply } from '../../../src/core/mcmp/reply.ts';
import type { AppCommand, McmpReply } from '../../../src/core/mcmp/types.ts';
import { type Balancer, balancerRecordings, NODE_FOLDERS, nodeRecordings } from '../../support/recordings.ts';

const nothing = { route: undefined, state: undefined, id: undefined, requests: undefined, processed: [] };

describe('replies of all four implementations are read', () => {
  test.each([
    [
      'httpd STATUS',
      'Type=STATUS-RSP&JVMRoute=n1&State=OK&id=17\n',
      { type: 'STATUS-RSP', route: 'n1', state: 'OK', id: '17' },
    ],
    [
      'Undertow STATUS',
      'Type=STATUS-RSP&State=NOTOK&JVMRoute=n1&id=17',
      { type: 'STATUS-RSP', route: 'n1', state: 'NOTOK', id: '17' },
    ],
    [
      'httpd 1.3 STATUS',
      'Type=STATUS-RSP&JVMRoute=n1&State=OK&id=-5\n',
      { type: 'STATUS-RSP', route: 'n1', state: 'OK', id: '-5' },
    ],
    ['PING', 'Type=PING-RSP&State=OK&id=17\n', { type: 'PING-RSP', state: 'OK', id: '17' }],
    ['PING with CRLF', 'Type=PING-RSP&State=OK&id=17\r\n', { type: 'PING-RSP', state: 'OK', id: '17' }],
    [
      'httpd 1.3 and nginx STOP-APP',
      'Type=STOP-APP-RSP&JvmRoute=n1&Alias=localhost&Context=/a&Requests=3\n',
      { type: 'STOP-APP-RSP', route: 'n1', requests: 3, processed: [{ alias: 'localhost', contexts: ['/a'] }] },
    ],
    [
      'Undertow STOP-APP',
      'Type=STOP-APP-RSP,JvmRoute=n1Alias=localhost,aContext=/a,bRequests=-1',
      {
        type: 'STOP-APP-RSP',
        route: 'n1',
        requests: -1,
        processed: [
          { alias: 'localhost', contexts: ['/a,b'] },
          { alias: 'a', contexts: ['/a,b'] },
        ],
      },
    ],
    ['Undertow STOP-APP, garbled', 'Type=STOP-APP-RSP,JvmRoute=n1', { type: 'STOP-APP-RSP' }],
    [
      'httpd 2 report',
      'Type=ENABLE-APP-RSP\nJvmRoute=n1\nAlias=a Contexts=/x,/y\n\nAlias=b c Contexts=/x\n\n',
      {
        type: 'ENABLE-APP-RSP',
        route: 'n1',
        processed: [
          { alias: 'a', contexts: ['/x', '/y'] },
          { alias: 'b c', contexts: ['/x'] },
        ],
      },
    ],
    ['httpd 2 report of nothing', 'Type=REMOVE-APP-RSP\nJvmRoute=n1\n', { type: 'REMOVE-APP-RSP', route: 'n1' }],
  ])('%s', (_, body, expected) => {
    expect(readReply(body)).toEqual({ ...nothing, ...expected });
  });

  test.each(['', '<html>', 'Node: [0]', 'type=PING-RSP'])('%j is none', (body) => {
    expect(readReply(body)).toBeUndefined();
  });

  test.each<Balancer>(['mod_proxy_cluster-2.0.0.Dev', 'undertow-2.3.27.Final', 'nginx_mod_cluster_module'])(
    'every recorded reply of %s',
    (balancer) => {
      let read = 0;
      for (const { exchanges } of balancerRecordings(balancer)) {
        for (const { request, response } of exchanges) {
          if (!response.body?.startsWith('Type=') || response.body.includes('<')) continue;
          expect(readReply(response.body)?.type).toBe(`${request.method}-RSP`);
          read++;
        }
      }
      expect(read).toBeGreaterThan(3);
    },
  );

  test('every reply that a recorded node got', () => {
    for (const { exchanges } of NODE_FOLDERS.flatMap(nodeRecordings)) {
      for (const { request, response } of exchanges) {
        if (!response?.body?.startsWith('Type=') || request === undefined) continue;
        expect(readReply(response.body)?.type).toBe(`${request.line.split(' ')[0]}-RSP`);
      }
    }
  });
});

describe('our replies are read back', () => {
  const from = { dialect: MCMP_DIALECT, incarnationId: '17' };
  const command: AppCommand = {
    kind: 'STOP-APP',
    route: 'a&b=c%d+e',
    wildcard: false,
    aliases: ['x&y'],
    contexts: ['/p=1', '/q'],
  };
  const body = (reply: McmpReply) => (reply.ok ? reply.body : '');

  test('STATUS and PING with any route', () => {
    expect(readReply(body(statusReply(from, command.route, true)))).toEqual({
      ...nothing,
      type: 'STATUS-RSP',
      route: command.route,
      state: 'OK',
      id: '17',
    });
    expect(readReply(body(pingReply(from, command.route, false)))).toEqual({
      ...nothing,
      type: 'PING-RSP',
      route: command.route,
      state: 'NOTOK',
      id: '17',
    });
    expect(readReply(body(pingReply(from, undefined, true)))).toEqual({
      ...nothing,
      type: 'PING-RSP',
      state: 'OK',
      id: '17',
    });
  });

  test('STOP-APP with any names', () => {
    expect(readReply(body(stopReply(MCMP_DIALECT, command, 12)))).toEqual({
      ...nothing,
      type: 'STOP-APP-RSP',
      route: command.route,
      requests: 12,
      processed: [{ alias: 'x&y', contexts: ['/p=1', '/q'] }],
    });
  });

  test('the report leaves an alias without contexts out', () => {
    const processed = [
      { alias: 'a', contexts: ['/x'] },
      { alias: 'b', contexts: [] },
      { alias: 'c', contexts: ['/x', '/y'] },
    ];
    const printed = body(appReport(HTTPD2_DIALECT, { kind: 'ENABLE-APP', route: 'n1' }, processed));
    expect(printed).toBe('Type=ENABLE-APP-RSP\nJvmRoute=n1\nAlias=a Contexts=/x\n\nAlias=c Contexts=/x,/y\n\n');
    expect(readReply(printed)?.processed).toEqual([processed[0], processed[2]]);
  });
});

describe('errors', () => {
  const codes = Object.keys(ERRORS) as McmpErrorCode[];

  test('MCMP-WIRE-04 every refusal is 500 with Version, Type and Mess', () => {
    for (const dialect of [MCMP_DIALECT, HTTPD2_DIALECT]) {
      for (const code of codes) {
        const answer = httpAnswer(refusal(code, dialect, { R: 'n1', F: 'Host', K: 'Foo', N: '5', L: 'x' }), dialect);
        const headers = new Map(answer.headers);
        expect(answer.status).toBe(500);
        expect(headers.get('Version')).toBe('0.2.1');
        expect(headers.get('Type')).toMatch(/^(SYNTAX|MEM|GENERAL)$/);
        expect(headers.get('Mess')).not.toMatch(/[{}\r\n]/);
        expect(headers.get('Content-Length')).toBe(String(answer.body.length));
      }
    }
  });

  test('MCMP-WIRE-37 the body is a page in httpd-2 and a line in ours', () => {
    const reply = refusal('unknown-route', HTTPD2_DIALECT, { R: 'a&<b>' });
    expect(httpAnswer(reply, HTTPD2_DIALECT).body).toContain('Can&#39;t read node with &quot;a&amp;&lt;b&gt;&quot;');
    expect(httpAnswer(reply, MCMP_DIALECT).body).toBe('MEM: Can\'t read node with "a&<b>" JVMRoute\n');
  });

  test('MCMP-WIRE-27 an error closes the connection in httpd-2 only', () => {
    const reply = refusal('unreadable', MCMP_DIALECT);
    expect([MCMP_DIALECT, HTTPD2_DIALECT].map((dialect) => httpAnswer(reply, dialect).close)).toEqual([false, true]);
  });

  test('a success is 200 with its length, and no type without a body', () => {
    expect(httpAnswer({ ok: true, body: '', contentType: '' }, MCMP_DIALECT)).toMatchObject({
      status: 200,
      headers: [['Content-Length', '0']],
      close: false,
    });
  });

  test('no word of a peer makes a header line that breaks or grows', () => {
    const mess = refusal('invalid-field', HTTPD2_DIALECT, { K: `a\r\nSet-Cookie: x\u0000${'y'.repeat(5_000)}` }).mess;
    expect(mess).not.toMatch(/[\u0000-\u001f]/);
    expect(mess.length).toBeLessThan(200);
  });

  test('no error of the default dialect begins with TODO, and only errors of the sender are SYNTAX', () => {
    const syntax = codes.filter((code) => errorRow(code, MCMP_DIALECT).type === 'SYNTAX');
    expect(codes.filter((code) => errorRow(code, MCMP_DIALECT).mess.startsWith('TODO'))).toEqual([]);
    expect(syntax).toEqual([
      'unreadable',
      'route-empty',
      'status-route-missing',
      'too-big',
      'sticky-too-big',
      'bad-value',
      'alias-without-context',
      'context-without-alias',
      'no-alias-no-context',
      'empty-alias',
      'empty-context',
      'repeated-alias',
      'repeated-context',
      'invalid-field',
      'fields-missing',
      'unsupported-scheme',
      'not-supported',
      'group-empty',
    ]);
  });

  test('an error that is thrown or printed has a stable code and a hint', () => {
    const error = new CommandError(refusal('route-exists', MCMP_DIALECT, { R: 'n1' }));
    expect(error).toMatchObject({
      code: 'MCMP_ROUTE_EXISTS',
      type: 'MEM',
      mess: 'MEM: Node with "n1" JVMRoute already exists',
      kind: 'protocol',
    });
    expect(error.hint).toMatch(/own JVMRoute/);
  });
});
