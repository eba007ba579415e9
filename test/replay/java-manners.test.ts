import { describe, expect, test } from 'vitest';
import { NODE_FOLDERS } from '../support/recordings.ts';
import { NOT_MEASURED, OTHERWISE } from './manners/better.ts';
import { differencesOf } from './manners/compare.ts';
import { DIFFERENCES } from './manners/differences.ts';
import { startOurNode } from './manners/our-node.ts';
import { outcomeOf } from './manners/outcome.ts';
import { mannersPage, notableOf, type Pair } from './manners/page.ts';
import { startParrot } from './manners/parrot.ts';
import { playedBack } from './manners/played-back.ts';
import { replay } from './manners/replay.ts';
import { type Situation, situations } from './manners/situation.ts';

const RECORDED = NODE_FOLDERS.flatMap(situations);
/** `2.1.0-http 06-config-syntax` */
const nameOf = ({ folder, name }: Situation): string => `${folder.replace(/^.*mod_cluster-/, '')} ${name}`;
const NAMED = RECORDED.map((situation) => ({ situation, named: nameOf(situation) }));

describe('our node with Java manners does what the recorded Tomcat did', () => {
  test.for(NAMED)('$named', async ({ situation, named }) => {
    const ours = await replay(situation, {
      start: (surroundings) => startOurNode(surroundings, 'java'),
      react: playedBack(situation),
    });
    const expected = DIFFERENCES.filter((row) => row.situation === named).flatMap(({ differs }) => differs);
    expect(differencesOf(situation.recorded, ours, situation.balancers)).toEqual(expected);
  });

  test('every named difference belongs to a recording', () => {
    const names = NAMED.map(({ named }) => named);
    expect(DIFFERENCES.map(({ situation }) => situation).filter((name) => !names.includes(name))).toEqual([]);
  });
});

/** The node goes later, and is not reset before. */
function longer(situation: Situation, ms: number): Situation {
  const steps = situation.steps.filter(({ text }) => text !== 'node: reset');
  const goes = steps.find(({ text }) => text === 'node: exit')?.atMs ?? Number.POSITIVE_INFINITY;
  return {
    ...situation,
    steps: steps.map((step) => (step.atMs < goes ? step : { ...step, atMs: step.atMs + ms })),
    endsAtMs: situation.endsAtMs + ms,
  };
}

describe('our own manners in the same situations', () => {
  const skipped = new Set(NOT_MEASURED.map(({ situation }) => situation));
  const measured = RECORDED.filter(({ folder, name }) => folder === NODE_FOLDERS[0] && !skipped.has(name));
  const pairs: Pair[] = [];

  test.for(measured)('$name', async (situation) => {
    const row = OTHERWISE.find((one) => one.situation === situation.name);
    const played = row?.longerS === undefined ? situation : longer(situation, row.longerS * 1000);
    const java = await outcomeOf(played, (surroundings) => startOurNode(surroundings, 'java'));
    const ours = await outcomeOf(played, (surroundings) => startOurNode(surroundings, 'mcmp'));
    const pair = { situation: situation.name, java, ours };
    pairs.push(pair);
    const starts = situation.steps.filter(({ text }) => text === 'node: ready').length;
    const onlyEarlier = Math.abs(java.unservedS - ours.unservedS - 10 * starts) < 0.2;
    expect({ ...pair, isOtherwise: notableOf(pair).length > 0 || !onlyEarlier }).toMatchObject({
      isOtherwise: row !== undefined,
    });
    expect(ours.left).toBe(0);
    expect(ours.unservedS).toBeLessThanOrEqual(row?.situation.startsWith('27') ? Infinity : java.unservedS);
  });

  test('a node that was never taken leaves the rows of another of its name alone', async () => {
    const situation = RECORDED.find(({ name }) => name === '29-killed-and-back-elsewhere');
    if (situation === undefined) throw new Error('the recording is missing');
    const { left } = await outcomeOf(situation, (surroundings) => startOurNode(surroundings, 'mcmp'));
    // Those of the one that was killed: to a node of that name at another address they are not its own.
    expect(left).toBe(2);
  });

  test('docs/java-manners.md says so', async () => {
    await expect(
      mannersPage(
        NAMED.map(({ named }) => named),
        pairs,
      ),
    ).toMatchFileSnapshot('../../docs/java-manners.md');
  });
});

describe('what is compared', () => {
  test.for(NAMED)('$named is no different from itself', async ({ situation }) => {
    const ours = await replay(situation, {
      start: (surroundings) => startParrot(situation, surroundings),
      react: playedBack(situation),
    });
    expect(differencesOf(situation.recorded, ours, situation.balancers)).toEqual([]);
  });

  const life = RECORDED.find(({ name }) => name === '01-life');
  test.for<readonly [string, (text: string) => string | undefined, readonly string[]]>([
    [
      'a message that is not said',
      (text) => (text.startsWith('STOP-APP') && text.endsWith('two') ? undefined : text),
      ['Tomcat alone says at 36.6 s: STOP-APP / JVMRoute=node1&Alias=localhost&Context=%2Ftwo'],
    ],
    [
      'another value',
      (text) => text.replace('Port=18100', 'Port=18101'),
      [
        'Tomcat alone says at 14.6 s: CONFIG / JVMRoute=node1&Host=127.0.0.1&Port=18100&StickySessionForce=No&Type=http',
        'ours alone says at 14.6 s: CONFIG / JVMRoute=node1&Host=127.0.0.1&Port=18101&StickySessionForce=No&Type=http',
      ],
    ],
    [
      'another order of headers',
      (text) => text.replace(/(INFO.+\r\nHost.+\r\n)(.+\r\n)(.+\r\n)/, '$1$3$2'),
      [
        'INFO / at 14.6 s has the headers Host: 127.0.0.1 | User-Agent: ClusterListener/1.0 | Connection: Keep-Alive; ' +
          'ours Host: 127.0.0.1 | Connection: Keep-Alive | User-Agent: ClusterListener/1.0',
      ],
    ],
  ])('%s is a difference', async ([, altered, expected]) => {
    if (life === undefined) throw new Error('the recording is missing');
    const ours = await replay(life, {
      start: (surroundings) => startParrot(life, surroundings, altered),
      react: playedBack(life),
    });
    expect(differencesOf(life.recorded, ours, 1)).toEqual(expected);
  });
});
