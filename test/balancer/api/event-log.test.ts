import { expect, it } from 'vitest';
import { createEventLog } from '../../../src/balancer/management/events/event-log.ts';

it('keeps nothing before somebody has asked for an id, and everything from then on', () => {
  const log = createEventLog('7');
  expect(log.begun).toBe(false);
  expect(log.lastId()).toBe('7-0');
  expect(log.begun).toBe(true);
  log.add('node-added', { a: 1 });
  expect(log.lastId()).toBe('7-1');
  expect(log.at(1)?.bytes.toString()).toBe('id: 7-1\nevent: node-added\ndata: {"a":1}\n\n');
});

it('keeps 10,000 events: who knows an older id is not told of a part of what came since', () => {
  const log = createEventLog('7');
  for (let event = 1; event <= 10_001; event++) log.add('message', {});
  expect(log.at(1)).toBeUndefined();
  expect(log.at(2)?.sequence).toBe(2);
  expect(log.sequenceOf('7-0')).toBeUndefined();
  expect(log.sequenceOf('7-1')).toBe(1);
  expect(log.sequenceOf('7-10001')).toBe(10_001);
  expect(log.sequenceOf('7-10002')).toBeUndefined();
});

it('keeps 8 MiB of events, however few they are', () => {
  const log = createEventLog('7');
  const mebibyte = 'x'.repeat(1024 * 1024);
  for (let event = 1; event <= 20; event++) log.add('message', { mebibyte });
  const kept = Array.from({ length: 20 }, (_, index) => log.at(index + 1)).filter((event) => event !== undefined);
  expect(kept.map(({ sequence }) => sequence)).toEqual([14, 15, 16, 17, 18, 19, 20]);
  log.add('message', { mebibyte: mebibyte.repeat(9) });
  expect([log.at(20), log.at(21), log.sequenceOf('7-20'), log.sequenceOf('7-21')]).toEqual([
    undefined,
    undefined,
    undefined,
    21,
  ]);
});

it('lets nobody go on over events that were skipped', () => {
  const log = createEventLog('7');
  log.add('message', {});
  log.skip();
  expect(log.sequenceOf('7-1')).toBeUndefined();
  expect(log.sequenceOf('7-2')).toBe(2);
  log.add('message', {});
  expect(log.at(3)?.sequence).toBe(3);
});

it.each(['', '7', '7-', '-1', '7-1x', '7--1', '8-1', '07-1', '7-1 ', '7-99999999999999999999', '7-0x1', '７-1'])(
  'takes %j for no id of its own',
  (id) => {
    const log = createEventLog('7');
    log.add('message', {});
    expect(log.sequenceOf(id)).toBeUndefined();
  },
);

it('writes names that would play with a terminal or end the line as escapes', () => {
  const log = createEventLog('7');
  log.add('message', { name: 'a\u2028\u202e\u009b31m\n\r' });
  const text = log.at(1)?.bytes.toString() ?? '';
  expect(text).toContain('"a\\u2028\\u202e\\u009b31m\\n\\r"');
  expect(text.split('\n')).toHaveLength(5);
});
