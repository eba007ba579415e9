import type { Mutant } from './mutant.ts';

const CHANGES = 'src/core/cluster/changes.ts';
const DUMP = 'src/core/mcmp/dump.ts';
const INFO = 'src/core/mcmp/info.ts';
const VIEWS = 'src/core/cluster/views.ts';

/** Node rows go quickly, so that cases that wait for it are done in a second. */
const QUICK_REMOVAL = {
  flags: ['--wait-before-remove', '500ms'],
  features: [['patience', '']],
} as const;

const VHOST_LINES = `  for (const { node, vhost, slot, alias } of view.vhosts)
    text.add(\`Vhost: [\${node}:\${vhost}:\${slot}], Alias: \${alias}\\n\`);
`;
const CONTEXT_LINES = `  for (const { node, vhost, slot, path, status } of view.contexts) {
    text.add(\`Context: [\${node}:\${vhost}:\${slot}], Context: \${path}, Status: \${status}\\n\`);
  }
`;

/** Faults in what INFO says. */
export const INFO_MUTANTS: readonly Mutant[] = [
  {
    id: 'info/transferred-spelled-right',
    fault: 'spells Transfered as English does',
    direction: 'balancer',
    file: INFO,
    find: "['Transfered', node.transferredBytes]",
    replace: "['Transferred', node.transferredBytes]",
    aims: ['info/node-line', 'info/xml'],
  },
  {
    id: 'info/carriage-returns',
    fault: 'ends Node lines with CR LF',
    direction: 'balancer',
    file: INFO,
    find: `text.add(\`\${line}\\n\`);`,
    replace: `text.add(\`\${line}\\r\\n\`);`,
    aims: ['info/line-ends'],
  },
  {
    id: 'info/contexts-first',
    fault: 'prints Context lines before Vhost lines',
    direction: 'balancer',
    file: INFO,
    find: VHOST_LINES + CONTEXT_LINES,
    replace: CONTEXT_LINES + VHOST_LINES,
    aims: ['info/order-of-lines'],
  },
  {
    id: 'info/vhost-off-by-one',
    fault: 'counts virtual hosts from 0 in Context lines',
    direction: 'balancer',
    file: VIEWS,
    find: 'return { node: vhost.node.id, vhost: vhost.number, slot: id, path, status };',
    replace: 'return { node: vhost.node.id, vhost: vhost.number - 1, slot: id, path, status };',
    aims: ['info/ids-join-lines'],
  },
  {
    id: 'info/elected-twice',
    fault: 'counts every request twice',
    direction: 'balancer',
    file: 'src/core/routing/routing-index.ts',
    find: 'place.contender.counters.elected++;',
    replace: 'place.contender.counters.elected += 2;',
    aims: ['info/elected'],
  },
  {
    id: 'info/bytes-run-down',
    fault: 'lets Transfered become less with every request',
    direction: 'balancer',
    file: VIEWS,
    find: 'transferredBytes: counters.transferredBytes,',
    replace: 'transferredBytes: 1_000_000_000 - counters.transferredBytes,',
    aims: ['info/bytes'],
  },
  {
    id: 'info/removed-node-keeps-its-group',
    fault: 'shows the group of a node whose row is called REMOVED',
    direction: 'balancer',
    file: CHANGES,
    find: "if (trigger === 'due') node.domain = '';",
    replace: "if (trigger !== 'due') node.domain = '';",
    dialect: 'httpd-2',
    ...QUICK_REMOVAL,
    aims: ['info/removed-node'],
  },
  {
    id: 'info/of-everybody',
    fault: 'tells of all nodes although the header names one',
    direction: 'balancer',
    file: 'src/balancer/management/exchange.ts',
    find: 'headerValue(head, ABOUT_HEADER.toLowerCase())',
    replace: 'headerValue(head, ABOUT_HEADER)',
    aims: ['info/one-node'],
  },
  {
    id: 'info/xml-in-lines',
    fault: 'puts each list of the XML on a line of its own',
    direction: 'balancer',
    file: INFO,
    find: "parts.push('</Nodes><Vhosts>');",
    replace: "parts.push('</Nodes>\\n<Vhosts>');",
    aims: ['info/xml-without-spaces', 'info/xml-of-nothing'],
  },
  {
    id: 'info/other-schema',
    fault: 'says another version of its JSON document',
    direction: 'balancer',
    file: VIEWS,
    find: 'schemaVersion: 1,',
    replace: 'schemaVersion: 2 as never,',
    aims: ['info/json'],
  },
];

/** Faults in what DUMP says. */
export const DUMP_MUTANTS: readonly Mutant[] = [
  {
    id: 'dump/maxtry',
    fault: 'calls maxAttempts Maxtry, as an old document does',
    direction: 'balancer',
    file: DUMP,
    find: `maxAttempts: \${b.maxAttempts}\\n`,
    replace: `Maxtry: \${b.maxAttempts}\\n`,
    aims: ['dump/lines'],
  },
  {
    id: 'dump/stopped-before-disabled',
    fault: 'has the numbers of DISABLED and STOPPED the wrong way round',
    direction: 'balancer',
    file: INFO,
    find: '{ ENABLED: 1, DISABLED: 2, STOPPED: 3 }',
    replace: '{ ENABLED: 1, DISABLED: 3, STOPPED: 2 }',
    aims: ['dump/status-numbers'],
  },
  {
    id: 'dump/forgets-empty-balancers',
    fault: 'forgets a balancer when its last node is gone',
    direction: 'balancer',
    file: 'src/core/mcmp/dialects/mcmp.ts',
    find: 'keepsEmptyBalancers: true',
    replace: 'keepsEmptyBalancers: false',
    ...QUICK_REMOVAL,
    aims: ['dump/balancer-outlives-its-nodes'],
  },
  {
    id: 'dump/ttl-for-timeout',
    fault: 'prints the ttl where the timeout belongs',
    direction: 'balancer',
    file: DUMP,
    find: `,timeout: \${n.timeoutSeconds}\\n`,
    replace: `,timeout: \${n.ttlSeconds}\\n`,
    aims: ['dump/timeout'],
  },
  {
    id: 'dump/empty-line',
    fault: 'prints an empty line when there is nothing to print',
    direction: 'balancer',
    file: DUMP,
    find: 'return text.toString();',
    replace: "return text.toString() || '\\n';",
    aims: ['dump/of-nothing'],
  },
  {
    id: 'dump/one-space-less',
    fault: 'has one space less at the end of a Host element',
    direction: 'balancer',
    file: DUMP,
    find: "' '.repeat(27)",
    replace: "' '.repeat(26)",
    aims: ['dump/xml-spaces'],
  },
  {
    id: 'dump/attempts-before-timeout',
    fault: 'has MaxAttempts inside StickySession',
    direction: 'balancer',
    file: DUMP,
    find: '</Force></StickySession><Timeout>',
    replace: '</Force><Timeout>',
    aims: ['dump/xml'],
  },
];
