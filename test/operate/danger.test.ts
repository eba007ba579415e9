import { expect, it } from 'vitest';
import { planAction } from '../../src/operate/plan.ts';
import { read, readingOf, sketch, T1 } from './readings.ts';

it.each<readonly [path: string, word: string]>([
  ['/app', '/app'],
  ['/my app (old)', '/my app (old)'],
  [`/${'x'.repeat(39)}`, `/${'x'.repeat(39)}`],
  [`/${'x'.repeat(40)}`, 'stop'],
  ['/ends with a space ', 'stop'],
  [`/e${'\u00cc\u0081'.repeat(9)}`, 'stop'],
])('asks to type the last place of %j as %j: what nobody can type or see is never asked for', (path, word) => {
  const reading = readingOf(read(T1, 'mcmp', sketch({ route: 'n1', vhosts: { a: { [path]: 'ENABLED' } } })));
  const { danger } = planAction(reading, 'stop', { kind: 'path', path });
  expect(danger).toMatchObject({ level: 'type', word });
});
