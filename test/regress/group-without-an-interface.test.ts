import { expect, it } from 'vitest';
import { listenToGroups } from '../../src/advertise/listener.ts';
import { parseGroup } from '../../src/core/advertise/index.ts';
import type { McmpError } from '../../src/core/errors.ts';
import { freshGroup, loopback } from '../advertise/group.ts';
import { freeAfter } from '../support/cleanup.ts';

function sixth(text: string) {
  const group = parseGroup(text);
  if (typeof group === 'string') throw new Error(group);
  return group;
}

// With IPv4 interfaces only, a group of IPv6 was left out without a word, and the other one listened to.
it.each(['[ff15::105]:23364', '[ff02::105]:23364'])('says that %s is not listened to', async (text) => {
  const failures: McmpError[] = [];
  const fourth = freshGroup();
  const listener = await listenToGroups({
    groups: [fourth, sixth(text)],
    interfaces: [loopback],
    onDatagram: () => undefined,
    onFailure: (failure) => failures.push(failure),
  });
  freeAfter(() => listener.close());
  expect(listener.joined).toEqual([{ group: fourth, interface: loopback.name }]);
  expect(failures.map(({ message }) => message)).toEqual([
    `cannot listen to ${text}: no interface has an IPv6 address`,
  ]);
});

it('listens to nothing only with an error', async () => {
  await expect(
    listenToGroups({
      groups: [sixth('[ff15::105]:23364')],
      interfaces: [loopback],
      onDatagram: () => undefined,
      onFailure: () => undefined,
    }),
  ).rejects.toMatchObject({ code: 'MCMP_MULTICAST_LISTEN' });
});
