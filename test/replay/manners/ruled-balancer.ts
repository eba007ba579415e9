import { HTTPD2_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { httpAnswer } from '../../../src/core/mcmp/http-answer.ts';
import { type TestBalancer, testBalancer } from '../../core/balancer.ts';
import { readInfoAsNode } from '../../support/java-node.ts';
import type { Heard, Reaction } from './recorded-balancer.ts';
import type { Situation, Step } from './situation.ts';

interface Rule {
  readonly method: string;
  readonly action: string;
  left: number;
}

/** Balancers that answer for themselves, as httpd 2 does, and misbehave when the recording says so. */
export interface RuledBalancers {
  react(balancer: number, request: Heard): Reaction;
  step(step: Step): void;
  /** What each balancer has of the node: its contexts with their status, and whether it gets requests. */
  rows(route: string): readonly { readonly contexts: ReadonlyMap<string, string>; readonly up: boolean }[];
}

const WORDS = {
  syntax: ['SYNTAX', "SYNTAX: Can't parse MCMP message. It might have contained illegal symbols or unknown elements."],
  mem: ['MEM', 'MEM: Can\'t update or insert node with "node1" JVMRoute'],
} as const;

const refusal = ([type, mess]: readonly [type: string, mess: string]): Reaction => ({
  kind: 'bytes',
  bytes: `HTTP/1.1 500 Internal Server Error\r\nVersion: 0.2.1\r\nType: ${type}\r\nMess: ${mess}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
  end: true,
});

export function ruledBalancers({ balancers, lines, name }: Situation): RuledBalancers {
  /** Where the node listens now, if it lives. */
  let port: string | undefined;
  const newBalancer = (): TestBalancer =>
    testBalancer(HTTPD2_DIALECT, { reachable: (address) => address === `127.0.0.1:${port}` });
  const states = Array.from({ length: balancers }, newBalancer);
  let rules: Rule[] = [];
  let requests: number | undefined;
  /** The INFO that no node can read is in the recording. */
  const unreadable = lines.find(({ line }) => line.startsWith('INFO '))?.response.body ?? '';

  const answer = (balancer: TestBalancer, { line, body }: Heard): { bytes: string; close: boolean } => {
    const [method = '', path = '/'] = line.split(' ');
    const reply = balancer.send(`${method} ${path.endsWith('/*') ? '/*' : '/'}`, body);
    const printed = httpAnswer(reply, HTTPD2_DIALECT);
    let text = printed.body;
    if (method === 'STOP-APP' && printed.status === 200 && requests !== undefined) {
      text = `Type=STOP-APP-RSP&Requests=${requests}\n`;
    }
    const headers = printed.headers.map(([key, value]) =>
      key === 'Content-Length' ? [key, text.length] : [key, value],
    );
    const head = headers.map(([key, value]) => `${key}: ${value}\r\n`).join('');
    const end = printed.close ? 'Connection: close\r\n' : '';
    return { bytes: `HTTP/1.1 ${printed.status} ${printed.reason}\r\n${head}${end}\r\n${text}`, close: printed.close };
  };

  return {
    react(number, request) {
      const balancer = states[number - 1];
      if (balancer === undefined) throw new Error(`there is no balancer ${number}`);
      balancer.now = request.atMs + 10_000;
      const method = request.line.split(' ', 1)[0] ?? '';
      const rule = rules.find((one) => one.left > 0 && (one.method === '*' || one.method === method));
      if (rule !== undefined) rule.left -= 1;
      switch (rule?.action) {
        case 'syntax':
        case 'mem':
          return refusal(WORDS[rule.action]);
        case 'error':
          return {
            kind: 'bytes',
            bytes: 'HTTP/1.1 500 Failure\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
            end: true,
          };
        case 'close':
        case 'reset':
          return { kind: rule.action };
        case 'hang':
          return { kind: 'silence' };
        case 'answer':
          return {
            kind: 'bytes',
            bytes: `HTTP/1.1 200 OK\r\nContent-Length: ${unreadable.length}\r\n\r\n${unreadable}`,
            end: false,
          };
        default: {
          const { bytes, close } = answer(balancer, request);
          if (rule?.action === 'half') return { kind: 'bytes', bytes: bytes.slice(0, bytes.length / 2), end: true };
          if (rule?.action === 'bye') {
            return { kind: 'bytes', bytes: bytes.replace('\r\n', '\r\nConnection: close\r\n'), end: true };
          }
          if (rule?.action === 'notok')
            return { kind: 'bytes', bytes: bytes.replace('State=OK', 'State=NO'), end: close };
          if (rule !== undefined) throw new Error(`${name}: nobody knows the rule ${rule.action}`);
          return { kind: 'bytes', bytes, end: close };
        }
      }
    },
    step({ text, balancer }) {
      const [, method, action, times] = /^rule: (\S+) -> (\w+)(?:, (\d+) times?)?$/.exec(text) ?? [];
      if (method !== undefined && action !== undefined) {
        rules.push({ method, action, left: Number(times ?? Number.POSITIVE_INFINITY) });
      } else if (text === 'rules off') rules = [];
      else if (text === 'the balancer lost its state') states[balancer - 1] = newBalancer();
      else if (text.startsWith('an administrator disabled /one')) {
        for (const state of states) state.send('DISABLE-APP', 'JVMRoute=node1&Alias=localhost&Context=/one');
      }
      if (text === 'node: killed') port = undefined;
      if (text.startsWith('node: started ')) port = / --port (\d+)/.exec(text)?.[1] ?? '18100';
      const reports = /^the balancer reports (\d+) requests in progress/.exec(text)?.[1];
      if (reports !== undefined) requests = Number(reports);
    },
    rows: (route) =>
      states.map((state) => {
        const info = state.info();
        const vhosts = readInfoAsNode(info).get(route) ?? [];
        const up = info.split('\n').some((line) => line.includes(`Name: ${route},`) && /Load: [1-9]\d*$/.test(line));
        return { contexts: new Map(vhosts.flatMap(({ contexts }) => [...contexts])), up };
      }),
  };
}
