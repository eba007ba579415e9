import { CONFIG_N1, type Line, type Message, STANDARD_NODE } from '../checklist.ts';

/** Lines of the checklist as Undertow has them, where it is not as httpd 2; the recordings are replayed beside this. */

const VERBS = ['ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP'] as const;
const FAILED = 'GENERAL/failed to process management request';
const MISSING = 'SYNTAX/SYNTAX: Mandatory field(s) missing in message';
const NO_CONTEXT = "MEM/MEM: Can't update or insert context";
const NO_NODE = "MEM/MEM: Can't update or insert node";
const ID = 'id=1700000000000';

const app = (verb: string, alias: string, context: string, route = 'n1'): Message => [
  verb,
  `JVMRoute=${route}&Alias=${alias}&Context=${context}`,
];
const config = (more: string): Message => ['CONFIG', `JVMRoute=n1&Host=127.0.0.1&Port=9001&Type=http${more}`];
const status = (load: string): Message => ['STATUS', `JVMRoute=n1&Load=${load}`];
const DEAD = { reachable: () => false };

export const UNDERTOW_LINES: readonly Line[] = [
  { id: 'MCMP-WIRE-12 a plus is a space', when: ['CONFIG', 'JVMRoute=a+b'], info: ['Name: a b,'] },
  ...['%3C', '%3E', '%22', '%5C', '%0A', '%0D', '%00', '%1B', '%7F'].map(
    (character): Line => ({
      id: `MCMP-WIRE-15 ${character} fails`,
      when: ['CONFIG', `JVMRoute=a${character}b`],
      says: FAILED,
      info: ['!Node'],
    }),
  ),
  { id: 'MCMP-WIRE-16 %27 is accepted', when: ['CONFIG', 'JVMRoute=a%27b'], info: ["Name: a'b,"] },
  { id: 'MCMP-WIRE-18 a literal = stays in the value', when: ['CONFIG', 'JVMRoute=a=b'], info: ['Name: a=b,'] },
  {
    id: 'MCMP-WIRE-24 Accept is not read',
    given: [CONFIG_N1],
    when: ['INFO', '', 'text/xml'],
    says: /^200 Node: \[1\]/,
  },
  {
    id: 'MCMP-WIRE-33 the target of INFO does not matter',
    given: [CONFIG_N1],
    when: ['INFO /x?y=1'],
    says: /^200 Node/,
  },
  {
    id: 'MCMP-WIRE-35 /foo* is not the wildcard form',
    given: STANDARD_NODE,
    when: ['DISABLE-APP /foo*', 'JVMRoute=n1'],
    says: MISSING,
    info: ['Context: /app, Status: ENABLED'],
  },
  {
    id: 'a thousand fields are read',
    when: ['ENABLE-APP', Array.from({ length: 1000 }, (_, index) => `x${index}=1`).join('&')],
    says: MISSING,
  },
  {
    id: 'one more is too many',
    when: ['ENABLE-APP', Array.from({ length: 1001 }, (_, index) => `x${index}=1`).join('&')],
    says: FAILED,
  },
  { id: 'a message that is too long fails', setup: { maxMessageBytes: 20 }, when: CONFIG_N1, says: FAILED },
  { id: 'MCMP-CONFIG-02 without JVMRoute', when: ['CONFIG', 'Host=h'], says: NO_NODE, info: ['!Node'] },
  { id: 'MCMP-CONFIG-02 without a body', when: ['CONFIG'], says: NO_NODE, info: ['!Node'] },
  ...['Domain=', 'Domain'].map(
    (field): Line => ({
      id: `MCMP-CONFIG-05 ${field}`,
      when: config(`&${field}`),
      says: 'SYNTAX/SYNTAX: Invalid field Domain in message',
      info: ['!Node'],
    }),
  ),
  {
    id: 'MCMP-CONFIG-07 an unknown key',
    when: config('&Foo=1'),
    says: 'SYNTAX/SYNTAX: Invalid field Foo in message',
    info: ['!Node'],
  },
  {
    id: 'MCMP-CONFIG-09 defaults',
    when: ['CONFIG', 'JVMRoute=n1&Host=h&Port=7'],
    info: ['Host: h,Port: 7,Type: http,Flushpackets: Off,Flushwait: 10,Ping: 10000,Smax: 40,Ttl: 60,'],
  },
  { id: 'MCMP-CONFIG-09 Host alone has port 0', when: ['CONFIG', 'JVMRoute=n1&Host=h'], info: ['Host: h,Port: 0,'] },
  { id: 'MCMP-CONFIG-11 a balancer keeps its case', when: config('&Balancer=MyB'), info: ['Balancer: MyB,'] },
  {
    id: 'MCMP-CONFIG-19 a long cookie name is cut',
    when: config(`&StickySessionCookie=${'c'.repeat(40)}`),
    dump: [`[${'c'.repeat(30)}]/`],
  },
  ...['ping=abc', 'ping=10s', 'ttl=1.5', 'Port=abc', 'smax=x', 'Maxattempts=', 'ping=99999999999'].map(
    (field): Line => ({
      id: `MCMP-CONFIG-25 ${field}`,
      when: ['CONFIG', `JVMRoute=n1&Host=h&${field}`],
      says: field.endsWith('=') ? 'SYNTAX/SYNTAX: Invalid field Maxattempts in message' : FAILED,
      info: ['!Node'],
    }),
  ),
  { id: 'MCMP-CONFIG-30 StickySession=off', when: config('&StickySession=off'), dump: ['Sticky: 1'] },
  { id: 'MCMP-CONFIG-32 WaitWorker=4', when: config('&WaitWorker=4'), dump: ['Timeout: 0 maxAttempts'] },
  {
    id: 'MCMP-CONFIG-35 flushpackets=auto',
    when: config('&flushpackets=auto'),
    info: ['Flushpackets: On'],
    dump: ['flushpackets: 1'],
  },
  {
    id: 'MCMP-CONFIG-39 contexts of CONFIG are ENABLED',
    when: config('&Alias=a&Context=/x'),
    info: ['Context: /x, Status: ENABLED'],
  },
  { id: 'MCMP-CONFIG-37 Alias without Context says nothing', when: config('&Alias=a'), info: ['Node: [1]', '!Vhost'] },
  {
    id: 'MCMP-CONFIG-37 Context without Alias says nothing',
    when: config('&Context=/x'),
    info: ['Node: [1]', '!Context'],
  },
  {
    id: 'MCMP-CONFIG-40 two aliases are one vhost, which has the contexts once',
    when: config('&Alias=a,b&Context=/x,/y'),
    info: [
      'Vhost: [1:1:-1], Alias: a\nVhost: [1:1:-1], Alias: b\nContext: [1:1:1], Context: /x, Status: ENABLED\n' +
        'Context: [1:1:2], Context: /y, Status: ENABLED\n',
    ],
  },
  {
    id: 'MCMP-CONFIG-41 an alias keeps its case',
    when: config('&Alias=A.Example&Context=/x'),
    info: ['Alias: A.Example'],
  },
  {
    id: 'MCMP-CONFIG-42 and MCMP-CONFIG-44 an identical CONFIG waits for STATUS',
    given: STANDARD_NODE,
    when: CONFIG_N1,
    info: ['Node: [1]', 'Load: -1', 'Context: /app, Status: ENABLED', '!Node: [2]'],
  },
  {
    id: 'MCMP-CONFIG-44 a good STATUS brings it back',
    given: [...STANDARD_NODE, CONFIG_N1],
    when: status('7'),
    info: ['Load: 7'],
  },
  {
    id: 'MCMP-CONFIG-47 another port of a node that is well',
    given: STANDARD_NODE,
    when: ['CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9002&Type=http'],
    says: 'SYNTAX/MEM: Old node still exist',
    info: ['!Node', '!Vhost', '!Context'],
    dump: ['!balancer'],
  },
  {
    id: 'MCMP-CONFIG-47 another type is another place',
    given: STANDARD_NODE,
    when: ['CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9001&Type=ajp'],
    says: 'SYNTAX/MEM: Old node still exist',
  },
  {
    id: 'MCMP-CONFIG-48 another port of a node that waits for STATUS',
    given: [CONFIG_N1, app('ENABLE-APP', 'a', '/x')],
    when: ['CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9002&Type=http'],
    info: ['Node: [2],Name: n1', 'Port: 9002', '!Context'],
  },
  {
    id: 'MCMP-CONFIG-50 another route with the same address',
    given: [CONFIG_N1],
    when: ['CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=9001&Type=http'],
    info: ['Name: n1,', 'Name: n2,'],
  },
  {
    id: 'MCMP-CONFIG-57 another Domain or Balancer is not stored',
    given: [config('&Domain=g1')],
    when: config('&Domain=g2&Balancer=b2&StickySession=No'),
    info: ['LBGroup: g1', 'Balancer: mycluster'],
    dump: ['Sticky: 1', '!b2'],
  },
  { id: 'the first of several values of a key counts', when: config('&Domain=a&Domain=b'), info: ['LBGroup: a,'] },
  ...VERBS.flatMap((verb): Line[] => [
    ...['Alias=a&Context=/x', 'JVMRoute=n1', 'JVMRoute=n1&Alias=a', 'JVMRoute=n1&Context=/x', '', 'abc'].map(
      (body): Line => ({ id: `MCMP-APP-02 ${verb} ${body}`, given: [CONFIG_N1], when: [verb, body], says: MISSING }),
    ),
    { id: `MCMP-APP-02 ${verb} /*`, given: [CONFIG_N1], when: [`${verb} /*`, ''], says: MISSING },
    { id: `MCMP-APP-36 ${verb} /*`, when: [`${verb} /*`, 'JVMRoute=ghost'], says: NO_NODE },
    {
      id: `${verb} of aliases that are only commas`,
      given: [CONFIG_N1],
      when: app(verb, ',', '/x'),
      says: 'SYNTAX/SYNTAX: Context without Alias',
    },
    ...(verb === 'STOP-APP'
      ? []
      : [
          { id: `MCMP-APP-05 and MCMP-APP-07 ${verb}`, when: app(verb, 'a', '/x', 'ghost'), says: NO_CONTEXT },
          {
            id: `MCMP-APP-25 ${verb} is answered without a body`,
            given: STANDARD_NODE,
            when: app(verb, 'localhost', '/app'),
            says: '200',
          },
        ]),
  ]),
  {
    id: 'MCMP-APP-08 STOP-APP of an unknown route',
    when: app('STOP-APP', 'y', '/x', 'ghost'),
    says: '200 Type=STOP-APP-RSP,JvmRoute=ghostAlias=yContext=/xRequests=-1',
  },
  { id: 'MCMP-APP-09 REMOVE-APP of an unknown route', when: app('REMOVE-APP', 'a', '/x', 'ghost'), says: NO_CONTEXT },
  {
    id: 'MCMP-APP-10 ENABLE-APP makes one vhost and one context',
    given: [CONFIG_N1],
    when: app('ENABLE-APP', 'h', '/c'),
    info: ['Vhost: [1:1:-1], Alias: h\nContext: [1:1:1], Context: /c, Status: ENABLED\n'],
  },
  {
    id: 'MCMP-APP-14 DISABLE-APP after STOP-APP',
    given: [...STANDARD_NODE, app('STOP-APP', 'localhost', '/app')],
    when: app('DISABLE-APP', 'localhost', '/app'),
    info: ['Status: STOPPED'],
  },
  {
    id: 'MCMP-APP-14 DISABLE-APP /* after STOP-APP',
    given: [...STANDARD_NODE, app('STOP-APP', 'localhost', '/app')],
    when: ['DISABLE-APP /*', 'JVMRoute=n1'],
    info: ['Status: STOPPED'],
  },
  {
    id: 'MCMP-APP-15 DISABLE-APP of a new context',
    given: [CONFIG_N1],
    when: app('DISABLE-APP', 'a', '/x'),
    info: ['Status: STOPPED'],
  },
  {
    id: 'MCMP-APP-18 REMOVE-APP of an unknown context',
    given: STANDARD_NODE,
    when: app('REMOVE-APP', 'localhost', '/x'),
    says: NO_CONTEXT,
  },
  {
    id: 'MCMP-APP-18 REMOVE-APP of an unknown alias',
    given: STANDARD_NODE,
    when: app('REMOVE-APP', 'b', '/app'),
    says: NO_CONTEXT,
  },
  {
    id: 'MCMP-APP-19 a comma is a part of the path',
    given: [CONFIG_N1],
    when: app('ENABLE-APP', 'h', '/a,/b'),
    info: ['Context: /a,/b, Status: ENABLED'],
  },
  {
    id: 'MCMP-APP-21 several aliases are one vhost',
    given: [CONFIG_N1],
    when: app('ENABLE-APP', 'a,b', '/x'),
    info: ['Vhost: [1:1:-1], Alias: a\nVhost: [1:1:-1], Alias: b\nContext: [1:1:1]', '!Context: [1:1:2]'],
  },
  {
    id: 'the same aliases in another order are another vhost',
    given: [CONFIG_N1, app('ENABLE-APP', 'a,b', '/x')],
    when: app('ENABLE-APP', 'b,a', '/x'),
    info: ['Context: [1:1:1], Context: /x', 'Context: [1:2:2], Context: /x'],
  },
  {
    id: 'one of several aliases names nothing',
    given: [CONFIG_N1, app('ENABLE-APP', 'a,b', '/x')],
    when: app('REMOVE-APP', 'a', '/x'),
    says: NO_CONTEXT,
  },
  {
    id: 'MCMP-APP-27 STOP-APP',
    given: STANDARD_NODE,
    when: app('STOP-APP', 'localhost', '/app'),
    says: '200 Type=STOP-APP-RSP,JvmRoute=n1Alias=localhostContext=/appRequests=0',
  },
  {
    id: 'MCMP-APP-33 another node is not touched',
    given: [
      ...STANDARD_NODE,
      ['CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=9002&Type=http'],
      app('ENABLE-APP', 'localhost', '/app', 'n2'),
    ],
    when: app('DISABLE-APP', 'localhost', '/app'),
    info: ['Context: [1:1:1], Context: /app, Status: DISABLED', 'Context: [2:2:2], Context: /app, Status: ENABLED'],
  },
  {
    id: 'MCMP-APP-35 REMOVE-APP /* takes the node at once',
    given: STANDARD_NODE,
    when: ['REMOVE-APP /*', 'JVMRoute=n1'],
    info: ['!Node'],
  },
  {
    id: 'MCMP-APP-41 the vhost stays',
    given: STANDARD_NODE,
    when: app('REMOVE-APP', 'localhost', '/app'),
    info: ['Vhost: [1:1:-1], Alias: localhost', '!Context'],
  },
  { id: 'MCMP-STATUS-01 an unknown route', when: status('1'), says: "MEM/MEM: Can't read node" },
  ...['', 'JVMRoute=n1', 'Load=1', 'abc'].map(
    (body): Line => ({ id: `MCMP-STATUS-03 ${body}`, given: [CONFIG_N1], when: ['STATUS', body], says: MISSING }),
  ),
  { id: 'MCMP-STATUS-04 an unknown key is ignored', given: [CONFIG_N1], when: status('5&Foo=1'), info: ['Load: 5'] },
  {
    id: 'MCMP-STATUS-05 and MCMP-STATUS-06 a node that answers',
    given: [CONFIG_N1],
    when: status('100'),
    says: `200 Type=STATUS-RSP&State=OK&JVMRoute=n1&${ID}`,
  },
  {
    id: 'MCMP-STATUS-07 a node that does not answer',
    setup: DEAD,
    given: [CONFIG_N1],
    when: status('100'),
    says: `200 Type=STATUS-RSP&State=NOTOK&JVMRoute=n1&${ID}`,
    info: ['Load: -1'],
  },
  {
    id: 'MCMP-STATUS-10 load 0 is believed without a ping',
    setup: DEAD,
    given: [CONFIG_N1],
    when: status('0'),
    says: /State=OK/,
    info: ['Load: 0'],
  },
  { id: 'MCMP-STATUS-11 load -1', given: STANDARD_NODE, when: status('-1'), says: /State=NOTOK/, info: ['Load: -1'] },
  { id: 'MCMP-STATUS-15 Load=101', given: [CONFIG_N1], when: status('101'), says: /State=OK/, info: ['Load: 101'] },
  { id: 'MCMP-STATUS-15 Load=-3', given: [CONFIG_N1], when: status('-3'), says: MISSING },
  { id: 'Load=-2 only pings', given: [CONFIG_N1], when: status('-2'), says: /State=OK/, info: ['Load: -1'] },
  ...['97.3', 'abc', ''].map(
    (load): Line => ({ id: `MCMP-STATUS-18 Load=${load}`, given: [CONFIG_N1], when: status(load), says: FAILED }),
  ),
  { id: 'MCMP-PING-01 the balancer', when: ['PING'], says: `200 Type=PING-RSP&State=OK&${ID}` },
  {
    id: 'MCMP-PING-02 a node',
    given: [CONFIG_N1],
    when: ['PING', 'JVMRoute=n1'],
    says: `200 Type=PING-RSP&State=OK&${ID}`,
  },
  {
    id: 'MCMP-PING-03 and MCMP-PING-13 a node that does not answer is in error then',
    setup: DEAD,
    given: [CONFIG_N1, status('0')],
    when: ['PING', 'JVMRoute=n1'],
    says: /State=NOTOK/,
    info: ['Load: -1'],
  },
  {
    id: 'MCMP-PING-04 an unknown route',
    when: ['PING', 'JVMRoute=ghost'],
    says: `200 Type=PING-RSP&State=NOTOK&${ID}`,
  },
  { id: 'MCMP-PING-06 without Scheme', when: ['PING', 'Host=127.0.0.1&Port=9001'], says: /State=OK/ },
  { id: 'a port that is no number fails', when: ['PING', 'Host=127.0.0.1&Port=x'], says: FAILED },
  { id: 'any Scheme is asked', when: ['PING', 'Scheme=udp&Host=127.0.0.1&Port=9001'], says: /State=OK/ },
  {
    id: 'MCMP-PING-09 an address without a node',
    when: ['PING', 'Scheme=http&Host=127.0.0.1&Port=9001'],
    says: /State=OK/,
  },
  {
    id: 'MCMP-INFO-01, MCMP-INFO-04, MCMP-INFO-05 and MCMP-INFO-06 the standard node',
    given: STANDARD_NODE,
    info: [
      'Node: [1],Name: n1,Balancer: mycluster,LBGroup: ,Host: 127.0.0.1,Port: 9001,Type: http,Flushpackets: Off,' +
        'Flushwait: 10,Ping: 2,Smax: 40,Ttl: 60,Elected: 0,Read: 0,Transfered: 0,Connected: 0,Load: 100\n' +
        'Vhost: [1:1:-1], Alias: localhost\nContext: [1:1:1], Context: /app, Status: ENABLED\n',
    ],
  },
  { id: 'MCMP-INFO-09 a node without STATUS', given: [CONFIG_N1], info: ['Load: -1'] },
  {
    id: 'MCMP-DUMP-02 statuses are 1, 2, 3',
    given: [
      CONFIG_N1,
      ...['/e', '/d', '/s'].map((path) => app('ENABLE-APP', 'a', path)),
      app('DISABLE-APP', 'a', '/d'),
      app('STOP-APP', 'a', '/s'),
    ],
    dump: ['[/e] vhost: 1 node: 1 status: 1', '[/d] vhost: 1 node: 1 status: 2', '[/s] vhost: 1 node: 1 status: 3'],
  },
  {
    id: 'MCMP-DUMP-03 a balancer goes with its last node',
    given: STANDARD_NODE,
    when: ['REMOVE-APP /*', 'JVMRoute=n1'],
    dump: ['!balancer'],
  },
  {
    id: 'MCMP-DUMP-05 a balancer is a new one with each node',
    given: [CONFIG_N1],
    when: ['CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=9002&Type=http'],
    dump: ['balancer: [2] Name: mycluster', 'node: [1:1]', 'node: [2:2]', '!balancer: [1]'],
  },
  { id: 'MCMP-DUMP-07 an empty DUMP', when: ['DUMP'], says: '200' },
  {
    id: 'MCMP-STATE-05 another route on the address of a node just removed',
    given: [...STANDARD_NODE, ['REMOVE-APP /*', 'JVMRoute=n1']],
    when: ['CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=9001&Type=http'],
    info: ['Node: [2],Name: n2', '!n1'],
  },
];

function numbered(topic: string, numbers: string): string[] {
  return numbers.split(' ').map((number) => `MCMP-${topic}-${number}`);
}

/** Lines of httpd 2 that Undertow does not keep: an id stands for all of its lines. */
export const NOT_IN_UNDERTOW: ReadonlySet<string> = new Set([
  ...numbered('WIRE', '11 14 16 17 22 23 33 35 36 38'),
  ...numbered('CONFIG', '01 03 04 06 08 10 22 23 30 32 35 37 38 40 41 53 42 43 45 49 51 57'),
  ...numbered('INFO', '01 04 05 09 12'),
  ...numbered('DUMP', '02 04'),
  ...numbered('VER', '01 02'),
  ...numbered('APP', '01 03 04 38 06 10 14 15 18 19 21 23 24 29 33 35 37 40 41'),
  ...numbered('STATUS', '01 02 04 05 07 10 11 14 16 18'),
  ...numbered('PING', '01 02 03 04 06 07 11 12'),
  ...numbered('STATE', '04'),
  'MCMP-CONFIG-12 Balancer of 40 bytes is too big',
  'MCMP-CONFIG-13 JVMRoute of 64 bytes is too big',
  'MCMP-CONFIG-14 Domain of 20 bytes is too big',
  'MCMP-CONFIG-15 Host of 64 bytes is too big',
  'MCMP-CONFIG-16 Port of 7 bytes is too big',
  'MCMP-CONFIG-17 Type of 16 bytes is too big',
  'MCMP-CONFIG-18 StickySessionCookie of 30 bytes is too big',
  'MCMP-CONFIG-18 StickySessionPath of 30 bytes is too big',
  'MCMP-CONFIG-20 Alias of 255 bytes is too big',
  'MCMP-CONFIG-21 Context of 80 bytes is too big',
  'the last of several values of a key counts',
  'the character after a comma is never a comma',
  'an unreadable body of INFO is refused',
  'MCMP-APP-39 REMOVE-APP with a key that is not known',
  'MCMP-PING-08 an address without a node',
]);
