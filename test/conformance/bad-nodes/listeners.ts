import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { DEFAULT_GROUP } from '../../../src/core/advertise/index.ts';
import { type BadNode, through } from './bad-node.ts';
import { EMPTY_OK, type Fault } from './relay.ts';

const OURS = { manners: 'mcmp', kind: 'mcmp' } as const;

const MEM =
  "HTTP/1.1 500 Internal Server Error\r\nVersion: 0.2.1\r\nType: MEM\r\nMess: MEM: Can't read node\r\n" +
  'Content-Length: 0\r\nConnection: close\r\n\r\n';

/** Whatever goes wrong once, it never speaks to that balancer again. */
const GIVES_UP: Fault = { speaks: ({ marks }) => !marks.has('failed') };

/** Cases in which something of the answer to INFO has to be acted on, or the answer is no success. */
const ABOUT_INFO = [
  'content-length',
  'http-10',
  'lower-case-names',
  'no-space-after-colon',
  'spaces-around-value',
  'reason-of-words',
  'no-reason',
  'bare-line-feeds',
  'byte-by-byte',
  'one-chunk',
  'two-chunks',
  'chunked-in-capitals',
  'trailer',
  'until-closed',
  'empty-line-before-it',
  'crlf-in-body',
  'no-last-line-feed',
  'unknown-lines',
  'created',
  'no-content',
  'found',
  'forbidden',
  'not-found',
  'not-implemented',
  'unavailable',
  'type-in-lower-case',
].map((form) => `answers/${form}`);

/** Nodes that make something wrong of what they hear. */
export const BAD_LISTENERS: readonly BadNode[] = [
  {
    ...{ id: 'answers/info-not-read', fault: 'It takes every answer to INFO for an empty success.' },
    ...{ ...OURS, aims: ABOUT_INFO },
    spoil: through({ hears: (answer, { method }) => (method === 'INFO' ? EMPTY_OK : answer) }),
  },
  {
    ...{
      id: 'answers/short-line-refused',
      fault: 'It takes INFO for a refusal when a Node line is shorter than usual.',
    },
    ...{ ...OURS, aims: ['answers/short-node-line'] },
    spoil: through({
      hears: (answer, { method }) => (method === 'INFO' && /^Node: \[\d+\],Name: [^,]*$/m.test(answer) ? MEM : answer),
    }),
  },
  {
    ...{ id: 'apps/requests-not-counted', fault: 'It does not look at how many requests are left in a context.' },
    ...{ ...OURS, aims: ['apps/stop-repeated'] },
    spoil: through({ hears: (answer) => answer.replace('Requests=2', 'Requests=0') }),
  },
  {
    ...{ id: 'status/notok-registers', fault: 'It registers again when the balancer cannot reach it.' },
    ...{ ...OURS, aims: ['status/notok'] },
    spoil: through({ hears: (answer) => (answer.includes('State=NOTOK') ? MEM : answer) }),
  },
  {
    ...{ id: 'errors/syntax-is-mem', fault: 'It takes Type: SYNTAX for something that goes by itself.' },
    ...{ ...OURS, aims: ['errors/config-syntax', 'errors/status-syntax'] },
    spoil: through({ hears: (answer) => answer.replace('Type: SYNTAX', 'Type: MEM') }),
  },
  {
    ...{ id: 'errors/page-is-success', fault: 'It takes a web page for a good answer.' },
    ...{ ...OURS, aims: ['errors/not-mcmp'] },
    spoil: through({ hears: (answer) => (answer.includes('<html>') ? EMPTY_OK : answer) }),
  },
  {
    ...{ id: 'transport/gives-up', fault: 'A balancer that failed once is never tried again.' },
    ...{ ...OURS, spoil: through(GIVES_UP) },
    aims: ['order/dead-balancer', 'transport/balancer-late', 'transport/balancer-restarts', 'transport/garbage'],
  },
  {
    ...{ id: 'transport/too-patient', fault: 'It waits for a silent balancer far longer than it is said to.' },
    ...{ manners: 'java', kind: 'java', aims: ['transport/silence'] },
    // Eight seconds, as all nodes of these tests, where 400 ms are said.
    spoil: (good) => good,
  },
  {
    ...{ id: 'transport/idle-close-registers', fault: 'It registers anew when an idle connection was closed.' },
    ...{ ...OURS, aims: ['transport/idle-close'] },
    spoil: through({
      idleEnd: ({ marks }) => marks.add('closed'),
      hears: (answer, { method }, { marks }) => (method === 'STATUS' && marks.delete('closed') ? MEM : answer),
    }),
  },
  {
    ...{ id: 'discovery/deaf', fault: 'It hears no advertisement.' },
    ...{ ...OURS, aims: ['discovery/joins', 'discovery/long-datagram'] },
    spoil: (good) => (wishes) => good({ ...wishes, discovers: undefined }),
  },
  {
    ...{ id: 'discovery/believes-all', fault: 'It connects to every address that it hears of.' },
    ...OURS,
    aims: ['discovery/wrong-digest', 'discovery/other-protocol', 'discovery/other-address'],
    spoil: (good) => async (wishes) => {
      const node = await good(wishes);
      const { host, port } = wishes.discovers ?? DEFAULT_GROUP;
      const socket = createSocket({ type: 'udp4', reuseAddr: true });
      socket.on('message', (datagram) => {
        const [, name = '', number = ''] = /X-Manager-Address: (.*):(\d+)/.exec(datagram.toString('latin1')) ?? [];
        const connection = connect(Number(number), name);
        connection.on('error', () => connection.destroy());
        connection.on('connect', () => connection.destroy());
      });
      await new Promise<void>((resolve) => socket.bind(port, host, resolve));
      socket.addMembership(host, '127.0.0.1');
      return {
        ...node,
        async end() {
          socket.close();
          await node.end();
        },
      };
    },
  },
  {
    ...{ id: 'discovery/any-interface', fault: 'Without an interface it listens all the same.' },
    ...{ manners: 'java', kind: 'java', aims: ['discovery/no-interface'] },
    spoil: (good) => (wishes) => good({ ...wishes, discovers: DEFAULT_GROUP }),
  },
];
