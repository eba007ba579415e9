import { said } from '../../case.ts';
import { inAll } from '../../dialects.ts';
import { Deviation, demand } from '../../verdict.ts';
import type { WireConnection } from '../../wire/connection.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';

const SECURITY = { level: 'must', lines: [], tags: ['security', 'exhaustion'] } as const;

const KIB = 1024;
const MIB = 1024 * KIB;

/** More than any of the implementations takes as one message (reference §1.3). */
const ENDLESS_BODY_BYTES = 16 * MIB;
/** More than any of them takes as a head: Undertow takes 1 MiB and 200 lines, httpd 100 lines of 8190 bytes. */
const ENDLESS_HEAD_BYTES = 3 * MIB;
const PIECE_BYTES = 64 * KIB;
const LINE_BYTES = KIB;

const SILENT_CONNECTIONS = 200;
/** So long an INFO may take while others say nothing: much more than it needs. */
const INFO_TIMEOUT_MS = 2000;
/** The longest of the defaults: 60 s of nginx for a head. */
const HEAD_DUE_MS = 65_000;

/** What a peer may use up, and what it may not take from others. */
export const SECURITY_LIMIT_CASES = [
  balancerCase({
    id: 'security/endless-message',
    requirement: 'A message that does not end is given up within bounds; others are served meanwhile.',
    spec: '1.3; CWE-400',
    ...SECURITY,
    deadlineMs: 20_000,
    expected: inAll(said('an answer or the end of the connection before 16 MiB of body, and INFO answered')),
    async run(trial) {
      const connection = await trial.openMcmp();
      const route = trial.route();
      const begin = `JVMRoute=${route}&Load=1&X=`;
      connection.write(
        `STATUS / HTTP/1.1\r\nHost: ${trial.mcmpUrl.host}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(begin)}`,
      );
      await feed(connection, chunk('x'.repeat(PIECE_BYTES)), ENDLESS_BODY_BYTES);
      await demandGivenUp(connection, `${ENDLESS_BODY_BYTES / MIB} MiB of a body that goes on`);
      await demandInfo(trial);
    },
  }),
  balancerCase({
    id: 'security/endless-head',
    requirement: 'The head of a message that does not end is given up within bounds.',
    spec: 'CVE-2024-4109; RFC 9112 2.3',
    ...SECURITY,
    deadlineMs: 20_000,
    expected: inAll(said('an answer or the end of the connection before 3 MiB of head, and INFO answered')),
    async run(trial) {
      await demandHeadBounded(trial, await trial.openMcmp(), 'INFO');
    },
  }),
  balancerCase({
    id: 'security/endless-web-head',
    requirement: 'The head of a web request that does not end is given up within bounds.',
    spec: 'CVE-2024-4109; RFC 9112 2.3',
    ...SECURITY,
    needs: ['traffic'],
    deadlineMs: 20_000,
    expected: inAll(said('an answer or the end of the connection before 3 MiB of head, and INFO answered')),
    async run(trial) {
      await demandHeadBounded(trial, await trial.openTraffic(), 'GET');
    },
  }),
  balancerCase({
    id: 'security/large-head',
    requirement: 'A head of 64 KiB gets a clear answer or a closed connection.',
    spec: 'RFC 6585 5',
    ...SECURITY,
    expected: inAll(said('an answer or the end of the connection, and INFO answered')),
    async run(trial) {
      const lines = `X-Filler: ${'x'.repeat(LINE_BYTES)}\r\n`.repeat(64);
      for (const filler of [lines, `X-Filler: ${'x'.repeat(64 * KIB)}\r\n`, `Cookie: ${'a=b; '.repeat(13_000)}\r\n`]) {
        const connection = await trial.openMcmp();
        connection.write(`INFO / HTTP/1.1\r\nHost: ${trial.mcmpUrl.host}\r\nConnection: close\r\n${filler}\r\n`);
        await demandGivenUp(connection, 'a head of 64 KiB');
      }
      await demandInfo(trial);
    },
  }),
  balancerCase({
    id: 'security/silent-connections',
    requirement: 'Connections that say nothing, or half a head, keep nobody else from being answered.',
    spec: 'CWE-400; CWE-770',
    ...SECURITY,
    expected: inAll(said('INFO answered beside 200 of them')),
    async run(trial) {
      for (let count = 0; count < SILENT_CONNECTIONS; count++) {
        const silent = await trial.openMcmp();
        if (count % 2 === 1) silent.write('INFO / HTTP/1.1\r\nHo');
        trial.after(() => silent.close());
      }
      await demandInfo(trial);
    },
  }),
  balancerCase({
    id: 'security/slow-head',
    requirement: 'A head that does not go on is not waited for without end.',
    spec: 'CWE-400',
    ...SECURITY,
    needs: ['patience'],
    deadlineMs: HEAD_DUE_MS + 5000,
    expected: inAll(said('an answer or the end of the connection within 65 s')),
    async run(trial) {
      const connection = await trial.openMcmp();
      connection.write('INFO / HTTP/1.1\r\nHo');
      await demandGivenUp(connection, 'half a head', HEAD_DUE_MS);
    },
  }),
];

async function demandHeadBounded(trial: BalancerTrial, connection: WireConnection, method: string): Promise<void> {
  connection.write(`${method} / HTTP/1.1\r\nHost: ${trial.mcmpUrl.host}\r\n`);
  const lines = `X-Filler: ${'x'.repeat(LINE_BYTES)}\r\n`.repeat(PIECE_BYTES / LINE_BYTES);
  await feed(connection, lines, ENDLESS_HEAD_BYTES);
  await demandGivenUp(connection, `${ENDLESS_HEAD_BYTES / MIB} MiB of a head that goes on`);
  await demandInfo(trial);
}

/** Writes a piece again and again until so much is sent, an answer comes, or the connection ends. */
async function feed(connection: WireConnection, piece: string, totalBytes: number): Promise<void> {
  for (let sent = 0; sent < totalBytes; sent += piece.length) {
    if (connection.received() !== '' || connection.end() !== 'open') return;
    connection.write(piece);
    // What a peer does with it has to come in between.
    await new Promise(setImmediate);
  }
}

async function demandGivenUp(connection: WireConnection, what: string, timeoutMs?: number): Promise<void> {
  try {
    await connection.until('an answer', (received) => /^HTTP\/1\.[01] \d{3} /.test(received), timeoutMs);
  } catch (error) {
    if (!(error instanceof Deviation)) throw error;
    const ended = connection.end() !== 'open' && connection.received() === '';
    if (!ended) throw new Deviation('fail', `an answer or the end of the connection for ${what}`, error.actual);
  } finally {
    connection.close();
  }
}

async function demandInfo(trial: BalancerTrial): Promise<void> {
  const { status } = await trial.send('INFO', '', { timeoutMs: INFO_TIMEOUT_MS });
  demand(status === 200, 'an answer to INFO', `status ${status}`);
}

function chunk(data: string): string {
  return `${data.length.toString(16)}\r\n${data}\r\n`;
}
