import { render } from 'ink-testing-library';
import { describe, expect, it } from 'vitest';
import type { Picture } from '../../../src/advertise/listen/picture.ts';
import { rankCauses } from '../../../src/advertise/listen/silence.ts';
import { ListenView } from '../../../src/advertise/listen/view.tsx';
import {
  ADVERTISE_LINTS,
  type AdvertiseFinding,
  type AdvertiseLintId,
  DEFAULT_GROUP,
} from '../../../src/core/advertise/index.ts';
import { balancer, NOW_MS, PLAIN_MACHINE } from './samples.ts';

const finding = (id: AdvertiseLintId): AdvertiseFinding => ({ id, message: 'so it is', ...ADVERTISE_LINTS[id] });

const PICTURE: Picture = {
  where: '224.0.1.105:23364 on lo, eth0',
  elapsedMs: 61_000,
  received: 12,
  dropped: 0,
  hasKey: true,
  probes: true,
  balancers: [
    { ...balancer(), probe: { url: 'http://192.0.2.10:6666', reachable: true, tookMs: 4, words: 'INFO answered' } },
    {
      ...balancer({
        server: 'second\u001b[2J',
        managerAddress: 'a.balancer.with.a.very.long.name.example:6666',
        sources: ['192.0.2.11', '192.0.2.12'],
        lost: 3,
        findings: [finding('advert/wrong-key'), finding('advert/name')],
      }),
      probe: undefined,
    },
    { ...balancer({ server: 'third', managerAddress: '192.0.2.12:1', status: 410 }), probe: undefined },
    {
      ...balancer({ server: 'fourth', managerAddress: '192.0.2.13:1', lastHeardMs: NOW_MS - 40_000 }),
      probe: undefined,
    },
  ],
  dangers: [],
  groupFindings: [],
  ttl: [],
  silence: undefined,
  events: ['10:00:01  something was heard'],
  nowMs: NOW_MS,
};

function frame(picture: Picture, columns = 80, rows = 24): string[] {
  const { lastFrame, unmount } = render(<ListenView picture={picture} columns={columns} rows={rows} color={false} />);
  const text = lastFrame() ?? '';
  unmount();
  return text.split('\n');
}

describe('the live table', () => {
  it('has a row for each balancer, with all that counts, in 80 columns', () => {
    const lines = frame(PICTURE);
    const text = lines.join('\n');
    expect(text).toMatch(/BALANCER +EVERY +LOST +SEEN +REACHED +VERDICT/);
    expect(text).toMatch(/http:\/\/192\.0\.2\.10:6666 +10\.0 s +0 +now +4 ms {2}fine/);
    expect(text).toMatch(/http:\/\/a\.balancer\.with.*… +10\.0 s +3 +now +- {2}wrong-key/);
    expect(text).toMatch(/http:\/\/192\.0\.2\.12:1 .*says goodbye \(410\)/);
    expect(text).toMatch(/http:\/\/192\.0\.2\.13:1 +.*40 s +- {2}silent now/);
    expect(text).toContain('wrong-key: Give the balancer and its nodes the same key');
    expect(lines.every((line) => line.length <= 80)).toBe(true);
  });

  it('says more where there is room', () => {
    const text = frame(PICTURE, 200, 60).join('\n');
    expect(text).toMatch(/BALANCER +FROM +EVERY +JITTER +LOST +HEARD +SEEN +REACHED +SERVER ID +VERDICT/);
    expect(text).toMatch(/192\.0\.2\.11 \+1 .*12 ms/);
  });

  it('lets nothing of a sender reach the terminal', () => {
    expect(frame(PICTURE, 200, 60).join('\n')).not.toContain('\u001b');
  });

  it.each([
    [80, 24],
    [80, 10],
    [40, 8],
    [120, 40],
    [200, 60],
  ])('is lower and not wider than a terminal of %d by %d, whatever there is to show', (columns, rows) => {
    const many = Array.from({ length: 500 }, (_, index) => ({
      ...balancer({ server: `s${index}`, managerAddress: `10.0.0.1:${index}`, findings: [finding('advert/loopback')] }),
      probe: undefined,
    }));
    const dangers = Array.from({ length: 5 }, (_, index) => ({
      source: `10.0.0.${index}:1`,
      why: 'there is no Digest line',
      count: 2,
      lastAtMs: NOW_MS,
    }));
    const lines = frame({ ...PICTURE, balancers: many, dangers }, columns, rows);
    expect(lines.length).toBeLessThan(Math.max(rows, 13));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines.join('\n')).toMatch(/and \d+ more balancers/);
    expect(lines.join('\n')).toContain('!!! DANGER: 10.0.0.4:1 ENDS');
  });

  it('shows first what is wrong where not all have room, and in one order whatever was heard last', () => {
    const balancers = Array.from({ length: 60 }, (_, index) => ({
      ...balancer({
        server: `b${index + 10}`,
        managerAddress: `10.0.0.${index + 10}:6666`,
        findings: index === 59 ? [finding('advert/wrong-key')] : [],
      }),
      probe: undefined,
    }));
    const rows = (picture: Picture): string[] => frame(picture).filter((line) => line.startsWith('http://'));
    const shown = rows({ ...PICTURE, balancers });
    expect(shown[0]).toMatch(/10\.0\.0\.69:6666 .* wrong-key/);
    expect(shown[1]).toContain('10.0.0.10:6666');
    expect(rows({ ...PICTURE, balancers: balancers.toReversed() })).toEqual(shown);
  });

  it('shows what silence means', () => {
    const facts = {
      forMs: 20_000,
      machine: PLAIN_MACHINE,
      selfTest: [{ group: '224.0.1.105:23364', interface: 'eth0', heard: true, failure: undefined }],
      joined: [{ group: DEFAULT_GROUP, interface: 'eth0' }],
      heardIn: [],
      heardBefore: false,
    };
    const silence = { facts, causes: rankCauses(facts) };
    const text = frame({ ...PICTURE, balancers: [], silence }).join('\n');
    expect(text).toContain('Our socket works; nothing comes from the network.');
    expect(text).toContain('1. The balancer does not advertise');
    expect(text).toContain('Ctrl-C prints causes and commands in full');
  });
});
