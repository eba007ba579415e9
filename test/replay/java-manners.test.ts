import { describe, expect, test } from 'vitest';
import { NODE_FOLDERS } from '../support/recordings.ts';
import { differencesOf } from './manners/compare.ts';
import { startParrot } from './manners/parrot.ts';
import { playedBack } from './manners/played-back.ts';
import { replay } from './manners/replay.ts';
import { situations } from './manners/situation.ts';

const RECORDED = NODE_FOLDERS.flatMap(situations);

describe('what is compared', () => {
  test.for(RECORDED)('$folder $name is no different from itself', async (situation) => {
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
