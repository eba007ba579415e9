import { CONFIG_N1, type Line, type Message, STANDARD_NODE } from '../checklist.ts';

/** Lines of the checklist as httpd 1.3 has them, where it is not as httpd 2: by its sources, as nobody recorded one. */

const UNREADABLE =
  "SYNTAX/SYNTAX: Can't parse MCMP message. It might have contained illegal symbols or unknown elements.";
const ID = '404635648';
const VERBS = ['ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP'] as const;
const app = (verb: string, alias: string, context: string): Message => [
  verb,
  `JVMRoute=n1&Alias=${alias}&Context=${context}`,
];
const ELSEWHERE: Message = ['CONFIG', CONFIG_N1[1]?.replace('9001', '9002') ?? ''];

const WIRE: readonly Line[] = [
  { id: 'MCMP-WIRE-18 a literal = stays in the value', when: ['CONFIG', 'JVMRoute=a=b'], info: ['Name: a=b,'] },
  {
    id: 'MCMP-WIRE-33 the target of INFO does not matter',
    given: [CONFIG_N1],
    when: ['INFO /any?x=1'],
    says: /^200 Node/,
  },
  {
    id: 'MCMP-WIRE-35 /foo* is not the wildcard form: it means / of no alias',
    given: STANDARD_NODE,
    when: ['DISABLE-APP /foo*', 'JVMRoute=n1'],
    info: ['Context: /app, Status: ENABLED', 'Context: /, Status: DISABLED'],
  },
  {
    id: 'MCMP-WIRE-38 a body of more than 8008 bytes is cut there',
    when: ['CONFIG', `JVMRoute=n1&Foo=${'x'.repeat(8_008)}&Balancer=other`],
    info: ['Name: n1,Balancer: mycluster'],
  },
  {
    id: 'MCMP-WIRE-38 a body of 8008 bytes is read whole',
    when: ['CONFIG', `JVMRoute=n1&Foo=${'x'.repeat(8_008 - 31)}&Balancer=other`],
    info: ['Name: n1,Balancer: other'],
  },
];

const CONFIG: readonly Line[] = [
  {
    id: 'MCMP-CONFIG-04 with an empty value in the middle',
    when: ['CONFIG', 'JVMRoute=n1&Domain=&Port=1'],
    info: ['LBGroup: ,Host', 'Port: 1,'],
  },
  { id: 'MCMP-CONFIG-04 with an empty value at the end', when: ['CONFIG', 'JVMRoute=n1&Domain='], says: UNREADABLE },
  {
    id: 'MCMP-CONFIG-01 with an empty JVMRoute in the middle',
    when: ['CONFIG', 'JVMRoute=&Port=1'],
    says: "SYNTAX/SYNTAX: JVMRoute can't be empty",
  },
  { id: 'MCMP-CONFIG-04 with a name without =', when: ['CONFIG', 'JVMRoute=n1&Host'], says: UNREADABLE },
  {
    id: 'MCMP-CONFIG-20 an alias of 101 bytes is cut to 100',
    when: ['CONFIG', `JVMRoute=n1&Alias=${'a'.repeat(101)}&Context=/x`],
    info: [`Alias: ${'a'.repeat(100)}\n`],
  },
  {
    id: 'MCMP-CONFIG-21 a context of 81 bytes is cut to 80',
    when: ['CONFIG', `JVMRoute=n1&Alias=a&Context=${'/'.repeat(81)}`],
    info: [`Context: ${'/'.repeat(80)},`],
  },
  {
    id: 'MCMP-CONFIG-30 StickySession=off is ignored',
    when: ['CONFIG', 'JVMRoute=n1&StickySession=off'],
    dump: ['Sticky: 1'],
  },
  {
    id: 'MCMP-CONFIG-37 Alias without Context means /',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a'],
    info: ['Vhost: [1:1:1], Alias: a\n', 'Context: [1:1:1], Context: /, Status: STOPPED'],
  },
  {
    id: 'MCMP-CONFIG-37 Context without Alias means no name',
    when: ['CONFIG', 'JVMRoute=n1&Context=/x'],
    info: ['Vhost: [1:1:1], Alias: \n', 'Context: [1:1:1], Context: /x, Status: STOPPED'],
  },
  {
    id: 'MCMP-CONFIG-37 the second Alias comes before the Context of the first',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a&Alias=b&Context=/x'],
    says: 'SYNTAX/SYNTAX: Alias without Context',
    info: ['!Node'],
  },
  {
    id: 'MCMP-CONFIG-37 the second Context comes before an Alias of its own',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a&Context=/x&Context=/y'],
    says: 'SYNTAX/SYNTAX: Context without Alias',
    info: ['!Node'],
  },
  {
    id: 'MCMP-CONFIG-40 two aliases make one vhost with all contexts',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a,b&Context=/x,/y'],
    info: ['Vhost: [1:1:1], Alias: a', 'Vhost: [1:1:2], Alias: b', 'Context: [1:1:2], Context: /y', '!:1:3]'],
  },
  {
    id: 'MCMP-CONFIG-40 each Alias with its Context makes a vhost',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a&Context=/x&Alias=b,c&Context=/y'],
    info: [
      'Vhost: [1:1:1], Alias: a',
      'Vhost: [1:2:2], Alias: b',
      'Vhost: [1:2:3], Alias: c',
      'Context: [1:2:2], Context: /y',
    ],
  },
  {
    id: 'MCMP-CONFIG-41 an alias of CONFIG keeps its letter case',
    when: ['CONFIG', 'JVMRoute=n1&Alias=A.Example&Context=/x'],
    info: ['Alias: A.Example\n'],
  },
  {
    id: 'MCMP-CONFIG-41 an alias of a command loses it',
    given: [CONFIG_N1, app('ENABLE-APP', 'A.Example', '/x')],
    info: ['Alias: a.example\n'],
  },
  {
    id: 'MCMP-CONFIG-42 an identical CONFIG changes nothing',
    given: STANDARD_NODE,
    when: CONFIG_N1,
    says: '200',
    info: ['Node: [1],Name: n1', 'Status: ENABLED', 'Load: 100', '!Node: [2]'],
  },
  {
    id: 'MCMP-CONFIG-46 another port: refused, and the old node is REMOVED',
    given: STANDARD_NODE,
    when: ELSEWHERE,
    says: 'MEM/MEM: Old node with "REMOVED" JVMRoute still exists',
    info: ['Node: [1],Name: REMOVED,', 'Port: 9001', '!Vhost', '!Context', '!n1'],
  },
  {
    id: 'MCMP-CONFIG-51 another ttl makes another worker',
    given: STANDARD_NODE,
    when: ['CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=9001&Type=http&ttl=7'],
    says: '200',
    info: ['Node: [1],Name: n1', 'Node: [2],Name: n2'],
  },
  {
    id: 'MCMP-CONFIG-49 nor may a third route have the address of the first',
    given: [...STANDARD_NODE, ['CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=9001&Type=http&ttl=7']],
    when: ['CONFIG', 'JVMRoute=n3&Host=127.0.0.1&Port=9001&Type=http'],
    says: 'MEM/MEM: Another for the same worker already exist',
    info: ['!n3'],
  },
  {
    id: 'MCMP-CONFIG-52 the last CONFIG of a balancer wins',
    given: [
      ['CONFIG', 'JVMRoute=n1&Port=1&StickySessionForce=No'],
      ['CONFIG', 'JVMRoute=n2&Port=2'],
    ],
    dump: ['balancer: [1]', 'force: 1', '!balancer: [2]'],
  },
  {
    id: 'MCMP-CONFIG-53 a refused CONFIG has changed its balancer',
    given: STANDARD_NODE,
    when: ['CONFIG', `${ELSEWHERE[1]}&StickySessionForce=No`],
    says: /^MEM/,
    dump: ['force: 0'],
  },
];

const APPS: readonly Line[] = [
  ...VERBS.flatMap((verb): Line[] => [
    { id: `MCMP-APP-01 ${verb} without a body`, when: [verb], says: UNREADABLE },
    {
      id: `MCMP-APP-22 ${verb} with a second Alias`,
      given: [CONFIG_N1],
      when: [verb, 'JVMRoute=n1&Alias=a&Context=/x&Alias=b'],
      says: 'SYNTAX/SYNTAX: Only one Alias in APP command',
    },
    {
      id: `MCMP-APP-22 ${verb} with a second Context`,
      given: [CONFIG_N1],
      when: [verb, 'JVMRoute=n1&Alias=a&Context=/x&Context=/y'],
      says: 'SYNTAX/SYNTAX: Only one Context in APP command',
    },
  ]),
  ...(['ENABLE-APP', 'DISABLE-APP', 'REMOVE-APP'] as const).flatMap((verb): Line[] => [
    { id: `MCMP-APP-25 ${verb} says nothing`, given: STANDARD_NODE, when: app(verb, 'localhost', '/app'), says: '200' },
  ]),
  {
    id: 'MCMP-APP-03 ENABLE-APP with neither Alias nor Context means / of no name',
    given: [CONFIG_N1],
    when: ['ENABLE-APP', 'JVMRoute=n1'],
    says: '200',
    info: ['Alias: \n', 'Context: /, Status: ENABLED'],
  },
  {
    id: 'MCMP-APP-05 ENABLE-APP of an unknown route',
    when: app('ENABLE-APP', 'a', '/x'),
    says: 'MEM/MEM: Can\'t read node with "n1" JVMRoute',
  },
  { id: 'MCMP-APP-09 REMOVE-APP of an unknown route', when: app('REMOVE-APP', 'a', '/x'), says: '200' },
  { id: 'MCMP-APP-09 REMOVE-APP /* of an unknown route', when: ['REMOVE-APP /*', 'JVMRoute=n1'], says: '200' },
  {
    id: 'MCMP-APP-10 ENABLE-APP makes one vhost and one context',
    given: [CONFIG_N1, app('ENABLE-APP', 'H', '/c')],
    info: ['Vhost: [1:1:1], Alias: h\n', 'Context: [1:1:1], Context: /c, Status: ENABLED\n'],
  },
  {
    id: 'MCMP-APP-18 REMOVE-APP of an unknown context',
    given: STANDARD_NODE,
    when: app('REMOVE-APP', 'localhost', '/x'),
    says: '200',
  },
  {
    id: 'MCMP-APP-18 REMOVE-APP of an unknown alias',
    given: STANDARD_NODE,
    when: app('REMOVE-APP', 'x', '/app'),
    says: '200',
  },
  {
    id: 'MCMP-APP-21 several aliases make one vhost',
    given: [CONFIG_N1, app('ENABLE-APP', 'a,b', '/x')],
    info: ['Vhost: [1:1:1], Alias: a', 'Vhost: [1:1:2], Alias: b', 'Context: [1:1:1]', '!Context: [1:1:2]'],
  },
  {
    id: 'MCMP-APP-21 the first alias says which vhost is meant',
    given: [CONFIG_N1, app('ENABLE-APP', 'a', '/x'), app('ENABLE-APP', 'b', '/y'), app('ENABLE-APP', 'a,b,c', '/z')],
    info: [
      'Vhost: [1:1:1], Alias: a',
      'Vhost: [1:2:2], Alias: b',
      'Vhost: [1:1:3], Alias: c',
      'Context: [1:1:3], Context: /z',
      '!:4]',
    ],
  },
  {
    id: 'MCMP-APP-26 STOP-APP cuts its names to 8 bytes',
    given: STANDARD_NODE,
    when: app('STOP-APP', 'localhost', '/app-of-mine'),
    says: '200 Type=STOP-APP-RSP&JvmRoute=n1&Alias=localhos&Context=/app-of-&Requests=0',
  },
  {
    id: 'MCMP-APP-26 STOP-APP of short names',
    given: STANDARD_NODE,
    when: app('STOP-APP', 'a', '/a'),
    says: '200 Type=STOP-APP-RSP&JvmRoute=n1&Alias=a&Context=/a&Requests=0',
  },
  {
    id: 'MCMP-APP-33 another node is not touched',
    given: [
      ...STANDARD_NODE,
      ['CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=9002&Type=http'],
      ['ENABLE-APP', 'JVMRoute=n2&Alias=localhost&Context=/app'],
    ],
    when: ['STOP-APP /*', 'JVMRoute=n1'],
    info: ['Context: [1:1:1], Context: /app, Status: STOPPED', 'Context: [2:1:2], Context: /app, Status: ENABLED'],
  },
  {
    id: 'MCMP-APP-40 one context too many',
    setup: { limits: { maxContexts: 1 } },
    given: STANDARD_NODE,
    when: app('ENABLE-APP', 'localhost', '/x'),
    says: 'MEM/MEM: Can\'t update or insert context for node with "n1" JVMRoute',
  },
];

const STATUS: readonly Line[] = [
  { id: 'MCMP-STATUS-02 an empty body', when: ['STATUS'], says: UNREADABLE },
  {
    id: 'MCMP-STATUS-05 and MCMP-STATUS-06 a node that answers; the id is the lowest 32 bits of a clock',
    given: [CONFIG_N1],
    when: ['STATUS', 'JVMRoute=n1&Load=100'],
    says: `200 Type=STATUS-RSP&JVMRoute=n1&State=OK&id=${ID}`,
  },
  {
    id: 'MCMP-STATUS-07 a node that does not answer',
    setup: { reachable: () => false },
    given: [CONFIG_N1],
    when: ['STATUS', 'JVMRoute=n1&Load=100'],
    says: `200 Type=STATUS-RSP&JVMRoute=n1&State=NOTOK&id=${ID}`,
  },
  ...(
    [
      ['101', '101'],
      ['-3', '-3'],
      ['abc', '0'],
      ['', '0'],
    ] as const
  ).map(
    ([load, shown]): Line => ({
      id: `MCMP-STATUS-14 Load=${load} is the load ${shown}`,
      given: STANDARD_NODE,
      when: ['STATUS', `JVMRoute=n1&Load=${load}`],
      says: /State=OK/,
      info: [`Load: ${shown}\n`],
    }),
  ),
  {
    id: 'MCMP-STATUS-14 Load=-2 only pings',
    given: STANDARD_NODE,
    when: ['STATUS', 'JVMRoute=n1&Load=-2'],
    says: /State=OK/,
    info: ['Load: 100\n'],
  },
  {
    id: 'MCMP-STATUS-17 without Load the node is broken',
    given: STANDARD_NODE,
    when: ['STATUS', 'JVMRoute=n1'],
    says: /State=OK/,
    info: ['Load: -1\n'],
  },
  {
    id: 'MCMP-STATUS-03 without JVMRoute',
    when: ['STATUS', 'Load=1'],
    says: 'MEM/MEM: Can\'t read node with "" JVMRoute',
  },
  { id: 'MCMP-PING-01 the balancer', when: ['PING'], says: `200 Type=PING-RSP&State=OK&id=${ID}` },
  {
    id: 'MCMP-PING-02 a node',
    given: [CONFIG_N1],
    when: ['PING', 'JVMRoute=n1'],
    says: `200 Type=PING-RSP&JVMRoute=n1&State=OK&id=${ID}`,
  },
  {
    id: 'MCMP-PING-03 a node that does not answer',
    setup: { reachable: () => false },
    given: [CONFIG_N1],
    when: ['PING', 'JVMRoute=n1'],
    says: `200 Type=PING-RSP&JVMRoute=n1&State=NOTOK&id=${ID}`,
  },
  {
    id: 'MCMP-PING-07 any scheme is a plain connect',
    when: ['PING', 'Scheme=ftp&Host=127.0.0.1&Port=9001'],
    says: `200 Type=PING-RSP&State=OK&id=${ID}`,
  },
  {
    id: 'MCMP-PING-09 an address without a node',
    when: ['PING', 'Scheme=http&Host=127.0.0.1&Port=9001'],
    says: `200 Type=PING-RSP&State=OK&id=${ID}`,
  },
];

const INFO: readonly Line[] = [
  {
    id: 'MCMP-INFO-01 and MCMP-INFO-05 the standard node, numbered from 1',
    given: STANDARD_NODE,
    info: [
      'Node: [1],Name: n1,Balancer: mycluster,LBGroup: ,Host: 127.0.0.1,Port: 9001,Type: http,Flushpackets: Off,' +
        'Flushwait: 10,Ping: 2,Smax: -1,Ttl: 60,Elected: 0,Read: 0,Transfered: 0,Connected: 0,Load: 100\n',
    ],
  },
  {
    id: 'MCMP-INFO-04 a context names a vhost that is listed',
    given: STANDARD_NODE,
    info: ['Vhost: [1:1:1], Alias: localhost\n', 'Context: [1:1:1], Context: /app, Status: ENABLED\n'],
  },
  {
    id: 'MCMP-INFO-10 a node that is ousted is REMOVED',
    given: [...STANDARD_NODE],
    when: ELSEWHERE,
    says: /^MEM/,
    info: ['REMOVED'],
  },
  {
    id: 'MCMP-DUMP-01 one line of each kind, numbered from 1',
    given: STANDARD_NODE,
    dump: [
      'balancer: [1] Name: mycluster',
      '\nnode: [1:1],Balancer: mycluster',
      '\nhost: 1 [localhost] vhost: 1 node: 1\ncontext: 1 [/app] vhost: 1 node: 1 status: 1\n',
    ],
  },
  {
    id: 'MCMP-DUMP-02 statuses are 1, 2, 3',
    given: [CONFIG_N1, app('ENABLE-APP', 'a', '/1'), app('DISABLE-APP', 'a', '/2'), app('STOP-APP', 'a', '/3')],
    dump: ['[/1] vhost: 1 node: 1 status: 1', '[/2] vhost: 1 node: 1 status: 2', '[/3] vhost: 1 node: 1 status: 3'],
  },
  {
    id: 'MCMP-VER-01 VERSION',
    when: ['VERSION'],
    says: '200 release: mod_cluster/1.3.23.Final-SNAPSHOT, protocol: 0.2.1',
  },
  {
    id: 'MCMP-VER-02 VERSION in XML',
    when: ['VERSION', '', 'text/xml'],
    says: /<version><release>mod_cluster\/1\.3\.23\.Final-SNAPSHOT<\/release><protocol>0\.2\.1<\/protocol><\/version>$/,
  },
  {
    id: 'a row that was freed last is used first',
    given: [
      CONFIG_N1,
      ...['/1', '/2', '/3'].map((path) => app('ENABLE-APP', 'a', path)),
      ...['/1', '/2'].map((path) => app('REMOVE-APP', 'a', path)),
      ...['/4', '/5', '/6'].map((path) => app('ENABLE-APP', 'a', path)),
    ],
    dump: ['context: 1 [/5]', 'context: 2 [/4]', 'context: 3 [/3]', 'context: 4 [/6]'],
  },
];

const STATE: readonly Line[] = [
  {
    id: 'MCMP-STATE-02 a node comes back while it is being removed',
    given: [...STANDARD_NODE, ['REMOVE-APP /*', 'JVMRoute=n1'], ...STANDARD_NODE],
    info: ['/app, Status: ENABLED', 'Load: 100', '!Node: [2]'],
  },
  {
    id: 'MCMP-STATE-05 another route on the address of a node being removed',
    given: [...STANDARD_NODE, ['REMOVE-APP /*', 'JVMRoute=n1']],
    when: ['CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=9001&Type=http&ping=2'],
    says: '200',
    info: ['Node: [1],Name: n1', 'Node: [2],Name: n2'],
  },
  {
    id: 'MCMP-STATE-09 a hundred lives leave nothing behind',
    given: Array.from({ length: 100 }, () => [...STANDARD_NODE, ['REMOVE-APP /*', 'JVMRoute=n1'] as Message]).flat(),
    info: ['!Context', '!Vhost', '!Node: [2]'],
  },
];

export const HTTPD13_LINES: readonly Line[] = [WIRE, CONFIG, APPS, STATUS, INFO, STATE].flat();
