import { type FaultName, faultRow } from '../../src/node/faults/table.ts';

export interface Cell {
  readonly seen: string;
  readonly delivered: number;
}

const COLUMNS = ['GET alone', 'GET with another node', 'POST alone', 'POST with another node'] as const;

/** The page that the test compares with what it saw. */
export function failuresPage(faults: readonly FaultName[], cells: ReadonlyMap<string, Cell>): string {
  const rows = faults.map((fault) => {
    const seen = COLUMNS.map((column) => cells.get(`${fault} ${column}`)?.seen ?? 'not seen');
    return `| \`${fault}\` | ${faultRow(fault).describe} | ${seen.join(' | ')} |`;
  });
  return `# When a node fails: what the client sees

Written by \`npm run failures\` from real exchanges; \`npm test\` compares. A client asks \`mcmp serve\` for a page of 4 KiB
(GET), or posts 2 KiB and gets that page (POST). Nodes speak HTTP, or AJP or TLS where the fault is about that. The one that is
asked registered well, has a connection open to the balancer (by TLS none, as only new ones can fail), and begins to fail just
before the request: no ping has noticed yet. *Alone*: it is the only node. *With another node*: a second one, a hot standby,
serves the same context.

| fault of \`node-sim\` | what the node does | GET, alone | GET, another node | POST, alone | POST, another node |
|---|---|---|---|---|---|
${rows.join('\n')}

- **200**: the whole answer came, from this node or the other one.
- **502**: the node's answer cannot be used, or its connection broke and the request may not be repeated. **503**: no node is
  left that could be asked. **504**: the node was silent for \`--upstream-timeout\`.
- **cut short**: the head and a part of the body had been passed on when it happened; the connection is closed before the
  length is reached, so that the client can tell.
- A request is given to a second node only if it may be repeated (GET, HEAD, OPTIONS and TRACE: RFC 9110 §9.2.1), if not a byte
  of it had been sent, or if the node said that it did not act on it. The test fails when a POST reaches two nodes.
- \`ajp-refused\` stands at 403 because the connection has served before, so the secret was right: that 403 is taken for one of the
  application. On a new connection it is taken for a refused secret ([balancer.md](balancer.md#nodes-that-speak-ajp)).
`;
}
