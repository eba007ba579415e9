import type { Mutant } from './mutant.ts';

const QUICK_REMOVAL = {
  flags: ['--wait-before-remove', '500ms'],
  features: [['patience', '']],
} as const;

/** Faults in what stays and what goes over time. */
export const STATE_MUTANTS: readonly Mutant[] = [
  {
    id: 'state/removed-for-ever',
    fault: 'keeps the mark of removal on a node that registers again',
    direction: 'balancer',
    file: 'src/core/cluster/changes.ts',
    find: "if (from === 'removing') {\n        node.removedAtMs = 0;",
    replace: "if (from === 'removing') {",
    aims: ['state/back-at-once', 'state/back-without-status'],
  },
  {
    id: 'state/rows-stay',
    fault: 'never gives the row of a removed node free',
    direction: 'balancer',
    file: 'src/core/cluster/tick.ts',
    find: 'if (now - node.removedAtMs < waitBeforeRemoveMs) break;',
    replace: 'if (now - node.removedAtMs < waitBeforeRemoveMs || now > 0) break;',
    dialect: 'httpd-2',
    ...QUICK_REMOVAL,
    aims: ['app/removed-node-goes', 'state/address-is-free-again'],
  },
  {
    id: 'state/domain-forgotten',
    fault: 'does not remember the domain of a node that left',
    direction: 'balancer',
    file: 'src/core/mcmp/dialects/mcmp.ts',
    find: 'domainMemoryMs: 300_000',
    replace: 'domainMemoryMs: 0',
    flags: ['--wait-before-remove', '0'],
    aims: ['state/domain-of-a-removed-node'],
  },
  {
    id: 'state/domain-remembered',
    fault: 'remembers the domain of a node that left, where httpd 2 does not',
    direction: 'balancer',
    file: 'src/core/mcmp/dialects/httpd-2.ts',
    find: 'domainMemoryMs: 0',
    replace: 'domainMemoryMs: 300_000',
    dialect: 'httpd-2',
    ...QUICK_REMOVAL,
    aims: ['state/domain-is-forgotten'],
  },
  {
    id: 'state/shows-twenty-standbys',
    fault: 'shows at most twenty nodes with Load 0',
    direction: 'balancer',
    file: 'src/core/cluster/views.ts',
    find: 'for (const node of nodesOf(state)) nodes.push(infoNode(node, replies));',
    replace:
      'for (const node of nodesOf(state)) if (nodes.filter(({ load }) => load === 0).length < 20) nodes.push(infoNode(node, replies));',
    aims: ['state/thirty-nodes'],
  },
];
