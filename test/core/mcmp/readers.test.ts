import { describe, expect, test } from 'vitest';
import { printDump, readDump } from '../../../src/core/mcmp/dump.ts';
import { printInfo, readInfo } from '../../../src/core/mcmp/info.ts';
import { readReply } from '../../../src/core/mcmp/reply.ts';
import { readVersion } from '../../../src/core/mcmp/version.ts';
import { type Balancer, balancerRecordings, NODE_FOLDERS, nodeRecordings } from '../../support/recordings.ts';

const BALANCERS: readonly Balancer[] = [
  'mod_proxy_cluster-2.0.0.Dev',
  'undertow-2.3.27.Final',
  'nginx_mod_cluster_module',
];

/** All bodies with which recorded balancers answered a method. */
function bodies(balancer: Balancer, method: string): string[] {
  return balancerRecordings(balancer)
    .flatMap(({ exchanges }) => exchanges)
    .filter(({ request, response }) => request.method === method && response.status === 200)
    .map(({ response }) => response.body ?? '')
    .filter((body) => !/<h1>/i.test(body));
}

describe.each(BALANCERS)('%s', (balancer) => {
  test('every INFO is read, and written again byte by byte', () => {
    const all = bodies(balancer, 'INFO');
    expect(all.filter((body) => body !== '').length).toBeGreaterThan(5);
    for (const body of all) {
      const { info, problems } = readInfo(body);
      expect(problems).toEqual([]);
      expect(printInfo(info, body.startsWith('<') ? 'xml' : 'text', false)).toBe(body);
    }
  });

  test('every DUMP is read, and written again byte by byte', () => {
    const all = bodies(balancer, 'DUMP');
    expect(all.filter((body) => body !== '').length).toBeGreaterThan(5);
    for (const body of all) {
      const { dump, problems } = readDump(body);
      expect(problems).toEqual([]);
      expect(printDump(dump, body.startsWith('<') ? 'xml' : 'text', false)).toBe(body);
    }
  });

  test('text and XML of one state say the same', () => {
    for (const { exchanges } of balancerRecordings(balancer)) {
      for (const [index, { request, response }] of exchanges.entries()) {
        if (request.headers?.['Accept'] !== 'text/xml' || !response.body?.includes('<Node ')) continue;
        const plain = exchanges
          .slice(0, index)
          .findLast((other) => other.request.method === request.method && !other.request.headers);
        if (request.method === 'INFO') {
          const { info } = readInfo(plain?.response.body ?? '');
          const withoutSlots = info.vhosts.map((vhost) => ({ ...vhost, slot: -1 }));
          expect(readInfo(response.body).info).toEqual({ ...info, vhosts: withoutSlots });
        } else {
          expect(readDump(response.body).dump).toEqual(readDump(plain?.response.body ?? '').dump);
        }
      }
    }
  });
});

test('the INFO that was given to nodes, in the form of httpd 1.3 too, is read', () => {
  let read = 0;
  for (const folder of NODE_FOLDERS) {
    for (const { file, exchanges } of nodeRecordings(folder)) {
      // What no node can read, we need not either: file 40 says so in its name.
      if (file.includes('unreadable')) continue;
      for (const { request, response } of exchanges) {
        if (!request?.line.startsWith('INFO') || response?.line !== 'HTTP/1.1 200 OK') continue;
        expect(readInfo(response.body ?? '').problems, `${folder}/${file}`).toEqual([]);
        read++;
      }
    }
  }
  expect(read).toBeGreaterThan(50);
});

test('the XML of httpd 1.3 has spaces between its elements', () => {
  const xml =
    '<?xml version="1.0" standalone="yes" ?>\n<Info>   <Nodes>  <Node id="1" name="n1">   <Balancer>b</Balancer>  ' +
    '<LBGroup></LBGroup> <Host>h</Host> <Port>1</Port> <Type>http</Type> <Flushpackets>Off</Flushpackets>  ' +
    '<Flushwait>10</Flushwait> <Ping>10</Ping> <Smax>-1</Smax> <Ttl>60</Ttl> <Elected>1</Elected> <Read>2</Read> ' +
    '<Transfered>3</Transfered> <Connected>4</Connected> <Load>5</Load>  </Node> </Nodes>  <Vhosts> </Vhosts> <Contexts/> </Info>\n';
  const { info, problems } = readInfo(xml);
  expect(problems).toEqual([]);
  expect(info.nodes).toMatchObject([
    { id: 1, name: 'n1', elected: 1, readBytes: 2, transferredBytes: 3, connected: 4, load: 5 },
  ]);
});

describe('what cannot be read is said, and the rest is read', () => {
  const node =
    'Node: [0],Name: n,Balancer: b,LBGroup: ,Host: h,Port: 1,Type: http,Flushpackets: Off,Flushwait: 10,Ping: 10,Smax: -1,' +
    'Ttl: 60,Elected: 0,Read: 0,Transfered: 0,Connected: 0,Load: 5';
  test.each([
    ['Node: [0],Name: n'],
    [node.replace('[0]', '[x]')],
    [node.replace('Load: 5', 'Load: five')],
    [node.replace('Load: 5', 'Load: 99999999999999999999')],
    [node.replace('Off', 'Never')],
    ['Vhost: [0:1], Alias: a'],
    ['Vhost: [0:1:2:3], Alias: a'],
    ['Vhost: [0:1:x], Alias: a'],
    ['Context: [0:1:2], Context: /a, Status: enabled'],
    ['Context: [0:1:2], Context: /a'],
    ['<html>Service unavailable</html'],
    ['Something: else'],
  ])('INFO: %s', (line) => {
    const { info, problems } = readInfo(`\r\n${node}\r\n\n${line}\nVhost: [0:1:0], Alias: a\n`);
    expect(problems).toEqual([{ line: 4, message: expect.any(String) }]);
    expect([info.nodes.length, info.vhosts.length, info.contexts.length]).toEqual([1, 1, 0]);
  });

  test.each([
    ['balancer: [0] Name: b Sticky: 2 [c]/[p] remove: 0 force: 1 Timeout: 0 maxAttempts: 1'],
    ['balancer: [0] Name: b'],
    ['balancer: [x] Name: b Sticky: 1 [c]/[p] remove: 0 force: 1 Timeout: 0 maxAttempts: 1'],
    ['node: [0],Balancer: b'],
    [
      'node: [0:0],Balancer: b,JVMRoute: r,LBGroup: [],Host: h,Port: 1,Type: http,flushpackets: 7,flushwait: 1,ping: 1,smax: 1,ttl: 1,timeout: 0',
    ],
    ['host: 0 [a] vhost: x node: 0'],
    ['host: [a] vhost: 1 node: 0'],
    ['context: 0 [/] vhost: 1 node: 0 status: 4'],
    ['context: 0 [/] vhost: 1 node: 0'],
    ['other'],
  ])('DUMP: %s', (line) => {
    const { dump, problems } = readDump(`${line}\nhost: 3 [a] vhost: 1 node: 0\n`);
    expect(problems).toEqual([{ line: 1, message: expect.any(String) }]);
    expect(dump.hosts).toEqual([{ slot: 3, alias: 'a', vhost: 1, node: 0 }]);
  });

  test.each(['<Info><Nodes></Info>', '<Dump/>', '<Info', '<a></b>', '<Info/><Info/>', '<Info>&</Info', '</Info>'])(
    'XML: %s',
    (xml) => {
      expect(readInfo(xml).problems).toHaveLength(1);
      expect(readDump(xml.replaceAll('Dump', 'Info')).problems).toHaveLength(1);
    },
  );

  test('an element without its parts', () => {
    const { info, problems } = readInfo(
      '<Info><Nodes><Node id="1"/></Nodes><Vhosts><Vhost id="1"/></Vhosts><Contexts><Context/></Contexts></Info>',
    );
    expect(info).toEqual({ nodes: [], vhosts: [], contexts: [] });
    expect(problems).toHaveLength(3);
    const dumped = readDump(
      '<Dump><Balancers><Balancer/></Balancers><Nodes><Node/></Nodes><Hosts><Host/></Hosts><Contexts><Context/></Contexts></Dump>',
    );
    expect(dumped.problems).toHaveLength(4);
  });

  test('a hostile line costs no more than its length', () => {
    const line = `Node: [0],Name: ${',Balancer: '.repeat(100_000)}`;
    const started = process.cpuUsage().user;
    expect(readInfo(line).problems).toHaveLength(1);
    expect(readDump(`balancer: [${' Sticky: '.repeat(100_000)}`).problems).toHaveLength(1);
    expect(readInfo(`<${'a="'.repeat(100_000)}`).problems).toHaveLength(1);
    expect(readInfo(`<Info ${'a'.repeat(300_000)}></Info>`).problems).toHaveLength(0);
    expect(
      readReply(`Type=STOP-APP-RSP,JvmRoute=${'Alias=Context=Requests='.repeat(30_000)}`)?.requests,
    ).toBeUndefined();
    expect(readVersion(`<${'release>'.repeat(50_000)}`)).toBeUndefined();
    expect(readVersion(`release: ${', protocol: '.repeat(50_000)}`)?.release).toBe('');
    expect((process.cpuUsage().user - started) / 1000).toBeLessThan(2_000);
  });
});

test('VERSION is read in each form', () => {
  const expected = { release: 'mod_proxy_cluster/2.0.0.Dev', protocol: '0.2.1' };
  const recorded = bodies('mod_proxy_cluster-2.0.0.Dev', 'VERSION');
  expect(recorded.map(readVersion)).toEqual([expected, expected]);
  expect(readVersion('{"schemaVersion":1,"release":"mod_proxy_cluster/2.0.0.Dev","protocol":"0.2.1"}')).toEqual(
    expected,
  );
  expect(readVersion('<html>404</html>')).toBeUndefined();
});
