import {
  type AdvertisementReading,
  advertiseDigest,
  readAdvertiseDate,
  sequenceOf,
} from '../../../core/advertise/index.ts';
import { parseDuration } from '../../../core/units.ts';
import { outcome, said } from '../../case.ts';
import { inAll, inHU } from '../../dialects.ts';
import { lookUntil } from '../../engine/clock.ts';
import { Deviation, demand, demandEqual, NotHere } from '../../verdict.ts';
import type { Advertisements, HeardAdvertisement } from '../advertisements.ts';
import { accepted, expectAnswer } from '../answers.ts';
import { messageBytes } from '../create-trial.ts';
import { hearLifetimes } from '../time-to-live.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';

/** A datagram is due every 10 s, and the first one within 11 s of the start (reference §7.1). */
const DUE_MS = 11_000;
/** Time for one datagram, and something to spare. */
const ONE_DATAGRAM = { needs: ['advertise'], tags: ['advertise'], deadlineMs: 15_000 } as const;
const SEVERAL_DATAGRAMS = { needs: ['advertise', 'patience'], tags: ['advertise'], deadlineMs: 45_000 } as const;
const WITH_RESTART = {
  needs: ['advertise', 'restart'],
  tags: ['advertise'],
  isolated: false,
  disturbs: true,
  deadlineMs: 60_000,
} as const;
const DEFAULT_FREQUENCY_MS = 10_000;
/** The sender looks at its clock every 100 ms (reference §7.1), and both machines may be busy. */
const CLOCK_SLACK_MS = 250;
const CLOCK_SLACK = 0.05;

/** Waits for datagrams of the balancer with status 200. */
async function alive(
  trial: BalancerTrial,
  heard: Advertisements,
  count = 1,
  timeoutMs?: number,
): Promise<readonly HeardAdvertisement[]> {
  const what = count === 1 ? 'an advertisement of the balancer' : `${count} advertisements of the balancer`;
  const found = await trial
    .until(
      what,
      async () => {
        const own = heard.own().filter(({ reading }) => reading.status === 200);
        return own.length >= count && own;
      },
      timeoutMs,
    )
    .catch((error: unknown) => {
      // What was heard instead explains more than that it was not this.
      demand(heard.own().length >= count, `${what} at ${trial.mcmpUrl.host}`, heard.words());
      throw error;
    });
  return found;
}

async function oneDatagram(trial: BalancerTrial): Promise<AdvertisementReading> {
  const [first] = await alive(trial, await trial.datagrams());
  if (first === undefined) throw new Error('a list of one has a first');
  return first.reading;
}

/** Restarts the balancer; resolves when it is heard again, under another id. */
async function heardAgain(trial: BalancerTrial): Promise<{
  /** Of the old id, sent since the restart began. */
  readonly lastWords: readonly AdvertisementReading[];
  readonly first: AdvertisementReading;
}> {
  const heard = await trial.datagrams();
  const [one] = await alive(trial, heard, 1, DUE_MS);
  const before = one?.reading.server;
  const known = heard.all.length;
  await trial.restart();
  const first = await trial.until(
    'an advertisement under a new Server id after the restart',
    async () => heard.own().find(({ reading }) => reading.status === 200 && reading.server !== before),
    DUE_MS,
  );
  const since = heard.all.slice(known).map(({ reading }) => reading);
  return {
    lastWords: since.filter(({ server, status }) => server === before && status !== 200),
    first: first.reading,
  };
}

/** Advertisements (reference §7, checklist §11.13). */
export const ADVERTISE_CASES = [
  balancerCase({
    id: 'advertise/first-datagram',
    requirement: 'Within 11 s a datagram arrives in the group that begins with the status line of a living balancer.',
    level: 'must',
    lines: ['MCMP-ADV-01'],
    spec: '7.1',
    ...ONE_DATAGRAM,
    expected: inAll(said('`HTTP/1.0 200 OK` and CRLF within 11 s')),
    async run(trial) {
      const [first] = await alive(trial, await trial.datagrams(), 1, DUE_MS);
      const text = first?.reading.text ?? '';
      demandEqual('first line', text.slice(0, text.indexOf('\n') + 1), 'HTTP/1.0 200 OK\r\n');
    },
  }),
  balancerCase({
    id: 'advertise/lines',
    requirement: 'The lines of a datagram come in one order, each with colon and space, each ended by CRLF.',
    level: 'should',
    lines: ['MCMP-ADV-02'],
    spec: '7.2',
    ...ONE_DATAGRAM,
    expected: inHU(
      said('Date, Sequence, Digest, Server, X-Manager-Address, X-Manager-Url, X-Manager-Protocol, X-Manager-Host'),
    ),
    async run(trial, { words }) {
      const { text } = await oneDatagram(trial);
      const lines = text.split('\r\n');
      const names = lines.slice(1, 9).map((line) => /^([^:]+): \S/.exec(line)?.[1] ?? JSON.stringify(line));
      demandEqual('names of the lines', names.join(', '), words);
      demandEqual('what stands behind the last line', lines.slice(9).join(''), '');
      demandEqual('LF or CR alone', /[^\r]\n|\r[^\n]/.test(text), false);
    },
  }),
  balancerCase({
    id: 'advertise/empty-line',
    requirement: 'The datagram ends with an empty line, or with its last line.',
    level: 'may',
    lines: ['MCMP-ADV-03'],
    spec: '7.2',
    ...ONE_DATAGRAM,
    expected: {
      ...inAll(outcome('an empty line at the end', '\r\n\r\n')),
      undertow: outcome('no empty line at the end', '\r\n'),
    },
    async run(trial, { value }) {
      const { text } = await oneDatagram(trial);
      demandEqual('line ends at the end', /[\r\n]*$/.exec(text)?.[0] ?? '', value);
    },
  }),
  balancerCase({
    id: 'advertise/digest-without-key',
    requirement: 'Without a security key, the Digest is made with sixteen zero bytes.',
    level: 'should',
    lines: ['MCMP-ADV-04'],
    spec: '7.3',
    ...ONE_DATAGRAM,
    expected: inHU(said('the MD5 of 16 zero bytes, Date, Sequence and Server, in lower-case hex')),
    async run(trial) {
      if (trial.features.has('advertise-key')) throw new NotHere('this balancer has a key');
      demandDigest(await oneDatagram(trial), undefined);
    },
  }),
  balancerCase({
    id: 'advertise/digest-with-key',
    requirement: 'With a security key, the Digest is made with the MD5 of the key.',
    level: 'should',
    lines: ['MCMP-ADV-05'],
    spec: '7.3',
    ...ONE_DATAGRAM,
    needs: ['advertise', 'advertise-key'],
    expected: inHU(said('the MD5 of MD5(key), Date, Sequence and Server, in lower-case hex')),
    async run(trial) {
      demandDigest(await oneDatagram(trial), trial.features.get('advertise-key'));
    },
  }),
  balancerCase({
    id: 'advertise/sequence',
    requirement: 'From one datagram to the next the Server id stays and the Sequence grows by one.',
    level: 'should',
    lines: ['MCMP-ADV-06'],
    spec: '7.2',
    ...SEVERAL_DATAGRAMS,
    expected: inHU(said('the same Server, and Sequence + 1')),
    async run(trial) {
      const [first, second] = await alive(trial, await trial.datagrams(), 2);
      demandEqual('Server of the second datagram', second?.reading.server ?? '', first?.reading.server ?? '');
      const before = sequenceOf(first?.reading.sequence ?? '');
      const next = before === undefined ? 'a number' : String(before + 1n);
      demandEqual('Sequence of the second datagram', second?.reading.sequence ?? '', next);
    },
  }),
  balancerCase({
    id: 'advertise/first-sequence',
    requirement: 'After a start the Sequence begins anew.',
    level: 'may',
    lines: ['MCMP-ADV-07'],
    spec: '7.2',
    ...WITH_RESTART,
    expected: {
      mcmp: outcome('Sequence: 1', '1'),
      'httpd-2': outcome('Sequence: 1', '1'),
      'httpd-1.3': outcome('Sequence: 1', '1'),
      undertow: outcome('Sequence: 0', '0'),
    },
    async run(trial, { value }) {
      const { first } = await heardAgain(trial);
      demandEqual('Sequence of the first datagram', first.sequence ?? '', value);
    },
  }),
  balancerCase({
    id: 'advertise/frequency',
    requirement: 'The time between two datagrams is what was configured; 10 s if nothing was.',
    level: 'should',
    lines: ['MCMP-ADV-08'],
    spec: '7.1',
    ...SEVERAL_DATAGRAMS,
    expected: inHU(said('10 s, or what --with advertise-frequency says')),
    async run(trial) {
      const text = trial.features.get('advertise-frequency');
      const everyMs = text === undefined ? DEFAULT_FREQUENCY_MS : parseDuration(text, 's');
      if (typeof everyMs === 'string') throw new NotHere(`--with advertise-frequency: ${everyMs}`);
      const found = await alive(trial, await trial.datagrams(), 3);
      const [first, , third] = found;
      const meanMs = Math.round(((third?.atMs ?? 0) - (first?.atMs ?? 0)) / 2);
      demand(
        Math.abs(meanMs - everyMs) <= CLOCK_SLACK_MS + everyMs * CLOCK_SLACK,
        `${everyMs} ms between two datagrams`,
        `${meanMs} ms, as the mean of two`,
      );
    },
  }),
  balancerCase({
    id: 'advertise/address-answers',
    requirement: 'MCMP is spoken at the address that is advertised.',
    level: 'should',
    lines: ['MCMP-ADV-09'],
    spec: '7.2',
    ...ONE_DATAGRAM,
    expected: inHU(said('200 to an INFO at X-Manager-Address')),
    async run(trial) {
      const { managerAddress = '', managerProtocol = 'http' } = await oneDatagram(trial);
      const at = new URL(`${managerProtocol}://${managerAddress}`);
      const connection = await trial.openMcmp({ at }).catch((error: Error) => {
        throw new Deviation('fail', `a connection to ${at.href}`, error.message);
      });
      connection.write(messageBytes(at, 'INFO', '', {}));
      expectAnswer(await connection.answer('INFO'), accepted());
    },
  }),
  balancerCase({
    id: 'advertise/goodbye',
    requirement: 'Who stops says so: nodes hear that the balancer is going and is gone, without an address.',
    level: 'may',
    lines: ['MCMP-ADV-10', 'MCMP-ADV-11'],
    spec: '7.4',
    ...WITH_RESTART,
    expected: {
      mcmp: outcome('403 and 410 of the old id, without X-Manager lines', '403 410'),
      'httpd-2': outcome('403 and 410 (gracefully: 403 twice) of the old id, without X-Manager lines', '403 410'),
      'httpd-1.3': outcome('403 and 410 (gracefully: 403 twice) of the old id, without X-Manager lines', '403 410'),
      undertow: outcome('nothing', ''),
    },
    async run(trial, { value }, dialect) {
      const { lastWords } = await heardAgain(trial);
      const statuses = lastWords.map(({ status }) => String(status)).join(' ');
      const graceful = dialect !== 'mcmp' && value !== '' && statuses === '403 403';
      if (!graceful) demandEqual('status lines that the old id sent last', statuses, value);
      const named = lastWords.flatMap(({ headers }) => headers.map(([name]) => name));
      demandEqual('X-Manager lines in them', named.filter((name) => /^x-manager/i.test(name)).join(', '), '');
    },
  }),
  balancerCase({
    id: 'advertise/new-id-after-restart',
    requirement: 'A balancer that starts anew has a new Server id.',
    level: 'may',
    lines: ['MCMP-ADV-11'],
    spec: '7.2',
    ...WITH_RESTART,
    expected: inAll(said('another Server id than before')),
    async run(trial) {
      // Who keeps its id is not heard under a new one.
      await heardAgain(trial);
    },
  }),
  balancerCase({
    id: 'advertise/date',
    requirement: 'The Date is written as the dialect writes it.',
    level: 'may',
    lines: ['MCMP-ADV-12'],
    spec: '7.2',
    ...ONE_DATAGRAM,
    expected: {
      mcmp: outcome('a date that ends with GMT', / GMT$/),
      'httpd-2': outcome('a date that ends with GMT', / GMT$/),
      'httpd-1.3': outcome('a date that ends with GMT', / GMT$/),
      undertow: outcome('a date that ends with a numeric zone', / [+-]\d{4}$/),
    },
    async run(trial, { words, value }) {
      const { date = '' } = await oneDatagram(trial);
      demand(value.test(date) && readAdvertiseDate(date) !== undefined, words, `Date: ${date}`);
    },
  }),
  balancerCase({
    id: 'advertise/manager-url',
    requirement: 'X-Manager-Url is that of the dialect when nothing else is configured.',
    level: 'may',
    lines: ['MCMP-ADV-13'],
    spec: '7.2',
    ...ONE_DATAGRAM,
    expected: {
      mcmp: outcome('`/`', ''),
      'httpd-2': outcome('`/` and the Server id', 'id'),
      'httpd-1.3': outcome('`/` and the Server id', 'id'),
      undertow: outcome('`/`', ''),
    },
    async run(trial, { value }) {
      const { managerUrl = '', server = '' } = await oneDatagram(trial);
      demandEqual('X-Manager-Url', managerUrl, value === 'id' ? `/${server}` : '/');
    },
  }),
  balancerCase({
    id: 'advertise/silent',
    requirement: 'A balancer that is not told to advertise sends nothing, not even when it starts.',
    level: 'should',
    lines: ['MCMP-ADV-14'],
    spec: '7.4',
    ...WITH_RESTART,
    needs: ['no-advertise', 'restart'],
    expected: inHU(said('no datagram at the start, when the first one would be due')),
    async run(trial) {
      const heard = await trial.datagrams('no-advertise');
      await trial.restart();
      // The first datagram is due at the first tick of 100 ms (reference §7.1).
      const seen = await lookUntil(async () => heard.own().length > 0, 300, trial.signal);
      demand(seen === undefined, 'silence', () => heard.words());
    },
  }),
  balancerCase({
    id: 'advertise/ttl',
    requirement: 'The TTL of the datagrams is the default of the dialect when nothing else is configured.',
    level: 'should',
    lines: ['MCMP-ADV-15'],
    spec: '7.1',
    ...ONE_DATAGRAM,
    expected: { ...inAll(outcome('a TTL of 10', 10)), mcmp: outcome('a TTL of 16', 16) },
    async run(trial, { value }) {
      const heard = await trial.datagrams();
      const lifetimes = await hearLifetimes(heard, trial.after);
      const own = await trial.until('an advertisement of the balancer, with its TTL', async () => {
        const servers = new Set(heard.own().map(({ reading }) => reading.server));
        return lifetimes.find(({ reading }) => reading.server !== undefined && servers.has(reading.server));
      });
      demandEqual('TTL', own.ttl, value);
    },
  }),
];

function demandDigest(reading: AdvertisementReading, key: string | undefined): void {
  const { date = '', sequence = '', server = '', digest = '' } = reading;
  demandEqual('Digest', digest, advertiseDigest({ date, sequence, server }, key));
}
