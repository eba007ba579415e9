import { apply, needOf } from '../../src/core/cluster/apply.ts';
import type { ClusterEvent } from '../../src/core/cluster/events.ts';
import { type ClusterState, createCluster } from '../../src/core/cluster/state.ts';
import type { ClusterCommand, ClusterLimits, ClusterNeed } from '../../src/core/cluster/types.ts';
import { methodOf } from '../../src/core/mcmp/commands.ts';
import type { Dialect } from '../../src/core/mcmp/dialect.ts';
import { CommandError } from '../../src/core/mcmp/errors.ts';
import { messageLimit, type ParseOptions, parseCommand } from '../../src/core/mcmp/parse.ts';
import type { McmpReply } from '../../src/core/mcmp/types.ts';

export interface BalancerSetup {
  readonly limits?: Partial<ClusterLimits>;
  /** Default: mycluster. */
  readonly defaultBalancer?: string;
  readonly maxNamedContexts?: number;
  readonly maxMessageBytes?: number;
  readonly waitBeforeRemoveMs?: number;
  readonly brokenNodeTimeoutMs?: number;
  /** What answers pings, as `host:port`. Default: everything. */
  readonly reachable?: (address: string) => boolean;
}

/** A balancer without sockets: parser and machine, with pings answered by a table. */
export interface TestBalancer {
  readonly state: ClusterState;
  /** Milliseconds; the test moves it. */
  now: number;
  /** Events of the last command. */
  events: readonly ClusterEvent[];
  need: ClusterNeed;
  reachable: (address: string) => boolean;
  /** One message: `send('CONFIG', 'JVMRoute=n1')`, `send('REMOVE-APP /*', 'JVMRoute=n1')`. */
  send(line: string, body?: string, accept?: string): McmpReply;
  apply(command: ClusterCommand): McmpReply;
  info(accept?: string): string;
  dump(accept?: string): string;
}

export function testBalancer(dialect: Dialect, setup: BalancerSetup = {}): TestBalancer {
  const limits = { maxNodes: 20, maxContexts: 100, maxHosts: 20, ...setup.limits };
  const defaultBalancer = setup.defaultBalancer ?? 'mycluster';
  const options: ParseOptions = {
    defaultBalancer,
    maxMessageBytes: messageLimit(dialect, limits, setup.maxMessageBytes ?? 1_048_576),
  };
  const state = createCluster({
    dialect,
    defaultBalancer,
    limits,
    ...(setup.maxNamedContexts === undefined ? {} : { maxNamedContexts: setup.maxNamedContexts }),
    waitBeforeRemoveMs: setup.waitBeforeRemoveMs ?? 10_000,
    brokenNodeTimeoutMs: setup.brokenNodeTimeoutMs ?? 60_000,
    incarnationId: '1700000000000000',
  });
  const balancer: TestBalancer = {
    state,
    now: 1_000,
    events: [],
    need: { kind: 'nothing' },
    reachable: setup.reachable ?? (() => true),
    send(line, body = '', accept = '') {
      const [name = '', target = '/'] = line.split(' ');
      const method = methodOf(name);
      if (method === undefined) throw new Error(`${name} is no MCMP method`);
      const command = parseCommand(method, target, body, accept, dialect, options);
      if (command instanceof CommandError) {
        balancer.events = [];
        return command.refusal;
      }
      return balancer.apply(command);
    },
    apply(command) {
      const need = needOf(state, command);
      balancer.need = need;
      const result = apply(state, withAnswer(balancer, command, need), balancer.now);
      balancer.events = result.events;
      return result.reply;
    },
    info: (accept = '') => textOf(balancer.send('INFO', '', accept)),
    dump: (accept = '') => textOf(balancer.send('DUMP', '', accept)),
  };
  return balancer;
}

function textOf(reply: McmpReply): string {
  if (!reply.ok) throw new Error(`refused: ${reply.mess}`);
  return reply.body;
}

function withAnswer(balancer: TestBalancer, command: ClusterCommand, need: ClusterNeed): ClusterCommand {
  if (need.kind === 'nothing') return command;
  const reachable = balancer.reachable(addressOf(balancer.state, need));
  if (command.kind === 'CONFIG') return { ...command, incumbentReachable: reachable };
  return command.kind === 'STATUS' || command.kind === 'PING' ? { ...command, reachable } : command;
}

function addressOf(state: ClusterState, need: Exclude<ClusterNeed, { kind: 'nothing' }>): string {
  if (need.kind === 'ping-address') return `${need.host}:${need.port}`;
  const node = state.nodeByRoute.get(need.route);
  return `${node?.host}:${node?.port}`;
}

/** `TYPE/words` of a refusal, or `200` and the body of a success: short enough for tables. */
export function said(reply: McmpReply): string {
  return reply.ok ? `200 ${reply.body}`.trimEnd() : `${reply.type}/${reply.mess}`;
}

/** Lines of a text that begin with a word. */
export function lines(text: string, word: string): string[] {
  return text.split('\n').filter((line) => line.startsWith(word));
}
