import { said } from '../../case.ts';
import { inAll } from '../../dialects.ts';
import { Deviation, demand, demandEqual } from '../../verdict.ts';
import { encodeFields } from '../create-trial.ts';
import { answerOrEnd } from '../hostile.ts';
import { type BalancerCase, type BalancerTrial, balancerCase } from '../trial.ts';

/** A message, its body as it goes out. `ROUTE` is a route of its own, `NODE` that of a node which is there. */
type Message = readonly [method: string, body: string];

interface BodyCase {
  readonly id: string;
  readonly requirement: string;
  readonly spec: string;
  readonly dangerous?: string;
  readonly messages: readonly Message[];
}

const many = (count: number, pair: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => pair(index)).join('&');

const ALL = ['CONFIG', 'ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP', 'STATUS', 'PING'] as const;
const APPS = ['ENABLE-APP', 'DISABLE-APP', 'STOP-APP', 'REMOVE-APP'] as const;

const HTTPD_2 = 'httpd with mod_proxy_cluster 2';

const ROWS: readonly BodyCase[] = [
  {
    id: 'security/equals-signs',
    requirement: 'A body of equals signs and ampersands gets a clear answer, and does no harm.',
    spec: 'CVE-2016-3110',
    messages: [
      ['CONFIG', 'JVMRoute=ROUTE======'],
      ['CONFIG', '====='],
      ['CONFIG', '&&&&'],
      ['CONFIG', '=&=&='],
      ['CONFIG', `JVMRoute=ROUTE&X=${'='.repeat(500)}`],
      ['STATUS', '&'],
      ['PING', '='],
    ],
  },
  {
    id: 'security/broken-escapes',
    requirement: 'A `%` without two digits behind it, or the code of NUL, gets a clear answer, and does no harm.',
    spec: 'CVE-2016-8612; 1.2',
    messages: [
      ['CONFIG', 'JVMRoute=ROUTE%&Host=%'],
      ['CONFIG', 'JVMRoute=ROUTE%2'],
      ['CONFIG', 'JVMRoute=ROUTE%zz&Domain=%%%'],
      ['CONFIG', 'JVMRoute=ROUTE&Domain=%'],
      ['CONFIG', '%4a%56%4d%52%6f%75%74%65=ROUTE%00&Domain=%00'],
      ['STATUS', 'JVMRoute=ROUTE%&Load=%'],
      ['PING', 'JVMRoute=%00'],
      ['INFO', '%'],
    ],
  },
  {
    id: 'security/raw-bytes',
    requirement: 'Bytes that are not text get a clear answer, and do no harm.',
    spec: 'CVE-2016-8612',
    messages: [
      ['CONFIG', 'JVMRoute=ROUTE\0&Host=\0\0'],
      ['CONFIG', `JVMRoute=ROUTE&Domain=${'\xff\xfe\x80'.repeat(5)}`],
      ['CONFIG', '\x7f\x01\x02=\x1b[2J&JVMRoute=ROUTE'],
      ['STATUS', 'JVMRoute=ROUTE\xc0\xaf&Load=1'],
      ['PING', 'JVMRoute=\xed\xa0\x80'],
    ],
  },
  {
    id: 'security/many-fields',
    requirement: 'Thousands of fields get a clear answer, and do no harm.',
    spec: '1.2; 1.3',
    messages: [
      ['CONFIG', `JVMRoute=ROUTE&${many(3000, (index) => `X${index}=1`)}`],
      ['CONFIG', many(2000, () => 'JVMRoute=ROUTE')],
      ['STATUS', `JVMRoute=ROUTE&${many(3000, (index) => `Load=${index % 100}`)}`],
      ['PING', `JVMRoute=ROUTE&${many(3000, (index) => `X${index}=1`)}`],
    ],
  },
  {
    id: 'security/names-of-the-language',
    requirement: 'Field names and values that mean something to a programming language are names like others.',
    spec: 'CWE-1321',
    messages: ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'null', 'NaN'].flatMap(
      (name): Message[] => [
        ['CONFIG', `${name}=${name}&JVMRoute=ROUTE${name}&Host=127.0.0.1&Port=1&Type=http&Domain=${name}`],
        ['STATUS', `JVMRoute=ROUTE${name}x&Load=1`],
        ['STATUS', `JVMRoute=${name}&${name}=1`],
        ['PING', `JVMRoute=${name}&${name}=1`],
      ],
    ),
  },
  {
    id: 'security/odd-numbers',
    requirement: 'Numbers out of all proportion get a clear answer, and do no harm.',
    spec: 'CVE-2016-8612',
    messages: [
      ['STATUS', 'JVMRoute=NODE&Load=1e999'],
      ['STATUS', 'JVMRoute=NODE&Load=-99999999999999999999'],
      ['STATUS', 'JVMRoute=NODE&Load=abc'],
      ['CONFIG', 'JVMRoute=ROUTE&Host=127.0.0.1&Port=99999999999999999999&Type=http'],
      ['CONFIG', 'JVMRoute=ROUTE&Host=127.0.0.1&Port=-1&Type=http&ping=-5&ttl=-1&smax=-99999999999'],
      ['PING', 'Scheme=http&Host=127.0.0.1&Port=99999999999999999999'],
    ],
  },
  {
    id: 'security/empty-bodies',
    requirement: 'A command without a body gets a clear answer, and does no harm.',
    spec: 'CVE-2016-8612; 12.1',
    dangerous: HTTPD_2,
    messages: ALL.map((method): Message => [method, '']),
  },
  {
    id: 'security/half-pairs',
    requirement: 'A name without `=` at the end of a body gets a clear answer, and does no harm.',
    spec: 'CVE-2016-8612; 12.1',
    dangerous: HTTPD_2,
    messages: [
      ...ALL.map((method): Message => [method, 'JVMRoute']),
      ...APPS.flatMap((method): Message[] => [
        [method, 'JVMRoute=ROUTE&Alias'],
        [method, 'JVMRoute=ROUTE&Alias=localhost&Context'],
        [method, 'abc'],
        [method, 'JVMRoute=ROUTE=x'],
      ]),
      ['STATUS', 'Load=1'],
      ['STATUS', 'JVMRoute=ROUTE&Load'],
    ],
  },
  {
    id: 'security/comma-lists',
    requirement: 'Lists of commas get a clear answer, and do no harm.',
    spec: '12.1',
    dangerous: HTTPD_2,
    messages: [
      ...APPS.flatMap((method): Message[] => [
        [method, 'JVMRoute=ROUTE&Alias=a,&Context=/a,'],
        [method, 'JVMRoute=ROUTE&Alias=,&Context=,'],
        [method, `JVMRoute=ROUTE&Alias=${','.repeat(200)}&Context=${','.repeat(200)}`],
      ]),
      ['CONFIG', 'JVMRoute=ROUTE&Host=127.0.0.1&Port=1&Type=http&Alias=a,,,&Context=,,,'],
    ],
  },
  {
    id: 'security/app-without-names',
    requirement:
      'A command for a context that names none gets a clear answer while contexts are there, and does no harm.',
    spec: '12.2',
    dangerous: 'httpd with mod_cluster 1.3',
    messages: APPS.map((method): Message => [method, 'JVMRoute=ROUTE']),
  },
];

/** Bodies that crashed somebody (reference §12). */
export const SECURITY_BODY_CASES: readonly BalancerCase[] = ROWS.map(({ messages, dangerous, ...words }) =>
  balancerCase({
    ...words,
    level: 'must',
    lines: [],
    tags: ['security', 'hostile-bodies'],
    ...(dangerous === undefined ? {} : { dangerous }),
    expected: inAll(
      said('an answer or a closed connection each; then INFO as before, and nothing done by what was refused'),
    ),
    run: (trial) => demandUnharmed(trial, messages),
  }),
);

/** @throws Deviation when a message is not answered, changes something although it is refused, or hurts the balancer */
async function demandUnharmed(trial: BalancerTrial, messages: readonly Message[]): Promise<void> {
  const node = await trial.node();
  const dead = await trial.deadAddress();
  // Undertow keeps a node of this name when a CONFIG has none (reference §12.3).
  trial.forget('null');
  for (const [method, pattern] of messages) {
    const route = trial.route();
    // Without an address of its own it would be one that somebody else may have.
    const needsAddress = method === 'CONFIG' && pattern.includes('ROUTE') && !pattern.includes('Host=127');
    const address = needsAddress ? `Host=${dead.host}&Port=${dead.port}&Type=http&` : '';
    const body = address + pattern.replaceAll('ROUTE', () => route).replaceAll('NODE', () => node.route);
    const shown = `${method} ${JSON.stringify(body.slice(0, 100))}`;
    const answer = await answerOrEnd(trial, method, body, shown);
    const { nodes, contexts } = await stillThere(trial, shown);
    const witness = nodes.find(({ name }) => name === node.route);
    demand(witness !== undefined, `the node of the case in INFO after ${shown}`, 'it is gone');
    const own = contexts.filter((context) => context.node === witness.id);
    demandEqual(`contexts of that node after ${shown}`, own.map((context) => context.status).join(' '), 'ENABLED');
    const made = nodes.filter(({ name }) => name.startsWith(route));
    if (answer?.status !== 200)
      demand(made.length === 0, `no node by ${shown}, which was refused`, `INFO has ${made[0]?.name}`);
    for (const { name } of made) {
      await trial.send('REMOVE-APP', encodeFields({ JVMRoute: name }), { target: '/*' });
    }
  }
}

/** @throws Deviation when the balancer does not answer INFO any more */
async function stillThere(trial: BalancerTrial, shown: string): ReturnType<BalancerTrial['info']> {
  try {
    return await trial.info();
  } catch (error) {
    const actual = error instanceof Deviation ? error.actual : String(error);
    throw new Deviation('fail', `an answer to INFO after ${shown}`, actual);
  }
}
