import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createJavaListener, lintAdvertisement, readAdvertisement } from '../../../src/core/advertise/index.ts';

interface RecordedCase {
  readonly case: string;
  readonly joined?: boolean;
  readonly listenerStillWorks?: boolean;
  readonly node?: Readonly<Record<string, string>>;
  readonly datagrams?: readonly string[];
  readonly nodeLog?: readonly string[];
  readonly note?: string;
}

const FOLDER = join(import.meta.dirname, '../../../fixtures/recordings/nodes');
const read = <T>(file: string): T => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as T;
const cases = read<readonly RecordedCase[]>('advertise-mod_cluster-2.1.0.json');

/** Why a datagram that would make a node join did not, by what the recording says around it. */
function outerReason({ note, nodeLog = [], datagrams = [] }: RecordedCase): string | undefined {
  if (datagrams.length === 0) return 'no datagram was sent';
  if (note !== undefined && /never started|nothing reaches/.test(note)) return note;
  if (nodeLog.some((line) => line.includes('Connection refused'))) return 'it joined an address where nobody listens';
  if (datagrams.some((text) => /X-Manager-Address: [a-z.-]*invalid/.test(text))) return 'the name does not resolve';
  return undefined;
}

describe('the model of a Java listener', () => {
  for (const recorded of cases) {
    it(`does what a real one did with: ${recorded.case}${recorded.note === undefined ? '' : ` (${recorded.note})`}`, () => {
      const listener = createJavaListener(recorded.node?.['advertise-key']);
      const verdicts = (recorded.datagrams ?? []).map((text) => listener.hear(Buffer.from(text, 'latin1')));
      const outer = outerReason(recorded);
      const joins = verdicts.some(({ does }) => does === 'joins');
      if (recorded.joined === true) expect(verdicts.map(({ does }) => does)).toContain('joins');
      else if (joins) expect(outer).toBeDefined();
      const died = (recorded.nodeLog ?? []).some((line) => line.startsWith('Exception in thread'));
      expect(verdicts.some(({ does }) => does === 'dies')).toBe(died);
    });
  }
});

interface HeardDatagram {
  readonly atMs: number;
  readonly from: string;
  readonly datagram: string;
}

describe('what a real Undertow sends', () => {
  for (const { from, datagram } of read<readonly HeardDatagram[]>('advertise-undertow-2.3.23.json')) {
    const bytes = Buffer.from(datagram, 'latin1');
    const reading = readAdvertisement(bytes);
    it(`is well, but for an address that only its own machine reaches: Sequence ${reading.sequence}`, () => {
      const receivedAtMs = Date.parse(reading.date ?? '');
      const findings = lintAdvertisement(reading, bytes, { receivedAtMs, source: from.replace(/:\d+$/, '') });
      expect(findings.map(({ id }) => id)).toEqual(['advert/loopback']);
    });
  }
});
