import { describe, expect, it } from 'vitest';
import { Patience } from '../../../src/balancer/http2/patience.ts';

const SECOND = 1000;

/** How many seconds a session lives that does the same each second; at most a minute. */
function secondsOf(each: (patience: Patience) => { read: number; written: number }): number {
  const patience = new Patience(0);
  let read = 0;
  let written = 0;
  for (let second = 1; second <= 60; second++) {
    const more = each(patience);
    read += more.read;
    written += more.written;
    if (!patience.settle(second * SECOND, read, written, () => 0)) return second;
  }
  return 60;
}

describe('a session may go on that', () => {
  it.each<[string, (patience: Patience) => { read: number; written: number }]>([
    [
      'uploads as fast as it can',
      (patience) => {
        for (let i = 0; i < 10_000; i++) patience.data(16_384);
        return { read: 10_000 * (16_384 + 9 + 29), written: 100_000 };
      },
    ],
    [
      'asks thousands of times, and cancels one in ten',
      (patience) => {
        for (let i = 0; i < 2000; i++) {
          patience.headers(300);
          patience.streamOver(i % 10 !== 0);
        }
        return { read: 2000 * 120, written: 2_000_000 };
      },
    ],
    [
      'cancels a page of requests each ten seconds',
      (patience) => {
        for (let i = 0; i < 10; i++) patience.streamOver(false);
        return { read: 2000, written: 0 };
      },
    ],
    [
      'downloads, and opens the window for every few kilobytes',
      () => ({ read: (100 * 1024 * 1024 * 13) / 2048, written: 100 * 1024 * 1024 }),
    ],
    [
      'sends small messages',
      (patience) => {
        for (let i = 0; i < 5000; i++) patience.data(20);
        return { read: 5000 * (20 + 9 + 29), written: 5000 * 50 };
      },
    ],
    [
      'measures the round trip all the time',
      (patience) => {
        for (let i = 0; i < 500; i++) patience.answeredFrame();
        return { read: 500 * 17, written: 500 * 17 };
      },
    ],
  ])('%s', (_name, each) => {
    expect(secondsOf(each)).toBe(60);
  });
});

describe('a session is ended soon that', () => {
  it.each<[string, (patience: Patience) => { read: number; written: number }]>([
    [
      'cancels all it asks for',
      (patience) => {
        for (let i = 0; i < 1000; i++) patience.streamOver(false);
        return { read: 1000 * 60, written: 0 };
      },
    ],
    [
      'cancels three of four requests',
      (patience) => {
        for (let i = 0; i < 1000; i++) patience.streamOver(i % 4 === 0);
        return { read: 1000 * 60, written: 0 };
      },
    ],
    [
      'pings thousands of times',
      (patience) => {
        for (let i = 0; i < 10_000; i++) patience.answeredFrame();
        return { read: 170_000, written: 170_000 };
      },
    ],
    ['sends what carries nothing', () => ({ read: 5 * 1024 * 1024, written: 0 })],
    [
      'sends empty frames of a body',
      (patience) => {
        for (let i = 0; i < 500_000; i++) patience.data(0);
        return { read: 500_000 * 9, written: 0 };
      },
    ],
  ])('%s', (_name, each) => {
    expect(secondsOf(each)).toBeLessThan(10);
  });
});

it('what was spared is not kept for ever', () => {
  const patience = new Patience(0);
  expect(patience.settle(3600 * SECOND, 0, 0, () => 0)).toBe(true);
  expect(patience.settle(3601 * SECOND, 5 * 1024 * 1024, 0, () => 0)).toBe(false);
});

it('a body that came and waits for its node is no cost, until it is thrown away', () => {
  const patience = new Patience(0);
  const came = 20 * 1024 * 1024;
  expect(patience.settle(SECOND, came, 0, () => came)).toBe(true);
  expect(patience.settle(2 * SECOND, came, 0, () => 0)).toBe(false);
});
