import { describe, expect, it } from 'vitest';
import { createSelfTest, selfTestDatagram } from '../../../src/advertise/listen/self-test.ts';
import {
  createDiscovery,
  createJavaListener,
  DEFAULT_DISCOVERY,
  lintAdvertisement,
  printAdvertisement,
  readAdvertisement,
} from '../../../src/core/advertise/index.ts';
import { GOOD, NOW_MS } from './samples.ts';

describe('the datagram with which we test ourselves', () => {
  it.each([
    [undefined, undefined],
    ['k', undefined],
    [undefined, 'k'],
    ['k', 'k'],
  ])('signed with %s, does nothing to a node with the key %s', (key, nodeKey) => {
    const bytes = selfTestDatagram('mcmp-self-test-1', NOW_MS, key);
    const java = createJavaListener(nodeKey);
    expect(java.hear(bytes).does).toBe('ignores');
    // The listener lives, and the balancer that comes next is joined.
    const next = printAdvertisement(GOOD, nodeKey === undefined ? {} : { key: nodeKey });
    expect(java.hear(next).does).toBe('joins');
    const ours = createDiscovery({ ...DEFAULT_DISCOVERY, key: nodeKey, strict: true });
    expect(ours.hear(bytes, NOW_MS).does).toBe('ignore');
    const findings = lintAdvertisement(readAdvertisement(bytes), bytes, { receivedAtMs: NOW_MS });
    expect(findings.every(({ severity }) => severity !== 'danger')).toBe(true);
  });

  it('is known as one, whoever sent it, unless it could do harm', () => {
    const test = createSelfTest(undefined);
    const bytes = selfTestDatagram('mcmp-self-test-other', NOW_MS);
    expect(test.claims(bytes)).toBe(true);
    expect(test.claims(Buffer.from(bytes.toString('latin1').replace(/Digest.*\r\n/, '')))).toBe(false);
    expect(test.claims(printAdvertisement({ ...GOOD, server: 'mcmp-self-test-other' }))).toBe(false);
    expect(test.claims(printAdvertisement(GOOD))).toBe(false);
  });
});
