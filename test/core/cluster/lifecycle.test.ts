import { describe, expect, test } from 'vitest';
import {
  CONTEXT_TRANSITIONS,
  NODE_TRANSITIONS,
  type NodeState,
  type NodeTrigger,
  nextNodeState,
  nodeStateOf,
} from '../../../src/core/cluster/lifecycle.ts';
import { isUsable } from '../../../src/core/cluster/records.ts';
import { findNode } from '../../../src/core/cluster/state.ts';
import {
  type Dialect,
  HTTPD2_DIALECT,
  HTTPD13_DIALECT,
  MCMP_DIALECT,
  NGINX_DIALECT,
} from '../../../src/core/mcmp/dialect.ts';
import type { AppCommandName } from '../../../src/core/mcmp/types.ts';
import { lines, said, type TestBalancer, testBalancer } from '../balancer.ts';

const CONFIG = 'JVMRoute=n1&Host=127.0.0.1&Port=9001&Type=http';
const ELSEWHERE = 'JVMRoute=n1&Host=127.0.0.1&Port=9002&Type=http';

describe('contexts', () => {
  for (const [from, row] of Object.entries(CONTEXT_TRANSITIONS)) {
    for (const [verb, to] of Object.entries(row)) {
      test(`${verb} makes ${to} of ${from}`, () => {
        const balancer = testBalancer(MCMP_DIALECT);
        balancer.send('CONFIG', CONFIG);
        const makers: Record<string, AppCommandName> = {
          ENABLED: 'ENABLE-APP',
          DISABLED: 'DISABLE-APP',
          STOPPED: 'STOP-APP',
        };
        const maker = makers[from];
        if (maker !== undefined) balancer.send(maker, 'JVMRoute=n1&Alias=a&Context=/x');
        expect(said(balancer.send(verb, 'JVMRoute=n1&Alias=a&Context=/x'))).toMatch(/^200/);
        const shown = lines(balancer.info(), 'Context:').map((line) => line.split('Status: ')[1]);
        expect(shown).toEqual(to === 'absent' ? [] : [to]);
      });
    }
  }
});

/** How a node gets into each state, and what each trigger is. */
const ENTER: Record<NodeState, (balancer: TestBalancer) => void> = {
  unknown: () => {},
  serving: (balancer) => balancer.send('CONFIG', CONFIG),
  error: (balancer) => {
    balancer.send('CONFIG', CONFIG);
    balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'refused' });
  },
  removing: (balancer) => {
    balancer.send('CONFIG', CONFIG);
    balancer.send('REMOVE-APP /*', 'JVMRoute=n1');
  },
  buried: (balancer) => {
    ENTER.removing(balancer);
    balancer.now += 10_000;
    balancer.apply({ kind: 'TICK' });
  },
};

const PULL: Record<NodeTrigger, (balancer: TestBalancer) => void> = {
  config: (balancer) => balancer.send('CONFIG', CONFIG),
  'config-moved': (balancer) => {
    balancer.reachable = () => false;
    balancer.send('CONFIG', ELSEWHERE);
  },
  status: (balancer) => balancer.send('STATUS', 'JVMRoute=n1&Load=7'),
  'ping-good': (balancer) => balancer.apply({ kind: 'NODE-UP', route: 'n1' }),
  'ping-bad': (balancer) => balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'refused' }),
  remove: (balancer) => balancer.send('REMOVE-APP /*', 'JVMRoute=n1'),
  due: (balancer) => {
    balancer.now += 60_000;
    balancer.apply({ kind: 'TICK' });
  },
  replaced: (balancer) => {
    balancer.now += 30_000;
    balancer.send('CONFIG', CONFIG.replace('n1', 'n2'));
  },
  ousted: (balancer) => balancer.send('CONFIG', ELSEWHERE),
};

function stateOfFirst(balancer: TestBalancer): NodeState {
  const node = balancer.state.nodes.rows.find((row) => row !== undefined);
  return node === undefined || node.route === 'n2' ? 'unknown' : nodeStateOf(node, balancer.state.buried);
}

describe.each<[string, Dialect, readonly string[]]>([
  // A dialect that never moves a node, and whose addresses never yield before they are buried, does not pull these.
  ['mcmp', MCMP_DIALECT, ['buried', 'ousted']],
  ['httpd-2', HTTPD2_DIALECT, ['config-moved', 'serving replaced', 'error replaced', 'removing replaced', 'ousted']],
  ['httpd-1.3', HTTPD13_DIALECT, ['config-moved', 'replaced', 'buried due']],
  ['nginx', NGINX_DIALECT, ['config-moved', 'replaced', 'buried due']],
])('nodes in %s', (_, dialect, notHere) => {
  const { buriesRemoved, removesAtOnce } = dialect.cluster;
  const rules = { pingClearsError: dialect.pingClearsError, buriesRemoved, removesAtOnce };
  for (const from of Object.keys(NODE_TRANSITIONS) as NodeState[]) {
    for (const trigger of Object.keys(NODE_TRANSITIONS[from]) as NodeTrigger[]) {
      if (notHere.some((word) => `${from} ${trigger}`.includes(word))) continue;
      const to = nextNodeState(from, trigger, rules);
      test(`${trigger} takes a node from ${from} to ${to}`, () => {
        const balancer = testBalancer(dialect);
        ENTER[from](balancer);
        expect(stateOfFirst(balancer)).toBe(from);
        PULL[trigger](balancer);
        expect(stateOfFirst(balancer)).toBe(to);
      });
    }
  }
});

describe('what a node may take', () => {
  test('a new node may take requests as a hot standby at once', () => {
    const balancer = testBalancer(MCMP_DIALECT);
    balancer.send('CONFIG', CONFIG);
    const node = findNode(balancer.state, 'n1');
    expect(node).toMatchObject({ load: 0, inError: false });
    expect(node !== undefined && isUsable(node)).toBe(true);
  });

  test('Load -1 keeps a node out, and a good ping does not bring it back', () => {
    const balancer = testBalancer(MCMP_DIALECT);
    balancer.send('CONFIG', CONFIG);
    balancer.send('STATUS', 'JVMRoute=n1&Load=-1');
    balancer.apply({ kind: 'NODE-UP', route: 'n1' });
    const node = findNode(balancer.state, 'n1');
    expect(node !== undefined && isUsable(node)).toBe(false);
    balancer.send('STATUS', 'JVMRoute=n1&Load=50');
    expect(node !== undefined && isUsable(node)).toBe(true);
  });

  test.each([
    ['mcmp', MCMP_DIALECT, false],
    ['httpd-2', HTTPD2_DIALECT, true],
  ] as const)('MCMP-HEALTH-04 a good ping and the error of a node in %s', (_, dialect, stays) => {
    const balancer = testBalancer(dialect);
    balancer.send('CONFIG', CONFIG);
    balancer.send('STATUS', 'JVMRoute=n1&Load=80');
    balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'connection refused' });
    expect(findNode(balancer.state, 'n1')).toMatchObject({
      inError: true,
      errorReason: 'connection refused',
      failingSinceMs: 1_000,
    });
    balancer.apply({ kind: 'NODE-UP', route: 'n1' });
    expect(findNode(balancer.state, 'n1')).toMatchObject({ inError: stays, failingSinceMs: 0, load: 80 });
  });

  test('STATUS with a good ping ends an error in both dialects', () => {
    for (const dialect of [MCMP_DIALECT, HTTPD2_DIALECT]) {
      const balancer = testBalancer(dialect);
      balancer.send('CONFIG', CONFIG);
      balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'x' });
      balancer.send('STATUS', 'JVMRoute=n1&Load=0');
      expect(findNode(balancer.state, 'n1')).toMatchObject({ inError: false, errorReason: '', load: 0 });
    }
  });

  test('STATUS with a failed ping sets the error and keeps the load', () => {
    const balancer = testBalancer(MCMP_DIALECT);
    balancer.send('CONFIG', CONFIG);
    balancer.send('STATUS', 'JVMRoute=n1&Load=80');
    balancer.reachable = () => false;
    balancer.send('STATUS', 'JVMRoute=n1&Load=90');
    expect(findNode(balancer.state, 'n1')).toMatchObject({ inError: true, load: 80 });
  });

  test('INFO shows an error as load -1, in httpd-2 as the last load', () => {
    const shown = [MCMP_DIALECT, HTTPD2_DIALECT].map((dialect) => {
      const balancer = testBalancer(dialect);
      balancer.send('CONFIG', CONFIG);
      balancer.send('STATUS', 'JVMRoute=n1&Load=80');
      balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'x' });
      return /Load: (-?\d+)/.exec(balancer.info())?.[1];
    });
    expect(shown).toEqual(['-1', '80']);
  });
});

describe('time', () => {
  test('MCMP-APP-35 the row of a removed node goes after waitBeforeRemove, in one step', () => {
    const balancer = testBalancer(MCMP_DIALECT);
    ENTER.removing(balancer);
    balancer.now += 9_999;
    balancer.apply({ kind: 'TICK' });
    expect(lines(balancer.info(), 'Node:')).toHaveLength(1);
    balancer.now += 1;
    balancer.apply({ kind: 'TICK' });
    expect(balancer.info()).toBe('');
    expect(balancer.events).toEqual([]);
  });

  test('MCMP-INFO-10 in httpd-2 it is called REMOVED for a second wait', () => {
    const balancer = testBalancer(HTTPD2_DIALECT);
    balancer.send('CONFIG', `${CONFIG}&Domain=g1`);
    balancer.send('REMOVE-APP /*', 'JVMRoute=n1');
    balancer.now += 10_000;
    balancer.apply({ kind: 'TICK' });
    expect(balancer.info()).toContain('Name: REMOVED,Balancer: mycluster,LBGroup: ,');
    expect(said(balancer.send('STATUS', 'JVMRoute=n1&Load=1'))).toMatch(/^MEM/);
    balancer.now += 10_000;
    balancer.apply({ kind: 'TICK' });
    expect(balancer.info()).toBe('');
  });

  test('MCMP-STATE-04 in httpd-2 another route gets the address as soon as the row says REMOVED', () => {
    const balancer = testBalancer(HTTPD2_DIALECT);
    ENTER.buried(balancer);
    expect(said(balancer.send('CONFIG', CONFIG.replace('n1', 'n2')))).toBe('200');
    expect(lines(balancer.info(), 'Node:')).toEqual([expect.stringContaining('Name: n2,')]);
  });

  test('a node that fails its pings for brokenNodeTimeout is removed with its contexts', () => {
    const balancer = testBalancer(MCMP_DIALECT);
    balancer.send('CONFIG', CONFIG);
    balancer.send('ENABLE-APP', 'JVMRoute=n1&Alias=a&Context=/x');
    balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'refused' });
    balancer.now += 59_999;
    balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'refused again' });
    balancer.apply({ kind: 'TICK' });
    expect(lines(balancer.info(), 'Node:')).toHaveLength(1);
    balancer.now += 1;
    balancer.apply({ kind: 'TICK' });
    expect(balancer.events.map((event) => event.type)).toEqual(['context-removed', 'alias-removed', 'node-removed']);
    expect(balancer.info()).toBe('');
  });

  test('a good ping starts the count of a broken node anew', () => {
    const balancer = testBalancer(MCMP_DIALECT);
    ENTER.error(balancer);
    balancer.now += 50_000;
    balancer.apply({ kind: 'NODE-UP', route: 'n1' });
    balancer.apply({ kind: 'NODE-DOWN', route: 'n1', reason: 'refused' });
    balancer.now += 50_000;
    balancer.apply({ kind: 'TICK' });
    expect(lines(balancer.info(), 'Node:')).toHaveLength(1);
  });

  test('brokenNodeTimeout 0 keeps broken nodes', () => {
    const balancer = testBalancer(MCMP_DIALECT, { brokenNodeTimeoutMs: 0 });
    ENTER.error(balancer);
    balancer.now += 10_000_000;
    balancer.apply({ kind: 'TICK' });
    expect(lines(balancer.info(), 'Node:')).toHaveLength(1);
  });
});
