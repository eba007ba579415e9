import { describe, expect, it, vi } from 'vitest';
import { advertiseFault } from '../../../src/advertise/faults.ts';
import { createBudget } from '../../../src/advertise/listen/budget.ts';
import { createDangerBook } from '../../../src/advertise/listen/dangers.ts';
import { createNameBook } from '../../../src/advertise/listen/names.ts';
import { createTtlBook, ttlWords } from '../../../src/advertise/listen/ttl.ts';
import { printAdvertisement } from '../../../src/core/advertise/index.ts';
import { GOOD, goodEvent, heardEvent, NOW_MS } from './samples.ts';

describe('what is told of a flood', () => {
  it('is so much a second, and the exact number of the rest', () => {
    const budget = createBudget(10, 20);
    const told = (count: number, atMs: number): number =>
      Array.from({ length: count }, () => budget.take(atMs)).filter(Boolean).length;
    expect(told(5000, 0)).toBe(20);
    expect(budget.leftOut()).toBe(4980);
    expect(told(5000, 1000)).toBe(10);
    expect(told(5, 1500)).toBe(5);
    expect(budget.leftOut()).toBe(4990);
    expect(budget.leftOut()).toBe(0);
  });
});

describe('the danger to Java nodes', () => {
  const deadly = (address: string, atMs: number) =>
    heardEvent(advertiseFault('no-digest').make(GOOD, undefined), undefined, {
      source: { address, port: 4711 },
      receivedAtMs: NOW_MS + atMs,
    }).judgement;

  it('is told at once for each source, and again after ten seconds, with a count', () => {
    const book = createDangerBook();
    expect(book.take(goodEvent().judgement)).toBeUndefined();
    expect(book.take(deadly('192.0.2.5', 0))).toMatchObject({ source: '192.0.2.5:4711', count: 1 });
    expect(book.take(deadly('2001:db8::5', 1))).toMatchObject({ source: '[2001:db8::5]:4711', count: 1 });
    expect(book.take(deadly('192.0.2.5', 9999))).toBeUndefined();
    expect(book.take(deadly('192.0.2.5', 10_000))).toMatchObject({ count: 3 });
    expect(book.all().map(({ count }) => count)).toEqual([3, 1]);
  });

  it('does not fill the memory when sources are forged', () => {
    const book = createDangerBook();
    for (let index = 0; index < 1000; index++) book.take(deadly(`10.0.${index >> 8}.${index & 255}`, 0));
    expect(book.all()).toHaveLength(64);
  });
});

describe('the ladder of TTLs', () => {
  const rung = (ttl: string, address = '192.0.2.7') => {
    const text = printAdvertisement(GOOD).toString('latin1').replace(/\r\n$/, '');
    const bytes = Buffer.from(`${text}X-Mcmp-TTL: ${ttl}\r\n\r\n`, 'latin1');
    return heardEvent(bytes, undefined, { source: { address, port: 1 } }).judgement;
  };

  it('keeps the smallest that arrived from each source', () => {
    const book = createTtlBook();
    expect(book.take(goodEvent().judgement)).toBeUndefined();
    expect(book.take(rung('4'))).toEqual({ source: '192.0.2.7', smallestTtl: 4 });
    expect(book.take(rung('5'))).toBeUndefined();
    expect(book.take(rung('3'))).toEqual({ source: '192.0.2.7', smallestTtl: 3 });
    expect(book.take(rung('12', '192.0.2.8'))).toMatchObject({ smallestTtl: 12 });
    expect(book.take(rung('-1'))).toBeUndefined();
    expect(book.findings()).toHaveLength(2);
  });

  it.each([
    [0, 'no router in between'],
    [1, 'no router in between'],
    [2, '1 router in between'],
    [5, '4 routers in between'],
  ])('says that TTL %d means %s', (smallestTtl, words) => {
    expect(ttlWords({ source: '192.0.2.7', smallestTtl })).toContain(words);
  });
});

describe('the book of names', () => {
  it('asks once for a name, however often it is heard, and never for an address', async () => {
    const resolve = vi.fn(async () => ['192.0.2.10']);
    const book = createNameBook(resolve, () => 0);
    expect(book.ask('192.0.2.10:6666')).toBeUndefined();
    expect(book.ask('[::1]:6666')).toBeUndefined();
    expect(book.ask('no address')).toBeUndefined();
    const answers = [book.ask('LB.example:6666'), book.ask('lb.example:7777')];
    expect(book.known('lb.example:6666')).toBeUndefined();
    expect(await Promise.all(answers)).toEqual([['192.0.2.10'], ['192.0.2.10']]);
    expect(book.known('lb.example:6666')).toEqual(['192.0.2.10']);
    expect(book.ask('lb.example:6666')).toBeUndefined();
    expect(resolve.mock.calls).toEqual([['lb.example']]);
  });

  it('asks again after a minute, and goes by the old answer until then', async () => {
    let nowMs = 0;
    let answer: readonly string[] = ['192.0.2.10'];
    const book = createNameBook(
      async () => answer,
      () => nowMs,
    );
    await book.ask('lb.example:1');
    nowMs = 60_001;
    answer = ['192.0.2.11'];
    const again = book.ask('lb.example:1');
    expect(book.known('lb.example:1')).toEqual(['192.0.2.10']);
    await again;
    expect(book.known('lb.example:1')).toEqual(['192.0.2.11']);
  });

  it('says that a name does not resolve', async () => {
    const book = createNameBook(() => Promise.reject(new Error('ENOTFOUND')));
    expect(await book.ask('lb.example:1')).toBe('failed');
  });

  it('asks for few names at once, and keeps a limited number', async () => {
    const waiting: (() => void)[] = [];
    const slow = createNameBook((name) => new Promise((resolve) => waiting.push(() => resolve([name]))));
    const asked = Array.from({ length: 50 }, (_, index) => slow.ask(`name${index}.example:1`));
    expect(waiting).toHaveLength(8);
    for (const settle of waiting) settle();
    await Promise.all(asked);
    const book = createNameBook(
      async () => ['192.0.2.1'],
      () => 0,
    );
    for (let index = 0; index < 300; index++) await book.ask(`name${index}.example:1`);
    expect(book.known('name0.example:1')).toBeUndefined();
    expect(book.known('name299.example:1')).toBeDefined();
  });
});
