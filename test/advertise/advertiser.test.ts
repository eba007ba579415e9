import { describe, expect, it } from 'vitest';
import { type AdvertiserOptions, startAdvertiser } from '../../src/advertise/advertiser.ts';
import type { McmpError } from '../../src/core/errors.ts';
import { freeAfter } from '../support/cleanup.ts';
import { waitFor } from '../support/wait-for.ts';
import { freshGroup, hear, loopback } from './group.ts';

async function advertise(options: Pick<AdvertiserOptions, 'group'> & Partial<AdvertiserOptions>) {
  const failures: McmpError[] = [];
  const advertiser = await startAdvertiser({
    interface: loopback,
    ttl: 0,
    frequencyMs: 60_000,
    manager: new URL('http://192.0.2.1:8090'),
    onFailure: (failure) => failures.push(failure),
    onRecovery: () => undefined,
    ...options,
  });
  freeAfter(() => advertiser.closeNow());
  return { advertiser, failures };
}

describe('an advertiser', () => {
  it('speaks at once, and says goodbye', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    const { advertiser } = await advertise({ group });
    await advertiser.close();
    const { server } = advertiser;
    await expect
      .poll(() => heard.map((one) => [one.status, one.server, one.sequence, one.managerAddress]))
      .toEqual([
        [200, server, '1', '192.0.2.1:8090'],
        [403, server, '2', undefined],
        [410, server, '3', undefined],
      ]);
  });

  it('speaks again and again, each time with the next sequence', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    await advertise({ group, frequencyMs: 20 });
    await waitFor(() => heard.length >= 5);
    expect(heard.slice(0, 5).map(({ sequence }) => sequence)).toEqual(['1', '2', '3', '4', '5']);
  });

  it.each([
    ['http://[2001:db8::1]:8090/', '[2001:db8::1]:8090', 'http', '[2001:db8::1]'],
    ['https://lb.example/', 'lb.example:443', 'https', 'lb.example'],
    ['http://lb.example/', 'lb.example:80', 'http', 'lb.example'],
  ])('says of %s what nodes read', async (manager, managerAddress, managerProtocol, managerHost) => {
    const group = freshGroup();
    const heard = await hear(group);
    await advertise({ group, manager: new URL(manager) });
    await waitFor(() => heard.length > 0);
    expect(heard[0]).toMatchObject({ managerAddress, managerProtocol, managerHost, managerUrl: '/' });
  });

  it('fails at the start when nothing can be sent, and says what to do', async () => {
    const nowhere = { ...loopback, name: 'gone0', address: '192.0.2.77' };
    await expect(advertise({ group: freshGroup(), interface: nowhere })).rejects.toMatchObject({
      code: 'MCMP_MULTICAST_SEND',
      message: expect.stringContaining('on gone0'),
      hint: expect.stringContaining('interface'),
    });
  });
});
