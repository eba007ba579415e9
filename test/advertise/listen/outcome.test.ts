import { describe, expect, it } from 'vitest';
import { advertiseFault } from '../../../src/advertise/faults.ts';
import type { HeardEvent, ListenOutcome } from '../../../src/advertise/listen/events.ts';
import { createOutcomeBook } from '../../../src/advertise/listen/outcome.ts';
import { selfTestDatagram } from '../../../src/advertise/listen/self-test.ts';
import { GOOD, goodEvent, heardEvent, NOW_MS } from './samples.ts';

const good = goodEvent();
const other = goodEvent({ server: 'other', managerAddress: '192.0.2.11:6666' });
const goodbye = heardEvent(selfTestDatagram('b58743ba', NOW_MS));
const wrongKey = heardEvent(advertiseFault('wrong-key').make(GOOD, 'k'), 'k');
const deadly = heardEvent(advertiseFault('no-digest').make(GOOD, undefined));
const wanted = new URL('http://192.0.2.10:6666/');

interface Row {
  readonly case: string;
  readonly once: boolean;
  readonly expect?: URL;
  readonly events: readonly HeardEvent[];
  readonly timedOut?: boolean;
  /** After which event all has been heard that is needed; undefined: after none. */
  readonly enoughAfter?: number;
  readonly outcome: ListenOutcome;
  readonly reason?: RegExp;
}

const ROWS: readonly Row[] = [
  {
    case: 'once, one that is fine',
    once: true,
    events: [good],
    enoughAfter: 0,
    outcome: 'done',
    reason: /192\.0\.2\.10:6666/,
  },
  { case: 'once, a goodbye: multicast gets through', once: true, events: [goodbye], enoughAfter: 0, outcome: 'done' },
  {
    case: 'once, a wrong one and then a fine one',
    once: true,
    events: [wrongKey, good],
    enoughAfter: 1,
    outcome: 'done',
  },
  {
    case: 'once, only a wrong one',
    once: true,
    events: [wrongKey],
    timedOut: true,
    outcome: 'check-failed',
    reason: /advert\/wrong-key/,
  },
  {
    case: 'once, one that ends Java listeners',
    once: true,
    events: [deadly],
    enoughAfter: 0,
    outcome: 'check-failed',
    reason: /advert\/kills-java-listener/,
  },
  { case: 'once, silence', once: true, events: [], timedOut: true, outcome: 'timeout' },
  { case: 'once, Ctrl-C in silence', once: true, events: [], outcome: 'done' },
  {
    case: 'once, the expected one',
    once: true,
    expect: wanted,
    events: [other, good],
    enoughAfter: 1,
    outcome: 'done',
  },
  {
    case: 'once, another than the expected one',
    once: true,
    expect: wanted,
    events: [other],
    timedOut: true,
    outcome: 'check-failed',
    reason: /http:\/\/192\.0\.2\.10:6666 was not heard/,
  },
  {
    case: 'once, silence instead of the expected one',
    once: true,
    expect: wanted,
    events: [],
    timedOut: true,
    outcome: 'timeout',
  },
  { case: 'all, until the time is over', once: false, events: [good, wrongKey], timedOut: true, outcome: 'done' },
  { case: 'all, silence until the time is over', once: false, events: [], timedOut: true, outcome: 'timeout' },
  { case: 'all, Ctrl-C', once: false, events: [], outcome: 'done' },
  { case: 'all, the expected one', once: false, expect: wanted, events: [good], outcome: 'done' },
  { case: 'all, never the expected one', once: false, expect: wanted, events: [other], outcome: 'check-failed' },
  {
    case: 'all, silence instead of the expected one',
    once: false,
    expect: wanted,
    events: [],
    outcome: 'check-failed',
  },
  {
    case: 'all, the expected one, and then it is wrong',
    once: false,
    expect: wanted,
    events: [good, wrongKey],
    outcome: 'check-failed',
    reason: /advert\/wrong-key/,
  },
  {
    case: 'all, the expected one wrong at first',
    once: false,
    expect: wanted,
    events: [wrongKey, good],
    outcome: 'done',
  },
];

describe('the end of advertise listen', () => {
  it.each(ROWS)('$case: $outcome', ({ once, expect: url, events, timedOut = false, enoughAfter, outcome, reason }) => {
    const book = createOutcomeBook({ once, expect: url });
    const enough = events.map((event) => book.take(event));
    expect(enough.indexOf(true)).toBe(enoughAfter ?? -1);
    const settled = book.settle(timedOut);
    expect(settled.outcome).toBe(outcome);
    if (reason !== undefined) expect(settled.reason).toMatch(reason);
  });
});
