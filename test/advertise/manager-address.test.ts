import { describe, expect, it } from 'vitest';
import type { NetworkInterface } from '../../src/advertise/interfaces.ts';
import { chooseManager, type ManagerWish } from '../../src/advertise/manager-address.ts';

const loopback: NetworkInterface = {
  name: 'lo',
  address: '127.0.0.1',
  family: 'IPv4',
  internal: true,
  multicast: false,
};
const eth0: NetworkInterface = { name: 'eth0', address: '10.0.0.5', family: 'IPv4', internal: false, multicast: true };
const wifi: NetworkInterface = { name: 'wlan0', address: '10.9.0.5', family: 'IPv4', internal: false, multicast: true };
const tunnel: NetworkInterface = {
  name: 'tun0',
  address: '10.8.0.1',
  family: 'IPv4',
  internal: false,
  multicast: false,
};
const local: NetworkInterface = {
  name: 'eth1',
  address: '169.254.3.4',
  family: 'IPv4',
  internal: false,
  multicast: true,
};
const six: NetworkInterface = {
  name: 'eth0',
  address: '2001:db8::5',
  family: 'IPv6',
  internal: false,
  multicast: true,
};
const ALL = [loopback, tunnel, local, wifi, eth0, six];

function choose(wish: Partial<ManagerWish>): { url: string; why: string; warning: string } {
  const { manager, why, warning } = chooseManager({
    url: undefined,
    listening: ['0.0.0.0:8090'],
    encrypted: [],
    family: 'IPv4',
    interface: undefined,
    interfaces: ALL,
    defaultRoute: 'eth0',
    ...wish,
  });
  return { url: manager.origin, why, warning };
}

describe('the address that a balancer advertises', () => {
  const rows: readonly (readonly [string, Partial<ManagerWish>, string])[] = [
    ['what the operator says', { url: new URL('http://lb.example:6666') }, 'http://lb.example:6666'],
    ['what MCMP listens on', { listening: ['10.1.1.1:8090'] }, 'http://10.1.1.1:8090'],
    ['what MCMP listens on, IPv6', { listening: ['[2001:db8::1]:8090'] }, 'http://[2001:db8::1]:8090'],
    [
      'https where MCMP is TLS',
      { listening: ['10.1.1.1:8443'], encrypted: ['10.1.1.1:8443'] },
      'https://10.1.1.1:8443',
    ],
    ['that of the default route, when MCMP listens everywhere', {}, 'http://10.0.0.5:8090'],
    ['one with multicast, when there is no default route', { defaultRoute: undefined }, 'http://10.9.0.5:8090'],
    [
      'one without multicast, when there is no other',
      { interfaces: [loopback, local, tunnel] },
      'http://10.8.0.1:8090',
    ],
    ['that of the interface it goes through', { interface: wifi }, 'http://10.9.0.5:8090'],
    ["that of the group's family", { family: 'IPv6', listening: ['[::]:8090'] }, 'http://[2001:db8::5]:8090'],
  ];
  for (const [words, wish, url] of rows) {
    it(`is ${words}`, () => {
      expect(choose(wish).url).toBe(url);
    });
  }

  it('says what it did not choose', () => {
    expect(choose({}).why).toMatch(
      /eth0, the interface of the default route; not chosen: 10\.9\.0\.5 \(wlan0\), 10\.8\.0\.1 \(tun0\)/,
    );
  });

  it('warns of a loopback address', () => {
    expect(choose({ listening: ['127.0.0.1:8090'] }).warning).toMatch(/only nodes on this machine/);
    expect(choose({ url: new URL('http://localhost:8090') }).warning).toMatch(/only nodes on this machine/);
  });

  it('is never a wildcard', () => {
    expect(() => choose({ url: new URL('http://0.0.0.0:8090') })).toThrow(/wildcard/);
    for (const host of ['[::]', '[::ffff:0.0.0.0]', '0', '0.1.2.3']) {
      expect(() => choose({ url: new URL(`http://${host}:8090`) })).toThrow(/wildcard/);
    }
    expect(() => choose({ interfaces: [loopback, local] })).toThrow(/no interface has an IPv4 address/);
  });
});
