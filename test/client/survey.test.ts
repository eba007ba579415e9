import { describe, expect, it } from 'vitest';
import { createSurvey, type SurveyOptions } from '../../src/client/survey.ts';
import type { SurveyReading, TargetReading } from '../../src/client/survey-types.ts';
import { startTestBalancer } from '../support/balancer.ts';
import { freeAfter } from '../support/cleanup.ts';
import { createHandClock } from '../support/hand-clock.ts';
import { type ScriptedBalancer, startScriptedBalancer } from '../support/scripted-balancer.ts';
import { waitFor } from '../support/wait-for.ts';
import { BRAND_NAMES, startLastRecorded, startRecordedBalancer } from './recordings.ts';

const TABLES = { headers: { 'Content-Type': 'text/plain', Server: 'Apache/2.4.71 mod_proxy_cluster/2.0.0' } };

async function scripted(react: Parameters<typeof startScriptedBalancer>[0] = () => TABLES): Promise<ScriptedBalancer> {
  const peer = await startScriptedBalancer(react);
  freeAfter(() => peer.close());
  return peer;
}

function surveyOf(peers: readonly (ScriptedBalancer | string)[], options: SurveyOptions = {}) {
  const survey = createSurvey(
    peers.map((peer) => (typeof peer === 'string' ? peer : peer.url)),
    options,
  );
  freeAfter(() => survey.close());
  return survey;
}

const outcomes = ({ targets }: SurveyReading): string[] => targets.map(({ outcome }) => outcome);

function failureOf(reading: TargetReading | undefined) {
  if (reading?.outcome !== 'failed') throw new Error(`the target has not failed: ${reading?.outcome}`);
  return reading.failure;
}

describe('a survey', () => {
  it('reads balancers of all brands side by side', async () => {
    const peers: ScriptedBalancer[] = [];
    for (const brand of BRAND_NAMES) {
      const peer = await startLastRecorded(brand);
      freeAfter(() => peer.close());
      peers.push(peer);
    }
    const lb = await startTestBalancer();
    const survey = surveyOf([...peers, `http://127.0.0.1:${lb.mcmpPort}`]);
    const reading = await survey.read();
    expect(outcomes(reading)).toEqual(['read', 'read', 'read', 'read']);
    expect(reading.targets.map((one) => (one.outcome === 'read' ? one.good.state.brand : ''))).toEqual([
      ...BRAND_NAMES,
      'mcmp',
    ]);
    expect(survey.targets).toEqual(reading.targets.map(({ target }) => target));
  });

  it.each(BRAND_NAMES)('never says anything to %s that could change it', async (brand) => {
    const peer = await startRecordedBalancer(brand, '02-one-node-life.json');
    freeAfter(() => peer.close());
    const survey = surveyOf([peer], { clock: createHandClock() });
    await survey.read();
    const stop = survey.watch(1000, () => {});
    await peer.until(() => peer.requests.length >= 4);
    stop();
    for (const { method, target, body } of peer.requests) {
      expect(['INFO', 'DUMP', 'VERSION']).toContain(method);
      expect([target, body]).toEqual(['/', '']);
    }
  });

  it('tells what mcmp serve tells in JSON alone, with one question', async () => {
    const lb = await startTestBalancer();
    await lb.register('n1', 9, { load: null });
    const [one] = (await surveyOf([`http://127.0.0.1:${lb.mcmpPort}`]).read()).targets;
    if (one?.outcome !== 'read') throw new Error('not read');
    const { view, facts, problems, brand, version } = one.good.state;
    expect({ brand, problems }).toEqual({ brand: 'mcmp', problems: [] });
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(facts?.limits).toEqual({ nodes: 1000, contexts: 10_000, hosts: 1000, balancers: 1000 });
    expect(view.nodes[0]?.told?.lastHeardMs).toBeGreaterThan(Date.now() - 60_000);
    expect(view.nodes[0]?.vhosts).toEqual([
      { aliases: ['localhost'], contexts: [{ path: '/app', status: 'ENABLED', inFlight: 0 }] },
    ]);
  });

  it('waits for a silent one only as long as the time-out says, with what the others said', async () => {
    const [good, silent] = [await scripted(), await scripted(() => 'silence')];
    const reading = await surveyOf([good, silent, 'http://127.0.0.1:1'], { timeoutMs: 150 }).read();
    expect(outcomes(reading)).toEqual(['read', 'failed', 'failed']);
    expect(failureOf(reading.targets[1]).error).toMatchObject({ code: 'MCMP_TIMEOUT', hint: expect.any(String) });
    expect(failureOf(reading.targets[2]).error).toMatchObject({ code: 'MCMP_UNREACHABLE', kind: 'unreachable' });
  });

  it('gives one who answers each question just in time no more than the time-out for all of them', async () => {
    const slow = await scripted(async () => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      return TABLES;
    });
    const reading = await surveyOf([slow], { timeoutMs: 200 }).read();
    expect(failureOf(reading.targets[0]).error.code).toBe('MCMP_TIMEOUT');
  });

  it('keeps the last good reading beside the failure, and says since when and how often it fails', async () => {
    let up = true;
    const peer = await scripted(() => (up ? TABLES : 'close'));
    const clock = createHandClock({ startMs: 1000 });
    const survey = surveyOf([peer], { clock });
    await survey.read();
    up = false;
    clock.advance(500);
    await survey.read();
    clock.advance(500);
    const [one] = (await survey.read()).targets;
    expect(failureOf(one)).toMatchObject({ sinceMs: 1500, atMs: 2000, attempts: 2 });
    expect(one?.outcome === 'failed' ? one.good?.atMs : undefined).toBe(1000);
    up = true;
    clock.advance(500);
    expect(outcomes(await survey.read())).toEqual(['read']);
    up = false;
    expect(failureOf((await survey.read()).targets[0])).toMatchObject({ sinceMs: 2500, attempts: 1 });
  });

  it('asked twice at once asks once', async () => {
    const peer = await scripted();
    const survey = surveyOf([peer]);
    const [first, second] = await Promise.all([survey.read(), survey.read()]);
    expect(first?.targets[0]).toBe(second?.targets[0]);
    expect(peer.requests.map(({ method }) => method)).toEqual(['INFO', 'DUMP']);
  });

  it('takes a reading that is young enough for an answer, and a failure as well', async () => {
    const peer = await scripted();
    const clock = createHandClock();
    const survey = surveyOf([peer, 'http://127.0.0.1:1'], { clock });
    const first = await survey.read();
    clock.advance(10);
    expect((await survey.read({ maxAgeMs: 10 })).targets).toEqual(first.targets);
    expect(peer.requests).toHaveLength(2);
    clock.advance(1);
    await survey.read({ maxAgeMs: 10 });
    expect(peer.requests).toHaveLength(4);
  });

  it('names a target once, without what could be a password', async () => {
    const peer = await scripted();
    const urls = [`${peer.url}/`, peer.url.replace('//', '//me:secret@'), peer.url];
    expect(surveyOf(urls).targets).toEqual([peer.url]);
  });

  it.each([
    [[], /at least one/],
    [['ftp://lb'], /no URL of a balancer/],
    [['lb:6666'], /no URL of a balancer/],
    [['http://'], /no URL of a balancer/],
  ])('of %j is refused', (urls, message) => {
    expect(() => createSurvey(urls)).toThrow(message);
  });

  it('takes no answer longer than 64 MiB', async () => {
    const peer = await scripted(() => ({ ...TABLES, body: 'x'.repeat(64 * 1024 * 1024 + 1) }));
    expect(failureOf((await surveyOf([peer]).read()).targets[0]).error.code).toBe('MCMP_ANSWER_TOO_LONG');
  });
});

describe('watching', () => {
  it('tells of each answer, asks again after the interval, and ends at once', async () => {
    const [a, b] = [await scripted(), await scripted()];
    const clock = createHandClock();
    const survey = surveyOf([a, b], { clock });
    const told: string[][] = [];
    const stop = survey.watch(1000, (reading) => told.push(outcomes(reading)));
    await waitFor(() => clock.wakesAtMs.length === 2);
    expect(told).toHaveLength(2);
    expect(told.at(-1)).toEqual(['read', 'read']);
    expect(clock.wakesAtMs).toEqual([1000, 1000]);
    clock.toNext();
    await waitFor(() => told.length === 4 && clock.wakesAtMs.length === 2);
    stop();
    expect(clock.wakesAtMs).toEqual([]);
    expect([a.requests.length, b.requests.length]).toEqual([4, 4]);
  });

  it('does not let a silent balancer hold up another one', async () => {
    const [good, silent] = [await scripted(), await scripted(() => 'silence')];
    const clock = createHandClock();
    const survey = surveyOf([good, silent], { clock, timeoutMs: 60_000 });
    const told: string[][] = [];
    freeAfter(survey.watch(1000, (reading) => told.push(outcomes(reading))));
    for (let rounds = 1; rounds <= 3; rounds++) {
      await waitFor(() => told.length === rounds && clock.wakesAtMs.length === 1);
      clock.toNext();
    }
    expect(told).toEqual([
      ['read', 'pending'],
      ['read', 'pending'],
      ['read', 'pending'],
    ]);
    expect(silent.requests).toHaveLength(1);
  });

  it('asks a dead one less and less often, and one that is back as often as before', async () => {
    let up = false;
    const peer = await scripted(() => (up ? TABLES : 'close'));
    const clock = createHandClock();
    const survey = surveyOf([peer], { clock });
    freeAfter(survey.watch(5000, () => {}));
    const pauses: number[] = [];
    for (let round = 0; round < 6; round++) {
      await waitFor(() => clock.wakesAtMs.length === 1);
      pauses.push((clock.wakesAtMs[0] ?? 0) - clock.nowMs());
      up = round === 4;
      clock.toNext();
    }
    expect(pauses).toEqual([5000, 10_000, 20_000, 30_000, 30_000, 5000]);
  });

  it.each([
    [0, 900],
    [0.999999, 1099.9998],
  ])('with the random number %d pauses %d ms of 1000', async (random, pauseMs) => {
    const clock = createHandClock({ random });
    freeAfter(surveyOf([await scripted()], { clock }).watch(1000, () => {}));
    await waitFor(() => clock.wakesAtMs.length === 1);
    expect(clock.wakesAtMs[0]).toBeCloseTo(pauseMs, 3);
  });

  it('tells nothing any more when it was ended while a balancer answered', async () => {
    const peer = await scripted(() => 'silence');
    const survey = createSurvey([peer.url], { timeoutMs: 60_000 });
    const told: SurveyReading[] = [];
    const stop = survey.watch(10, (reading) => told.push(reading));
    await peer.until(() => peer.requests.length === 1);
    stop();
    await survey.close();
    expect(outcomes(await survey.read())).toEqual(['failed']);
    expect(told).toEqual([]);
  });
});
