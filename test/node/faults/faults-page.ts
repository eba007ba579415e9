import { AMOUNT_KINDS } from '../../../src/node/faults/amount.ts';
import { FAULT_GRAMMAR } from '../../../src/node/faults/grammar.ts';
import { FAULTS, type FaultName, type FaultRow, faultRow } from '../../../src/node/faults/table.ts';

const INTRODUCTION = `# Faults of simulated nodes

This page is made from the table that the program reads: \`npx vitest run test/node/faults/table.test.ts --update\` writes it
anew.

\`mcmp node-sim --fault SPEC\` switches a fault on from the start, the control API (\`--control\`) and \`mcmp node-sim ctl\`
while the nodes run, with connections open or not. Switched off, everything is as it should be with the next request; what
was waiting because of the fault goes on.

The dice are seeded: with the same \`--seed\`, the n-th request of a node meets the same faults, however many other nodes there
are and whatever they do. Pings (\`OPTIONS *\`, by AJP CPING) have dice of their own; only faults that name them below strike them.
`;

const SIDES = [
  ['traffic', '## In the traffic that balancers send to a node'],
  ['mcmp', '## In what a node says by MCMP'],
] as const;

/** docs/faults.md. */
export function faultsPage(): string {
  const { shape, parts, examples } = FAULT_GRAMMAR;
  return [
    INTRODUCTION,
    '## How a fault is written\n',
    `\`\`\`\n${shape}\n\`\`\`\n`,
    table(
      ['', ''],
      parts.map(([part, meaning]) => [`\`${part}\``, meaning]),
    ),
    'Several faults can be on at once. Of those that take the place of an answer (`reset` to `error` in the table) one strikes;',
    'the timing faults and those that count bytes come on top. The first of two with the same name has the first try.\n',
    `\`\`\`sh\nmcmp node-sim --nodes 3 ${examples
      .slice(0, 4)
      .map((one) => `--fault '${one}'`)
      .join(' ')}\n\`\`\`\n`,
    ...SIDES.flatMap(([side, heading]) => [`${heading}\n`, sideTable(side)]),
    `WebSockets: \`handshake\` strikes the handshake like any other request, \`bytes\` also what the node sends over one that is`,
    'open; where nothing stands, a WebSocket does not notice.\n',
    '`only`: nodes have to speak this (`--type`): HTTP are http, ws, https and wss, TLS are https and wss. A fault that the nodes',
    'cannot have is refused. Where nothing stands, it strikes all of them; by AJP the bytes that count are those of its packets.',
    '',
  ].join('\n');
}

function sideTable(side: FaultRow['side']): string {
  const rows = (Object.keys(FAULTS) as FaultName[])
    .map((name) => [name, faultRow(name)] as const)
    .filter(([, row]) => row.side === side);
  const isTraffic = side === 'traffic';
  const heads = [
    'fault',
    'class',
    'what the node does',
    'amount',
    ...(isTraffic ? ['WebSockets', 'only'] : []),
    'example',
  ];
  return table(
    heads,
    rows.map(([name, row]) => [
      `\`${name}\``,
      row.class,
      row.detail === undefined ? row.describe : `${row.describe}. ${row.detail}`,
      amountWords(row),
      ...(isTraffic ? [row.webSocket ?? '', (row.connector ?? '').toUpperCase()] : []),
      `\`${row.example}\``,
    ]),
  );
}

function amountWords({ amount, default: usual, lasts }: FaultRow): string {
  if (amount === 'none') return lasts === true ? 'none, and no chance' : '';
  return `${AMOUNT_KINDS[amount].words}; default ${usual}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), `|${heads.map(() => '---').join('|')}|`, ...rows.map(line), ''].join('\n');
}
