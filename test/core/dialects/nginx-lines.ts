import { CONFIG_N1, type Line, type Message, STANDARD_NODE } from '../checklist.ts';

/** Lines of the checklist as nginx has them, where it is not as httpd 2; the recordings are replayed beside this. */

const VERBS = ['ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP'] as const;
const UNKNOWN = "MEM/MEM: Can't read node";
const app = (verb: string, alias: string, context: string): Message => [
  verb,
  `JVMRoute=n1&Alias=${alias}&Context=${context}`,
];

export const NGINX_LINES: readonly Line[] = [
  { id: 'MCMP-WIRE-13 a space ends a value', when: ['CONFIG', 'JVMRoute=a%20b'], info: ['Name: a,'] },
  ...['%3C', '%3E', '%22', '%27', '<', '>', '"', "'"].map(
    (character): Line => ({
      id: `MCMP-WIRE-14 ${character} is a character like any other`,
      when: ['CONFIG', `JVMRoute=a${character}b`],
      info: [`Name: a${decodeURIComponent(character)}b,`],
    }),
  ),
  ...['%00', '%0A', '%0D', '%1B', '%7F'].map(
    (character): Line => ({
      id: `MCMP-WIRE-14 ${character} is refused all the same: it would forge lines of INFO and of the log`,
      when: ['CONFIG', `JVMRoute=a${character}b`],
      says: "SYNTAX/SYNTAX: Can't parse message",
      info: ['!Node'],
    }),
  ),
  {
    id: 'MCMP-WIRE-17 a literal = splits',
    when: ['CONFIG', 'JVMRoute=a=Host=h=Port=7'],
    info: ['Name: a,', 'Host: h,Port: 7,'],
  },
  { id: 'MCMP-WIRE-19 %3D splits as well', when: ['CONFIG', 'JVMRoute=a%3DHost=h'], info: ['Name: a,', 'Host: h,'] },
  { id: 'MCMP-WIRE-20 %26 splits as well', when: ['CONFIG', 'JVMRoute=a%26Host=h'], info: ['Name: a,', 'Host: h,'] },
  {
    id: 'MCMP-WIRE-24 Accept is not read',
    given: [CONFIG_N1],
    when: ['INFO', '', 'text/xml'],
    says: /^200 Node: \[1\]/,
  },
  { id: 'MCMP-WIRE-24 nor by DUMP', given: [CONFIG_N1], when: ['DUMP', '', 'text/xml'], says: /^200 balancer: \[1\]/ },
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
    id: 'MCMP-WIRE-38 of a body that is too long nothing is read',
    setup: { limits: { maxContexts: 200 } },
    when: ['CONFIG', `JVMRoute=n1&Foo=${'x'.repeat(16_008)}`],
    says: "SYNTAX/SYNTAX: JVMRoute can't be empty",
  },
  {
    id: 'MCMP-WIRE-38 16008 bytes are read',
    setup: { limits: { maxContexts: 200 } },
    when: ['CONFIG', `JVMRoute=n1&Foo=${'x'.repeat(16_008 - 16)}`],
    info: ['Name: n1,'],
  },
  { id: 'MCMP-CONFIG-03 without a body', when: ['CONFIG', ''], says: "SYNTAX/SYNTAX: JVMRoute can't be empty" },
  { id: 'MCMP-CONFIG-04 with an empty value', when: ['CONFIG', 'JVMRoute=n1&Domain='], info: ['LBGroup: ,Host'] },
  {
    id: 'MCMP-CONFIG-04 with a name without =',
    when: ['CONFIG', 'JVMRoute=n1&Host'],
    says: /^SYNTAX/,
    info: ['!Node'],
  },
  {
    id: 'MCMP-CONFIG-08 defaults',
    when: ['CONFIG', 'JVMRoute=n1'],
    info: ['Host: localhost,Port: 8009,Type: ajp,Flushpackets: Off,Flushwait: 0,Ping: 10,Smax: 1,Ttl: 60,'],
  },
  { id: 'MCMP-CONFIG-13 79 bytes of JVMRoute', when: ['CONFIG', `JVMRoute=${'r'.repeat(79)}`], says: '200' },
  { id: 'MCMP-CONFIG-13 80 bytes', when: ['CONFIG', `JVMRoute=${'r'.repeat(80)}`], says: /JVMRoute field too big$/ },
  { id: 'MCMP-CONFIG-17 5 bytes of Type', when: ['CONFIG', 'JVMRoute=n1&Type=https'], info: ['Type: https,'] },
  { id: 'MCMP-CONFIG-17 6 bytes', when: ['CONFIG', 'JVMRoute=n1&Type=gopher'], says: /Type field too big$/ },
  {
    id: 'MCMP-CONFIG-20 and MCMP-CONFIG-21 long names are cut',
    when: ['CONFIG', `JVMRoute=n1&Alias=${'a'.repeat(101)}&Context=${'/'.repeat(81)}`],
    info: [`Alias: ${'a'.repeat(100)}\n`, `Context: ${'/'.repeat(80)},`],
  },
  {
    id: 'MCMP-CONFIG-22 and MCMP-CONFIG-23 durations are what atoi makes of them',
    when: ['CONFIG', 'JVMRoute=n1&ping=2000ms&ttl=-5&flushwait=abc'],
    info: ['Flushwait: 0,Ping: 2000,Smax: 1,Ttl: -5,'],
  },
  { id: 'MCMP-CONFIG-30 StickySession=off', when: ['CONFIG', 'JVMRoute=n1&StickySession=off'], dump: ['Sticky: 1'] },
  {
    id: 'MCMP-CONFIG-34 INFO says Off whatever flushpackets is, DUMP what it is',
    given: [['CONFIG', 'JVMRoute=n1&flushpackets=auto']],
    info: ['Flushpackets: Off'],
    dump: ['flushpackets: 2'],
  },
  {
    id: 'MCMP-CONFIG-37 only Alias, only Context',
    given: [
      ['CONFIG', 'JVMRoute=n1&Port=1&Alias=a'],
      ['CONFIG', 'JVMRoute=n2&Port=2&Context=/x'],
    ],
    info: [
      '[1:1:1], Alias: a\n',
      '[1:1:1], Context: /, Status: STOPPED',
      '[2:1:2], Alias: \n',
      '[2:1:2], Context: /x,',
    ],
  },
  {
    id: 'MCMP-CONFIG-40 two aliases make one vhost with all contexts',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a,b&Context=/x,/y'],
    info: ['Vhost: [1:1:1], Alias: a', 'Vhost: [1:1:2], Alias: b', 'Context: [1:1:2], Context: /y', '!:1:3]'],
  },
  { id: 'MCMP-CONFIG-41 an alias of CONFIG', when: ['CONFIG', 'JVMRoute=n1&Alias=A&Context=/x'], info: ['Alias: A\n'] },
  {
    id: 'MCMP-CONFIG-42 an identical CONFIG changes nothing',
    given: STANDARD_NODE,
    when: CONFIG_N1,
    says: '200',
    info: ['Node: [1],Name: n1', 'Status: ENABLED', '!Node: [2]'],
  },
  {
    id: 'MCMP-CONFIG-46 another port: refused, and the old node is REMOVED',
    given: STANDARD_NODE,
    when: ['CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9002&Type=http'],
    says: 'MEM/MEM: Old node still exist',
    info: ['Node: [1],Name: REMOVED,', '!Vhost', '!Context', '!n1'],
  },
  {
    id: 'MCMP-CONFIG-50 any number of nodes on one address',
    given: [CONFIG_N1, ['CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=9001&Type=http&ping=2']],
    info: ['Node: [1],Name: n1', 'Node: [2],Name: n2'],
  },
  {
    id: 'MCMP-CONFIG-53 a refused CONFIG has changed its balancer',
    given: STANDARD_NODE,
    when: ['CONFIG', 'JVMRoute=n1&Host=127.0.0.1&Port=9002&Type=http&StickySessionForce=No'],
    says: /^MEM/,
    dump: ['force: 0'],
  },
  {
    id: 'MCMP-CONFIG-54 one node too many',
    setup: { limits: { maxNodes: 1 } },
    given: [CONFIG_N1],
    when: ['CONFIG', 'JVMRoute=n2&Port=2'],
    says: "MEM/MEM: Can't update or insert node",
  },
  ...VERBS.flatMap((verb): Line[] => [
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
  ...(['ENABLE-APP', 'DISABLE-APP', 'STOP-APP'] as const).flatMap((verb): Line[] => [
    { id: `MCMP-APP-05 ${verb} of an unknown route`, when: app(verb, 'a', '/x'), says: UNKNOWN },
    { id: `MCMP-APP-05 ${verb} /* of an unknown route`, when: [`${verb} /*`, 'JVMRoute=n1'], says: UNKNOWN },
  ]),
  ...(['ENABLE-APP', 'DISABLE-APP', 'REMOVE-APP'] as const).map(
    (verb): Line => ({
      id: `MCMP-APP-25 ${verb} says nothing`,
      given: STANDARD_NODE,
      when: app(verb, 'localhost', '/app'),
      says: '200',
    }),
  ),
  { id: 'MCMP-APP-09 REMOVE-APP of an unknown route', when: app('REMOVE-APP', 'a', '/x'), says: '200' },
  {
    id: 'MCMP-APP-10 ENABLE-APP makes one vhost and one context',
    given: [CONFIG_N1, app('ENABLE-APP', 'H', '/c')],
    info: ['Vhost: [1:1:1], Alias: h\n', 'Context: [1:1:1], Context: /c, Status: ENABLED\n'],
  },
  {
    id: 'MCMP-APP-26 STOP-APP tells its names whole',
    given: STANDARD_NODE,
    when: app('STOP-APP', 'localhost', '/app-of-mine'),
    says: '200 Type=STOP-APP-RSP&JvmRoute=n1&Alias=localhost&Context=/app-of-mine&Requests=0',
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
    id: 'MCMP-APP-37 STATUS of a node just removed',
    given: [...STANDARD_NODE, ['REMOVE-APP /*', 'JVMRoute=n1']],
    when: ['STATUS', 'JVMRoute=n1&Load=1'],
    says: /State=OK/,
  },
  { id: 'MCMP-STATUS-01 an unknown route', when: ['STATUS', 'JVMRoute=ghost&Load=50'], says: UNKNOWN },
  {
    id: 'MCMP-STATUS-01 a longer name is another route: what nginx takes for the same is not copied',
    given: STANDARD_NODE,
    when: ['STATUS', 'JVMRoute=n10&Load=50'],
    says: UNKNOWN,
  },
  {
    id: 'MCMP-STATUS-07 and MCMP-STATUS-10 a node is believed',
    setup: { reachable: () => false },
    given: [CONFIG_N1],
    when: ['STATUS', 'JVMRoute=n1&Load=100'],
    says: /State=OK/,
    info: ['Load: 0\n'],
  },
  {
    id: 'MCMP-STATUS-11 whatever it says',
    given: [CONFIG_N1],
    when: ['STATUS', 'JVMRoute=n1&Load=-1'],
    says: /State=OK/,
  },
  { id: 'MCMP-STATUS-14 any load', given: [CONFIG_N1], when: ['STATUS', 'JVMRoute=n1&Load=101'], says: /State=OK/ },
  { id: 'MCMP-PING-04 an unknown route', when: ['PING', 'JVMRoute=ghost'], says: UNKNOWN },
  { id: 'MCMP-INFO-05 ids begin at 1', given: [CONFIG_N1], info: ['Node: [1],Name: n1'], dump: ['node: [1:1]'] },
  {
    id: 'MCMP-STATE-05 another route on the address of a node being removed',
    given: [...STANDARD_NODE, ['REMOVE-APP /*', 'JVMRoute=n1']],
    when: ['CONFIG', 'JVMRoute=n2&Host=127.0.0.1&Port=9001&Type=http'],
    says: '200',
  },
];
