import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startProgram } from '../cli/program/start-program.ts';
import { DELIBERATE_DIFFERENCES } from '../core/mcmp/deliberate-differences.ts';
import { doPageCommand, recordedAnswer, replay } from '../replay/httpd-replay.ts';
import { createPeer } from '../replay/mcmp-peer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { startNode } from '../support/node-server.ts';
import { balancerRecordings } from '../support/recordings.ts';

const RECORDINGS = balancerRecordings('mod_proxy_cluster-2.0.0.Dev');

/** As httpd counts by default: Maxnode, Maxhost, Maxcontext. */
const TABLE_SIZES = ['--max-nodes', '20', '--max-hosts', '20', '--max-contexts', '100'] as const;

/** The address of a node that names none; a server there would be pinged well. */
const DEFAULT_AJP_PORT = 8009;

async function startServe(): Promise<number> {
  const addresses = ['--listen', '127.0.0.1:0', '--mcmp', '127.0.0.1:0'];
  const program = startProgram(['serve', '--json', '--dialect', 'httpd-2', ...addresses, ...TABLE_SIZES]);
  const [line] = await program.written('stdout', /^.*\n/);
  const { mcmp }: { mcmp: string[] } = JSON.parse(line);
  return Number(mcmp[0]?.split(':')[1]);
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost');
    freeAfter(() => {
      socket.destroy();
    });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
}

describe('mcmp serve --dialect httpd-2 answers as the recorded mod_proxy_cluster 2.0.0.Dev did', () => {
  test.for(RECORDINGS)('$file', async ({ file, exchanges }, context) => {
    const usesDefault = JSON.stringify(exchanges).includes(`Port: ${DEFAULT_AJP_PORT}`);
    context.skip(usesDefault && (await isTaken(DEFAULT_AJP_PORT)), `a server listens on port ${DEFAULT_AJP_PORT}`);
    const ports = new Map([
      [9001, (await startNode('node1')).port],
      [9002, (await startNode('node2')).port],
    ]);
    const peer = createPeer(await startServe());
    const listed = DELIBERATE_DIFFERENCES.filter((row) => row.file === file).flatMap((row) => row.exchanges);
    const different: number[] = [];
    for (const [index, exchange] of exchanges.entries()) {
      const { method, uri } = exchange.request;
      const answer = await replay(peer, exchange, ports);
      await doPageCommand(peer, exchange);
      if (!listed.includes(index)) {
        expect(answer, `${file}[${index}] ${method} ${uri}`).toEqual(recordedAnswer(exchange));
      } else if (!isEqual(answer, recordedAnswer(exchange))) different.push(index);
    }
    expect(different, 'the exchanges that the table of deliberate differences lists').toEqual(
      listed.toSorted(byNumber),
    );
  });

  test('the table of deliberate differences names each exchange once, with its reason', () => {
    const places = DELIBERATE_DIFFERENCES.flatMap(({ file, exchanges }) =>
      exchanges.map((index) => `${file}[${index}]`),
    );
    expect(places).toEqual([...new Set(places)]);
    const known = RECORDINGS.flatMap(({ file, exchanges }) => exchanges.map((_, index) => `${file}[${index}]`));
    expect(known).toEqual(expect.arrayContaining(places));
    for (const { reason } of DELIBERATE_DIFFERENCES) expect(reason).toMatch(/^[A-Z].{20,}\.$/);
  });
});

function isEqual(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function byNumber(one: number, other: number): number {
  return one - other;
}
