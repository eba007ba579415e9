import { describe, expect, it } from 'vitest';
import { listenFailure, sendFailure } from '../../src/advertise/failures.ts';
import { DEFAULT_GROUP } from '../../src/core/advertise/index.ts';

const SIX = { host: 'ff15::105', port: 23364, family: 'IPv6' } as const;
const LOW = { ...DEFAULT_GROUP, port: 80 };
const caused = (code: string): Error => Object.assign(new Error(`it failed: ${code}`), { code });

describe('a failure of multicast', () => {
  it.each([
    [
      'names the loopback address of IPv4',
      listenFailure(DEFAULT_GROUP, 'eth0', caused('ENODEV')),
      /\(127\.0\.0\.1 for/,
    ],
    [
      'does not send anybody to loopback with IPv6',
      sendFailure(SIX, '', caused('ENETUNREACH')),
      /loopback has no multicast of IPv6/,
    ],
    ['knows who may have a low port', listenFailure(LOW, '', caused('EACCES')), /below 1024 are for root/],
    ['knows what else is not allowed', listenFailure(DEFAULT_GROUP, '', caused('EACCES')), /SELinux/],
    ['advises nothing that it does not know', listenFailure(SIX, '', caused('EOTHER')), undefined],
  ])('%s', (_, { hint, kind }, advice) => {
    expect(kind).toBe('unreachable');
    if (advice === undefined) expect(hint).toBeUndefined();
    else expect(hint).toMatch(advice);
  });
});
