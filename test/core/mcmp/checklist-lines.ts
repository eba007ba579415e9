import { CONFIG_N1, type Line, type LineGroup, STANDARD_NODE } from '../checklist.ts';

const UNREADABLE =
  "SYNTAX/SYNTAX: Can't parse MCMP message. It might have contained illegal symbols or unknown elements.";
const XML = '<?xml version="1.0" standalone="yes" ?>\n';
const NODE = 'Host=127.0.0.1&Port=9001&Type=http';

const WIRE: readonly Line[] = [
  { id: 'MCMP-WIRE-01 INFO of an empty balancer is empty', when: ['INFO'], says: '200' },
  { id: 'MCMP-WIRE-02 DUMP of an empty balancer is empty', when: ['DUMP'], says: '200' },
  { id: 'MCMP-WIRE-03 a valid CONFIG is answered without a body', when: CONFIG_N1, says: '200' },
  {
    id: 'MCMP-WIRE-07 names are read in any letter case',
    when: ['CONFIG', `jvmroute=n1&HOST=h&PORT=1`],
    info: ['Name: n1', 'Host: h,Port: 1'],
  },
  {
    id: 'MCMP-WIRE-08 values are case-sensitive',
    given: [CONFIG_N1],
    when: ['STATUS', 'JVMRoute=N1&Load=1'],
    says: /^MEM\/MEM: Can't read node/,
  },
  {
    id: 'MCMP-WIRE-09 %2F is a slash',
    given: [CONFIG_N1],
    when: ['ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=%2Fx'],
    info: ['Context: /x,'],
  },
  {
    id: 'MCMP-WIRE-10 %2f is one too',
    given: [CONFIG_N1],
    when: ['ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=%2fx'],
    info: ['Context: /x,'],
  },
  { id: 'MCMP-WIRE-11 a plus is a plus', in: 'httpd-2', when: ['CONFIG', 'JVMRoute=a+b'], info: ['Name: a+b,'] },
  { id: 'MCMP-WIRE-12 a plus is a space', in: 'mcmp', when: ['CONFIG', 'JVMRoute=a+b'], info: ['Name: a b,'] },
  { id: 'MCMP-WIRE-13 %20 is a space', when: ['CONFIG', 'JVMRoute=a%20b'], info: ['Name: a b,'] },
  ...['%3C', '%3E', '%22', '%27', '%0A', '%0D', '%00', '%1B', '%7F', '<', '>', '"', "'"].flatMap(
    (character): Line[] => [
      {
        id: `MCMP-WIRE-14 ${character} in a value is refused`,
        when: ['CONFIG', `JVMRoute=a${character}b`],
        says: UNREADABLE,
        info: ['!Node'],
      },
      {
        id: `MCMP-WIRE-14 ${character} in a name is refused`,
        when: ['CONFIG', `JVMRoute=n1&a${character}b=1`],
        says: UNREADABLE,
        info: ['!Node'],
      },
    ],
  ),
  {
    id: 'MCMP-WIRE-16 a backslash is accepted',
    in: 'httpd-2',
    when: ['CONFIG', 'JVMRoute=a%5Cb'],
    info: ['Name: a\\b,'],
  },
  { id: 'MCMP-WIRE-16 a backslash is refused', in: 'mcmp', when: ['CONFIG', 'JVMRoute=a%5Cb'], says: UNREADABLE },
  { id: 'MCMP-WIRE-17 a literal = splits', in: 'httpd-2', when: ['CONFIG', 'JVMRoute=a=b'], says: UNREADABLE },
  {
    id: 'MCMP-WIRE-18 a literal = stays in the value',
    in: 'mcmp',
    when: ['CONFIG', 'JVMRoute=a=b'],
    info: ['Name: a=b,'],
  },
  { id: 'MCMP-WIRE-19 %3D stays in the value', when: ['CONFIG', 'JVMRoute=a%3Db'], info: ['Name: a=b,'] },
  { id: 'MCMP-WIRE-20 %26 stays in the value', when: ['CONFIG', 'JVMRoute=a%26b'], info: ['Name: a&b,'] },
  {
    id: 'MCMP-WIRE-22 Accept text/xml gets XML from INFO',
    when: ['INFO', '', 'text/xml'],
    says: `200 ${XML}<Info><Nodes></Nodes><Vhosts></Vhosts><Contexts></Contexts></Info>`,
  },
  {
    id: 'MCMP-WIRE-22 Accept text/xml gets XML from DUMP',
    when: ['DUMP', '', 'text/xml'],
    says: `200 ${XML}<Dump><Balancers></Balancers><Nodes></Nodes><Hosts></Hosts><Contexts></Contexts></Dump>`,
  },
  {
    id: 'MCMP-WIRE-23 text/xml;q=0 gets XML',
    in: 'httpd-2',
    when: ['INFO', '', 'application/json, text/xml;q=0'],
    says: /^200 <\?xml/,
  },
  {
    id: 'MCMP-WIRE-23 text/xml;q=0 means no XML',
    in: 'mcmp',
    when: ['INFO', '', 'application/json, text/xml;q=0'],
    says: /^200 \{"schemaVersion":1,/,
  },
  { id: 'MCMP-WIRE-28 methods are read in any letter case', when: ['info'], says: '200' },
  {
    id: 'MCMP-WIRE-33 the target of INFO does not matter',
    given: [CONFIG_N1],
    when: ['INFO /anything?x=1'],
    says: /^200 Node: \[0\],Name: n1/,
  },
  {
    id: 'MCMP-WIRE-34 /foo/* is the wildcard form',
    given: STANDARD_NODE,
    when: ['DISABLE-APP /foo/*', 'JVMRoute=n1'],
    info: ['Status: DISABLED'],
  },
  {
    id: 'MCMP-WIRE-34 /* with a query is the wildcard form',
    given: STANDARD_NODE,
    when: ['DISABLE-APP /*?x=/y', 'JVMRoute=n1'],
    info: ['Status: DISABLED'],
  },
  {
    id: 'MCMP-WIRE-35 /foo* is not the wildcard form',
    given: STANDARD_NODE,
    when: ['DISABLE-APP /foo*', 'JVMRoute=n1'],
    says: 'SYNTAX/SYNTAX: No Context and Alias in APP command',
    info: ['Status: ENABLED'],
  },
  {
    id: 'MCMP-WIRE-36 * is the wildcard form',
    given: STANDARD_NODE,
    when: ['DISABLE-APP *', 'JVMRoute=n1'],
    info: ['Status: DISABLED'],
  },
  {
    id: 'MCMP-WIRE-38 a body of more than 13188 bytes is cut there',
    in: 'httpd-2',
    when: ['CONFIG', `JVMRoute=n1&Foo=${'x'.repeat(13_188)}&Balancer=other`],
    info: ['Name: n1,Balancer: mycluster'],
  },
  {
    id: 'MCMP-WIRE-38 a body that is too long is refused whole',
    in: 'mcmp',
    setup: { maxMessageBytes: 100 },
    when: ['CONFIG', `JVMRoute=n1&Foo=${'x'.repeat(100)}`],
    says: 'MEM/MEM: Message is longer than 100 bytes',
    info: ['!Node'],
  },
  {
    id: 'MCMP-WIRE-41 %2C separates as a comma does',
    given: [CONFIG_N1],
    when: ['ENABLE-APP', 'JVMRoute=n1&Alias=a%2Cb&Context=/'],
    info: ['Alias: a\n', 'Alias: b\n'],
  },
];

const tooBig = (id: string, field: string, httpd: number, mcmp: number, mess: string): Line[] =>
  (['httpd-2', 'mcmp'] as const).flatMap((dialect) => {
    const limit = dialect === 'mcmp' ? mcmp : httpd;
    const value = (length: number) => (field === 'Port' ? '1'.padStart(length, '0') : 'h'.repeat(length));
    const body = (length: number) =>
      `JVMRoute=n1&${field}=${value(length)}${field === 'Alias' ? '&Context=/' : ''}${field === 'Context' ? '&Alias=a' : ''}`;
    const refused: Line = {
      id: `${id} ${field} of ${limit} bytes is too big`,
      in: dialect,
      when: ['CONFIG', body(limit)],
      says: `SYNTAX/SYNTAX: ${mess}`,
      info: ['!Node'],
    };
    // No scheme that is spoken is as long as the limit.
    return field === 'Type' && dialect === 'mcmp'
      ? [refused]
      : [
          refused,
          { id: `${id} ${field} of ${limit - 1} bytes is accepted`, in: dialect, when: ['CONFIG', body(limit - 1)] },
        ];
  });

const CONFIG: readonly Line[] = [
  { id: 'MCMP-CONFIG-01 without JVMRoute', when: ['CONFIG', 'Host=h'], says: "SYNTAX/SYNTAX: JVMRoute can't be empty" },
  { id: 'MCMP-CONFIG-03 without a body', when: ['CONFIG', ''], says: UNREADABLE },
  {
    id: 'MCMP-CONFIG-04 with an empty value',
    in: 'httpd-2',
    when: ['CONFIG', 'JVMRoute=n1&Domain='],
    says: UNREADABLE,
    info: ['!Node'],
  },
  {
    id: 'MCMP-CONFIG-04 with an empty value (as Tomcat sends loadBalancingGroup="")',
    in: 'mcmp',
    when: ['CONFIG', 'JVMRoute=n1&Domain=&Host=&Maxattempts='],
    info: ['Name: n1,', 'LBGroup: ,Host: localhost,'],
  },
  {
    id: 'MCMP-CONFIG-01 with an empty JVMRoute',
    in: 'mcmp',
    when: ['CONFIG', 'JVMRoute=&Host=h'],
    says: "SYNTAX/SYNTAX: JVMRoute can't be empty",
    info: ['!Node'],
  },
  {
    id: 'MCMP-CONFIG-04 with a name without =',
    when: ['CONFIG', 'JVMRoute=n1&Host'],
    says: UNREADABLE,
    info: ['!Node'],
  },
  { id: 'MCMP-CONFIG-06 an unknown key is ignored', when: ['CONFIG', 'JVMRoute=n1&Foo=1'], info: ['Name: n1,'] },
  {
    id: 'MCMP-CONFIG-08 defaults',
    when: ['CONFIG', 'JVMRoute=n1'],
    info: [
      'Balancer: mycluster,LBGroup: ,Host: localhost,Port: 8009,Type: ajp,Flushpackets: Off,Flushwait: 10,Ping: 10,Smax: -1,Ttl: 60,',
    ],
    dump: ['Sticky: 1 [JSESSIONID]/[jsessionid] remove: 0 force: 1 Timeout: 0 maxAttempts: 1', 'timeout: 0\n'],
  },
  {
    id: 'MCMP-CONFIG-10 a balancer name is lower-cased',
    when: ['CONFIG', 'JVMRoute=n1&Balancer=MyCluster'],
    info: ['Balancer: mycluster,'],
    dump: ['Name: mycluster '],
  },
  ...tooBig('MCMP-CONFIG-12', 'Balancer', 40, 256, 'Balancer field too big'),
  ...tooBig('MCMP-CONFIG-13', 'JVMRoute', 64, 256, 'JVMRoute field too big'),
  ...tooBig('MCMP-CONFIG-14', 'Domain', 20, 256, 'LBGroup field too big'),
  ...tooBig('MCMP-CONFIG-15', 'Host', 64, 256, 'Host field too big'),
  ...tooBig('MCMP-CONFIG-16', 'Port', 7, 7, 'Port field too big'),
  ...tooBig('MCMP-CONFIG-17', 'Type', 16, 16, 'Type field too big'),
  ...tooBig('MCMP-CONFIG-18', 'StickySessionCookie', 30, 256, 'A field is too big'),
  ...tooBig('MCMP-CONFIG-18', 'StickySessionPath', 30, 256, 'A field is too big'),
  ...tooBig('MCMP-CONFIG-20', 'Alias', 255, 256, 'Alias field too big'),
  ...tooBig('MCMP-CONFIG-21', 'Context', 80, 1024, 'Context field too big'),
  {
    id: 'MCMP-CONFIG-21 the second context may be one longer',
    in: 'httpd-2',
    when: ['CONFIG', `JVMRoute=n1&Alias=a&Context=/x,${'c'.repeat(80)}`],
  },
  {
    id: 'MCMP-CONFIG-21 the second context may not be longer',
    in: 'mcmp',
    when: ['CONFIG', `JVMRoute=n1&Alias=a&Context=/x,${'c'.repeat(1024)}`],
    says: 'SYNTAX/SYNTAX: Context field too big',
  },
  ...(['ping', 'Ping', 'ttl', 'TTL', 'Timeout', 'Timeout', 'flushwait', 'Flushwait'] as const).flatMap(
    (field, index, all): Line[] => {
      if (index % 2 === 1) return [];
      return ['-1', 'abc', '10x', '1.5', '99999999999'].map((value) => ({
        id: `MCMP-CONFIG-22 ${field}=${value} is a bad value`,
        when: ['CONFIG', `JVMRoute=n1&${field}=${value}`],
        says: `SYNTAX/SYNTAX: ${all[index + 1]} field has bad value`,
        info: ['!Node'],
      }));
    },
  ),
  {
    id: 'MCMP-CONFIG-23 durations have units',
    when: ['CONFIG', 'JVMRoute=n1&ping=2000ms&ttl=1mi&Timeout=1h'],
    info: ['Ping: 2,', 'Ttl: 60,'],
    dump: ['timeout: 3600\n'],
  },
  {
    id: 'MCMP-CONFIG-24 flushwait is in milliseconds',
    when: ['CONFIG', 'JVMRoute=n1&flushwait=25'],
    info: ['Flushwait: 25,'],
  },
  { id: 'MCMP-CONFIG-26 StickySession=No', when: ['CONFIG', 'JVMRoute=n1&StickySession=No'], dump: ['Sticky: 0'] },
  {
    id: 'MCMP-CONFIG-27 StickySessionForce=No',
    when: ['CONFIG', 'JVMRoute=n1&StickySessionForce=No'],
    dump: ['force: 0'],
  },
  { id: 'MCMP-CONFIG-27 force is on by default', when: ['CONFIG', 'JVMRoute=n1'], dump: ['force: 1'] },
  {
    id: 'MCMP-CONFIG-28 StickySessionRemove=Yes',
    when: ['CONFIG', 'JVMRoute=n1&StickySessionRemove=Yes'],
    dump: ['remove: 1'],
  },
  {
    id: 'MCMP-CONFIG-29 StickySessionForce=False is ignored',
    in: 'httpd-2',
    when: ['CONFIG', 'JVMRoute=n1&StickySessionForce=False'],
    dump: ['force: 1'],
  },
  {
    id: 'MCMP-CONFIG-29 StickySessionForce=False is understood',
    in: 'mcmp',
    when: ['CONFIG', 'JVMRoute=n1&StickySessionForce=False'],
    dump: ['force: 0'],
  },
  { id: 'MCMP-CONFIG-30 StickySession=off', when: ['CONFIG', 'JVMRoute=n1&StickySession=off'], dump: ['Sticky: 0'] },
  { id: 'MCMP-CONFIG-31 Maxattempts=3', when: ['CONFIG', 'JVMRoute=n1&Maxattempts=3'], dump: ['maxAttempts: 3'] },
  { id: 'MCMP-CONFIG-32 WaitWorker=4', when: ['CONFIG', 'JVMRoute=n1&WaitWorker=4'], dump: ['Timeout: 4 '] },
  {
    id: 'MCMP-CONFIG-33 names of the session',
    when: ['CONFIG', 'JVMRoute=n1&StickySessionCookie=SID&StickySessionPath=sid'],
    dump: ['[SID]/[sid]'],
  },
  {
    id: 'MCMP-CONFIG-34 flushpackets=On',
    when: ['CONFIG', 'JVMRoute=n1&flushpackets=On'],
    info: ['Flushpackets: On'],
    dump: ['flushpackets: 1'],
  },
  {
    id: 'MCMP-CONFIG-35 flushpackets=auto',
    when: ['CONFIG', 'JVMRoute=n1&flushpackets=auto'],
    info: ['Flushpackets: Auto'],
    dump: ['flushpackets: 2'],
  },
  {
    id: 'MCMP-CONFIG-36 a zone is left out',
    when: ['CONFIG', 'JVMRoute=n1&Host=[::1%25eth0]'],
    info: ['Host: [::1],'],
  },
  {
    id: 'MCMP-CONFIG-37 Alias without Context',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a'],
    says: 'SYNTAX/SYNTAX: Alias without Context',
  },
  {
    id: 'MCMP-CONFIG-37 Context without Alias',
    when: ['CONFIG', 'JVMRoute=n1&Context=/a'],
    says: 'SYNTAX/SYNTAX: Context without Alias',
  },
  {
    id: 'MCMP-CONFIG-38 contexts of CONFIG are STOPPED',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a&Context=/x'],
    info: ['Context: /x, Status: STOPPED'],
  },
  {
    id: 'MCMP-CONFIG-40 two aliases make two vhosts with all contexts',
    in: 'httpd-2',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a,b&Context=/x,/y'],
    info: [
      'Vhost: [0:1:0], Alias: a\nVhost: [0:2:1], Alias: b\n',
      'Context: [0:1:0]',
      'Context: [0:1:1]',
      'Context: [0:2:2]',
      'Context: [0:2:3]',
    ],
  },
  {
    id: 'MCMP-CONFIG-40 two aliases make one vhost',
    in: 'mcmp',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a,b&Context=/x,/y'],
    info: [
      'Vhost: [0:1:0], Alias: a\nVhost: [0:1:1], Alias: b\n',
      'Context: [0:1:0]',
      'Context: [0:1:1]',
      '!Context: [0:1:2]',
    ],
  },
  {
    id: 'MCMP-CONFIG-41 an alias is lower-cased',
    in: 'httpd-2',
    when: ['CONFIG', 'JVMRoute=n1&Alias=A.Example&Context=/x'],
    info: ['Alias: a.example\n'],
  },
  {
    id: 'MCMP-CONFIG-41 an alias keeps its letter case, or a Java node takes it for another',
    in: 'mcmp',
    when: ['CONFIG', 'JVMRoute=n1&Alias=A.Example&Context=/x'],
    info: ['Alias: A.Example\n'],
  },
  {
    id: 'MCMP-CONFIG-53 a refused CONFIG changes nothing',
    given: STANDARD_NODE,
    when: ['CONFIG', 'JVMRoute=n2&Port=1&Maxattempts=7&ttl=-1'],
    says: /^SYNTAX/,
    info: ['!n2'],
    dump: ['maxAttempts: 1'],
  },
  {
    id: 'MCMP-CONFIG-56 Domain is LBGroup',
    when: ['CONFIG', 'JVMRoute=n1&Domain=g1'],
    info: ['LBGroup: g1,'],
    dump: ['LBGroup: [g1],'],
  },
];

/** What the default dialect takes and refuses beyond the checklist. */
const STRICT: readonly Line[] = [
  ...[
    'JVMRoute=a,b',
    'Balancer=a,b',
    'Domain=a,b',
    'Host=a,b',
    'Host=a b',
    'Host=a/b',
    'Host=[1::2::3]',
    'Port=abc',
    'Port=99999',
    'Type=gopher',
    'smax=x',
    'Maxattempts=1x',
    'WaitWorker=x',
    'StickySessionCookie=a%20b',
    'StickySessionPath=%5B',
  ].map(
    (field): Line => ({
      id: `a CONFIG with ${field} can never be right`,
      in: 'mcmp',
      when: ['CONFIG', `JVMRoute=n1&${field}`],
      says: /^SYNTAX\/SYNTAX: /,
      info: ['!Node'],
    }),
  ),
  ...['0', '-1'].map(
    (port): Line => ({
      id: `Port=${port} is a connector that is not open yet`,
      in: 'mcmp',
      when: ['CONFIG', `JVMRoute=n1&Port=${port}`],
      says: 'MEM/MEM: Port field has bad value',
    }),
  ),
  ...['%5B0:0:0:0:0:0:0:1%5D', '%5B::1%5D', '::1', '%5B::1%25lo%5D', '0:0:0:0:0:0:0:1'].map(
    (host): Line => ({
      id: `Host=${host} is one address`,
      in: 'mcmp',
      when: ['CONFIG', `JVMRoute=n1&Host=${host}`],
      info: ['Host: [::1],'],
    }),
  ),
  {
    id: 'httpd keeps the spelling of an address',
    in: 'httpd-2',
    when: ['CONFIG', 'JVMRoute=n1&Host=[0:0:0:0:0:0:0:1]'],
    info: ['Host: [0:0:0:0:0:0:0:1],'],
  },
  {
    id: 'a host name is lower-cased',
    in: 'mcmp',
    when: ['CONFIG', 'JVMRoute=n1&Host=Node.Example'],
    info: ['Host: node.example,'],
  },
  { id: 'a type is lower-cased', in: 'mcmp', when: ['CONFIG', 'JVMRoute=n1&Type=HTTP'], info: ['Type: http,'] },
  ...(['yes', 'on', 'true', '1', 'YES', 'True'] as const).map(
    (word): Line => ({
      id: `${word} is yes`,
      in: 'mcmp',
      when: ['CONFIG', `JVMRoute=n1&StickySessionRemove=${word}`],
      dump: ['remove: 1'],
    }),
  ),
  ...(['no', 'off', 'false', '0', 'NO', 'False'] as const).map(
    (word): Line => ({
      id: `${word} is no`,
      in: 'mcmp',
      when: ['CONFIG', `JVMRoute=n1&StickySessionForce=${word}`],
      dump: ['force: 0'],
    }),
  ),
  {
    id: 'the last of several values of a key counts',
    when: ['CONFIG', 'JVMRoute=x&JVMRoute=n1&Port=1&Port=2'],
    info: ['Name: n1,', 'Port: 2,'],
  },
  {
    id: 'empty elements of a list are left out',
    in: 'mcmp',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a,,b,&Context=,/x'],
    info: ['Alias: a\n', 'Alias: b\n', 'Context: /x,', '!Vhost: [0:1:2]'],
  },
  {
    id: 'the character after a comma is never a comma',
    in: 'httpd-2',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a,,b&Context=/x'],
    info: ['Alias: a\n', 'Alias: ,b\n'],
  },
  {
    id: 'a comma at the end is followed by nothing',
    in: 'httpd-2',
    when: ['CONFIG', 'JVMRoute=n1&Alias=a,&Context=/x'],
    info: ['Alias: a\n', '!Vhost: [0:2:1]'],
  },
  {
    id: 'bytes that are no ASCII come back as they came',
    when: ['CONFIG', `JVMRoute=n%C3%A9&Alias=b%C3%9Ccher,latin%E9&Context=/%E2%82%AC&${NODE}`],
    info: [
      'Name: n\u00c3\u00a9,',
      'Alias: b\u00c3\u009ccher\n',
      'Alias: latin\u00e9\n',
      'Context: /\u00e2\u0082\u00ac,',
    ],
  },
  {
    id: 'pairs may be separated by more than one &',
    in: 'mcmp',
    when: ['CONFIG', '&JVMRoute=n1&&Port=5&'],
    info: ['Port: 5,'],
  },
  { id: 'a body of INFO does not matter', in: 'mcmp', when: ['INFO', '<>'], says: '200' },
  { id: 'an unreadable body of INFO is refused', in: 'httpd-2', when: ['INFO', '<>'], says: UNREADABLE },
];

const INFO: readonly Line[] = [
  {
    id: 'MCMP-INFO-01 the standard node has all 17 fields in order',
    given: STANDARD_NODE,
    when: ['INFO'],
    says: /^200 Node: \[0\],Name: n1,Balancer: mycluster,LBGroup: ,Host: 127\.0\.0\.1,Port: 9001,Type: http,Flushpackets: Off,Flushwait: 10,Ping: 2,Smax: -1,Ttl: 60,Elected: 0,Read: 0,Transfered: 0,Connected: 0,Load: 100\n/,
  },
  { id: 'MCMP-INFO-02 lines end with LF and no CR', given: STANDARD_NODE, info: ['ENABLED\n', '!\r'] },
  {
    id: 'MCMP-INFO-03 nodes, then vhosts, then contexts',
    given: [...STANDARD_NODE, ['CONFIG', 'JVMRoute=n2&Port=2'], ['ENABLE-APP', 'JVMRoute=n2&Alias=a&Context=/']],
    when: ['INFO'],
    says: /^200 (Node: .*\n){2}(Vhost: .*\n){2}(Context: .*\n?){2}$/,
  },
  {
    id: 'MCMP-INFO-04 a context names a vhost that is listed',
    given: STANDARD_NODE,
    info: ['Vhost: [0:1:0]', 'Context: [0:1:0]'],
  },
  { id: 'MCMP-INFO-05 the first id is 0', given: [CONFIG_N1], info: ['Node: [0]'] },
  { id: 'MCMP-INFO-09 a node without STATUS has load 0', given: [CONFIG_N1], info: ['Load: 0\n'] },
  {
    id: 'MCMP-INFO-12 XML has no space between elements',
    given: STANDARD_NODE,
    when: ['INFO', '', 'text/xml'],
    says: /^200 <\?xml[^\n]*\n<Info>(?!.*>\s+<).*<\/Info>$/,
  },
  {
    id: 'MCMP-DUMP-01 one line of each kind in order',
    given: STANDARD_NODE,
    when: ['DUMP'],
    says: /^200 balancer: .*\nnode: .*\nhost: .*\ncontext: .*$/,
  },
  {
    id: 'MCMP-DUMP-02 statuses are 1, 2, 3',
    given: [
      ...STANDARD_NODE,
      ['DISABLE-APP', 'JVMRoute=n1&Alias=localhost&Context=/b'],
      ['STOP-APP', 'JVMRoute=n1&Alias=localhost&Context=/c'],
    ],
    dump: ['[/app] vhost: 1 node: 0 status: 1', '[/b] vhost: 1 node: 0 status: 2', '[/c] vhost: 1 node: 0 status: 3'],
  },
  {
    id: 'MCMP-DUMP-04 Host has its runs of spaces',
    given: STANDARD_NODE,
    when: ['DUMP', '', 'text/xml'],
    says: / {31}<Vhost>1<\/Vhost> {31}<Node>0<\/Node> {27}<\/Host>/,
  },
  {
    id: 'MCMP-DUMP-06 Timeout is the last of the node line',
    given: [['CONFIG', 'JVMRoute=n1&Timeout=7']],
    dump: ['timeout: 7\n'],
  },
  {
    id: 'MCMP-VER-01 VERSION',
    in: 'httpd-2',
    when: ['VERSION'],
    says: '200 release: mod_proxy_cluster/2.0.0.Dev, protocol: 0.2.1',
  },
  { id: 'MCMP-VER-01 VERSION', in: 'mcmp', when: ['VERSION'], says: /^200 release: mcmp\/[0-9.]+, protocol: 0\.2\.1$/ },
  {
    id: 'MCMP-VER-02 VERSION in XML',
    in: 'httpd-2',
    when: ['VERSION', '', 'text/xml'],
    says: `200 ${XML}<version><release>mod_proxy_cluster/2.0.0.Dev</release><protocol>0.2.1</protocol></version>`,
  },
];

/** What can be seen of one message and its answer. */
export const MESSAGE_LINES: readonly LineGroup[] = [
  { name: 'wire', lines: WIRE },
  { name: 'CONFIG', lines: CONFIG },
  { name: 'values', lines: STRICT },
  { name: 'INFO, DUMP and VERSION', lines: INFO },
];
