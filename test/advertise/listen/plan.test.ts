import { describe, expect, it } from 'vitest';
import type { NetworkInterface } from '../../../src/advertise/interfaces.ts';
import { type ListenArgs, planOf } from '../../../src/advertise/listen/plan.ts';

const ARGS: ListenArgs = {
  group: ['224.0.1.105:23364'],
  interface: [],
  key: undefined,
  keyFile: undefined,
  expect: undefined,
  once: false,
  timeout: undefined,
  silence: 20_000,
  probe: false,
  lines: false,
};

const one = (name: string, address: string): NetworkInterface => ({
  name,
  address,
  family: address.includes(':') ? 'IPv6' : 'IPv4',
  internal: name === 'lo',
  multicast: true,
});
const MACHINE = [
  one('lo', '127.0.0.1'),
  one('eth0', '192.0.2.2'),
  one('eth0', '192.0.2.3'),
  one('eth0', 'fe80::1'),
  one('tun0', '10.8.0.2'),
];
const BOTH = ['224.0.1.105:23364', '[ff15::105]:23364'];

const namesOf = (args: Partial<ListenArgs>): string[] =>
  planOf({ ...ARGS, ...args }, MACHINE).interfaces.map(({ name, family }) => `${name} ${family}`);

describe('the plan of advertise listen', () => {
  it.each<[string, Partial<ListenArgs>, string[]]>([
    ['all interfaces once, unless told', {}, ['lo IPv4', 'eth0 IPv4', 'tun0 IPv4']],
    [
      "those that have an address of a group's family",
      { group: BOTH },
      ['lo IPv4', 'eth0 IPv4', 'eth0 IPv6', 'tun0 IPv4'],
    ],
    ['one by its name', { interface: ['tun0'] }, ['tun0 IPv4']],
    ['one by its second address', { interface: ['192.0.2.3'] }, ['eth0 IPv4']],
    ['both families of a name', { group: BOTH, interface: ['eth0'] }, ['eth0 IPv4', 'eth0 IPv6']],
    [
      'one for each family by address',
      { group: BOTH, interface: ['127.0.0.1', 'FE80::1%eth0'] },
      ['lo IPv4', 'eth0 IPv6'],
    ],
  ])('listens on %s', (_, args, names) => {
    expect(namesOf(args)).toEqual(names);
  });

  it.each<[string, Partial<ListenArgs>, RegExp]>([
    ['an unknown interface, and names the candidates', { interface: ['eth9'] }, /--interface eth9: no interface/],
    ['an address of the other family', { interface: ['fe80::1'] }, /no interface/],
    [
      'interfaces that leave a group deaf',
      { group: BOTH, interface: ['tun0'] },
      /IPv6 address, which \[ff15::105\]:23364/,
    ],
    ['a group that is no multicast address', { group: ['10.0.0.1:1'] }, /no multicast address/],
    ['two keys', { key: 'a', keyFile: 'b' }, /say the same thing/],
  ])('refuses %s', (_, args, message) => {
    expect(() => namesOf(args)).toThrow(message);
  });

  it('waits half a minute for one datagram, and without end for all', () => {
    expect(planOf(ARGS, MACHINE).timeoutMs).toBeUndefined();
    expect(planOf({ ...ARGS, once: true }, MACHINE).timeoutMs).toBe(30_000);
    expect(planOf({ ...ARGS, once: true, timeout: 500 }, MACHINE).timeoutMs).toBe(500);
  });
});
