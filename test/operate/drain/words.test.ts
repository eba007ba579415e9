import { describe, expect, it } from 'vitest';
import { createSurvey } from '../../../src/client/index.ts';
import { createNarrator } from '../../../src/operate/drain/narrator.ts';
import { END_OUTCOMES } from '../../../src/operate/drain/report.ts';
import type { DrainState } from '../../../src/operate/drain/states.ts';
import type { DrainProgress } from '../../../src/operate/drain/types.ts';
import { openWitness } from '../../../src/operate/drain/witness.ts';
import { startTestBalancer } from '../../support/balancer.ts';
import { freeAfter } from '../../support/cleanup.ts';

it('says by the exit code that it is drained only when it is', () => {
  expect(END_OUTCOMES).toEqual({
    drained: 'done',
    'timed-out': 'timeout',
    undone: 'check-failed',
    interfered: 'check-failed',
    refused: 'check-failed',
    'given-up': 'check-failed',
    unreachable: 'unreachable',
    nothing: 'usage',
  });
});

describe('the narrator, where lines stay', () => {
  function told(
    steps: readonly (readonly [elapsedMs: number, state: DrainState, why: string])[],
    json = false,
  ): string[] {
    const said: string[] = [];
    const narrator = createNarrator({
      json,
      interactive: false,
      line: (text) => said.push(text),
      document: (document) => said.push(JSON.stringify(document)),
      redraw: undefined,
      clear: () => undefined,
      ask: async () => undefined,
    });
    for (const [elapsedMs, state, why] of steps) {
      const target = 'http://lb:8090';
      const one = { target, brand: 'mcmp', state, how: undefined, requests: 1, requestsAtStart: 1, why } as const;
      narrator.tell({ elapsedMs, remainingMs: 60_000 - elapsedMs, targets: [one] } satisfies DrainProgress);
    }
    return said;
  }

  it('says a thing once, and again after ten seconds', () => {
    const looks = Array.from(
      { length: 25 },
      (_, second) => [1_000 * second, 'waiting', '1 request in flight'] as const,
    );
    expect(told([[0, 'disabling', ''], ...looks])).toEqual([
      'http://lb:8090  disabled, waiting (1 request in flight)',
      '10s: disabled, waiting: 1 request in flight; gives up in 50s',
      '20s: disabled, waiting: 1 request in flight; gives up in 40s',
    ]);
  });

  it('says each state once in JSON', () => {
    const steps = [
      [0, 'disabling', ''],
      [100, 'waiting', 'x'],
      [200, 'waiting', 'y'],
      [300, 'drained', ''],
    ] as const;
    expect(told(steps, true).map((line) => JSON.parse(line).targets[0].state)).toEqual([
      'disabling',
      'waiting',
      'drained',
    ]);
  });
});

it('names who enabled what is drained, and nobody for what is not', async () => {
  const lb = await startTestBalancer();
  await lb.register('n1', 9, { contexts: '/app,/other' });
  await lb.register('n2', 10, { contexts: '/app,/other' });
  const target = `http://127.0.0.1:${lb.mcmpPort}`;
  const survey = createSurvey([target]);
  const witness = openWitness(await survey.read(), { kind: 'context', route: 'n1', path: '/app' });
  freeAfter(async () => {
    await witness.close();
    await survey.close();
  });
  const change = async (command: string, route: string, path: string): Promise<void> => {
    await lb.mcmp(command, `JVMRoute=${route}&Alias=localhost&Context=${path}`);
  };
  for (const [route, path] of [
    ['n2', '/app'],
    ['n1', '/other'],
  ] as const) {
    await change('STOP-APP', route, path);
    await change('ENABLE-APP', route, path);
  }
  expect(await witness.whoEnabled(target)).toBeUndefined();
  await change('STOP-APP', 'n1', '/app');
  const asked = witness.whoEnabled(target);
  await change('ENABLE-APP', 'n1', '/app');
  expect(await asked).toBe('ENABLE-APP from 127.0.0.1');
});
