import { type BadNode, through, withBody, withHead } from './bad-node.ts';
import { EMPTY_OK, type Passing } from './relay.ts';

const OURS = { manners: 'mcmp', kind: 'mcmp' } as const;

/** A message of the same node in another method, with other fields. */
function like({ raw }: Passing, method: string, body: string, target = '/'): string {
  const host = /^Host: (.*)$/m.exec(raw)?.[1]?.trim() ?? '';
  return `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** Changes the body of one kind of message. */
function body(method: string, rewrite: (text: string, count: number) => string): BadNode['spoil'] {
  return through({
    says: (message) => [
      message.method === method || (method === '*-APP' && message.method.endsWith('-APP'))
        ? withBody(message.raw, (text) => rewrite(text, message.count))
        : message.raw,
    ],
  });
}

/** Changes the head of every message. */
function head(rewrite: (text: string) => string): BadNode['spoil'] {
  return through({ says: ({ raw }) => [withHead(raw, rewrite)] });
}

/** Says one kind of message several times at once. */
function repeated(method: string, times: number): BadNode['spoil'] {
  return through({
    says: ({ method: said, raw }) => Array.from({ length: said === method ? times : 1 }, () => raw),
  });
}

/** Nodes that say what they should not. */
export const BAD_SPEAKERS: readonly BadNode[] = [
  {
    ...{ id: 'order/status-first', fault: 'It reports its load before it introduces itself.' },
    ...{ ...OURS, aims: ['order/first-message', 'order/registration'] },
    spoil: through({
      says: (message) =>
        message.method === 'INFO' && message.count === 0
          ? [like(message, 'STATUS', 'JVMRoute=cfnode&Load=100'), message.raw]
          : [message.raw],
    }),
  },
  {
    ...{ id: 'order/enables-before-config', fault: 'It enables its first context before it says CONFIG.' },
    ...{ ...OURS, aims: ['order/registration'] },
    spoil: through({
      says: (message, memory) => {
        if (message.method === 'CONFIG') {
          memory.held = [message.raw];
          return [];
        }
        const { held } = memory;
        if (message.method === 'ENABLE-APP') memory.held = [];
        return message.method === 'ENABLE-APP' ? [message.raw, ...held] : [message.raw];
      },
    }),
  },
  {
    ...{ id: 'order/does-not-wait', fault: 'It says the next message before the last was answered.' },
    ...{ ...OURS, aims: ['order/one-at-a-time'], spoil: repeated('ENABLE-APP', 2) },
  },
  {
    ...{ id: 'order/second-balancer-told-less', fault: 'It enables its contexts at the first balancer only.' },
    ...{ ...OURS, aims: ['order/two-balancers'] },
    spoil: through({
      says: ({ method, balancer, raw }) => (method === 'ENABLE-APP' && balancer > 0 ? [] : [raw]),
    }),
  },
  {
    ...{ id: 'headers/no-host', fault: 'Its requests have no Host.' },
    ...{
      ...OURS,
      aims: ['headers/well-formed', 'headers/host'],
      spoil: head((text) => text.replace(/^Host: .*\r\n/m, '')),
    },
  },
  {
    ...{ id: 'headers/unknown-method', fault: 'It says GET to a balancer.' },
    ...{ ...OURS, aims: ['headers/well-formed'], spoil: head((text) => text.replace(/^INFO /, 'GET ')) },
  },
  {
    ...{ id: 'headers/other-host', fault: 'Its Host is another one than that of the balancer.' },
    ...{ ...OURS, aims: ['headers/host'], spoil: head((text) => text.replace(/^Host: .*$/m, 'Host: localhost')) },
  },
  {
    ...{ id: 'headers/path-forgotten', fault: 'It forgets the path of its balancer.' },
    ...{ ...OURS, aims: ['headers/proxy-path'], spoil: head((text) => text.replace(' /mcmp/', ' /')) },
  },
  {
    ...{ id: 'fields/route-changes', fault: 'After its first report it goes by another name.' },
    ...{ ...OURS, aims: ['fields/route'] },
    spoil: body('STATUS', (text, count) => (count === 0 ? text : text.replace('JVMRoute=', 'JVMRoute=x'))),
  },
  {
    ...{ id: 'fields/route-last', fault: 'JVMRoute is the last of its fields.' },
    ...{ ...OURS, aims: ['fields/order'], spoil: body('CONFIG', (text) => text.replace(/^([^&]*)&(.*)$/, '$2&$1')) },
  },
  {
    ...{ id: 'fields/plus', fault: 'It writes a space as a plus, which httpd does not read.' },
    ...{ ...OURS, aims: ['fields/portable'], spoil: body('CONFIG', (text) => `${text}&Balancer=my+cluster`) },
  },
  {
    ...{ id: 'fields/no-alias', fault: 'It does not say on which host its contexts are.' },
    ...{
      ...OURS,
      aims: ['fields/alias-and-context'],
      spoil: body('*-APP', (text) => text.replace(/&Alias=[^&]*/, '')),
    },
  },
  {
    ...{ id: 'config/no-type', fault: 'CONFIG does not say which protocol the connector speaks.' },
    ...{ ...OURS, aims: ['config/address'], spoil: body('CONFIG', (text) => text.replace(/&Type=[^&]*/, '')) },
  },
  {
    ...{ id: 'config/other-port', fault: 'CONFIG names a port at which nobody listens.' },
    ...{ ...OURS, aims: ['config/connector'], spoil: body('CONFIG', (text) => text.replace(/Port=\d+/, 'Port=1')) },
  },
  {
    ...{ id: 'config/other-type', fault: 'CONFIG says that the connector speaks AJP, and it speaks HTTP.' },
    ...{ ...OURS, aims: ['config/connector'], spoil: body('CONFIG', (text) => text.replace('Type=http', 'Type=ajp')) },
  },
  {
    ...{ id: 'config/too-long', fault: 'Its domain is longer than httpd takes.' },
    ...{ ...OURS, aims: ['config/acceptable'], spoil: body('CONFIG', (text) => `${text}&Domain=${'d'.repeat(20)}`) },
  },
  {
    ...{ id: 'config/wildcard-told', fault: 'It tells the balancer that it listens on 0.0.0.0.' },
    ...{ ...OURS, aims: ['config/wildcard-host'] },
    spoil: body('CONFIG', (text) => text.replace(/Host=[^&]*/, 'Host=0.0.0.0')),
  },
  {
    ...{ id: 'apps/excluded-told', fault: 'It tells of a context that it was to keep to itself.' },
    ...{ ...OURS, aims: ['apps/excluded'] },
    spoil: body('ENABLE-APP', (text) => text.replace(/Context=.*$/, 'Context=/cf-hidden')),
  },
  {
    ...{ id: 'apps/stop-repeated', fault: 'It says STOP-APP twice where once is enough.' },
    ...{ ...OURS, aims: ['apps/stop-not-repeated'], spoil: repeated('STOP-APP', 2) },
  },
  {
    ...{ id: 'apps/removed-at-once', fault: 'It removes a context without having stopped it.' },
    ...{ ...OURS, aims: ['apps/undeploy'] },
    spoil: through({ says: ({ method, raw }) => (method === 'STOP-APP' ? [] : [raw]) }),
  },
  {
    ...{ id: 'apps/stop-removes', fault: 'It removes a context that was only stopped.' },
    ...{ ...OURS, aims: ['apps/stop-enable'] },
    spoil: through({
      says: (message) =>
        message.method === 'STOP-APP' ? [message.raw, like(message, 'REMOVE-APP', message.body)] : [message.raw],
    }),
  },
  {
    ...{ id: 'goodbye/says-more', fault: 'It goes on reporting after it took itself away.' },
    ...{ ...OURS, aims: ['goodbye/last-word'] },
    spoil: through({
      says: (message) =>
        message.method === 'REMOVE-APP' && message.body === 'JVMRoute=cfnode'
          ? [message.raw, like(message, 'STATUS', 'JVMRoute=cfnode&Load=100')]
          : [message.raw],
    }),
  },
  {
    ...{ id: 'status/flood', fault: 'It reports three times at each interval.' },
    ...{ ...OURS, aims: ['status/period'], spoil: repeated('STATUS', 3) },
  },
  {
    ...{ id: 'status/no-load', fault: 'It reports without a load.' },
    ...{ ...OURS, aims: ['status/fields'], spoil: body('STATUS', (text) => text.replace(/&Load=.*$/, '')) },
  },
  {
    ...{ id: 'status/fraction', fault: 'Its load has a fraction.' },
    ...{ ...OURS, aims: ['status/load-range'], spoil: body('STATUS', (text) => `${text}.5`) },
  },
  {
    ...{ id: 'status/out-of-range', fault: 'Its load is above 100.' },
    ...{ ...OURS, aims: ['status/load-range'], spoil: body('STATUS', (text) => text.replace(/Load=.*$/, 'Load=101')) },
  },
  {
    ...{ id: 'errors/config-flood', fault: 'It says CONFIG many times for each attempt.' },
    ...{ ...OURS, aims: ['errors/config-refused-for-ever', 'transport/close-each'], spoil: repeated('CONFIG', 8) },
  },
  {
    ...{ id: 'reset/removes-others', fault: 'It takes everything away before it registers, whatever INFO says.' },
    ...{ ...OURS, aims: ['reset/other-routes'] },
    spoil: through({
      says: (message) =>
        message.method === 'CONFIG'
          ? [like(message, 'REMOVE-APP', 'JVMRoute=cfnode', '/*'), message.raw]
          : [message.raw],
    }),
  },
  {
    ...{ id: 'transport/no-second-try', fault: 'It does not say again what was not answered.' },
    ...{ ...OURS, statusIntervalMs: 1500, aims: ['transport/closed-without-answer', 'transport/reset-without-answer'] },
    spoil: through({ hearsEnd: () => EMPTY_OK }),
  },
];
