import { describe, expect, it } from 'vitest';
import { advertiseBalancer, type BalancerAdvertising } from '../../src/advertise/balancer.ts';
import type { NetworkInterface } from '../../src/advertise/interfaces.ts';
import type { AdvertiseGroup } from '../../src/core/advertise/index.ts';
import type { Log, LogFields } from '../../src/observe/types.ts';
import { freeAfter } from '../support/cleanup.ts';
import { waitFor } from '../support/wait-for.ts';
import { freshGroup, hear, loopback } from './group.ts';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

function gatherLog(): { readonly log: Log; readonly lines: readonly Line[] } {
  const lines: Line[] = [];
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
    };
  return { lines, log: { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') } };
}

function settingsFor(group: AdvertiseGroup, change: Partial<BalancerAdvertising> = {}): BalancerAdvertising {
  return { url: undefined, group, interface: '127.0.0.1', frequencyMs: 60_000, ttl: 0, key: undefined, ...change };
}

const eth0 = (address: string): NetworkInterface => ({
  name: 'eth0',
  address,
  family: 'IPv4',
  internal: false,
  multicast: true,
});

/** A balancer on all addresses; what it sends goes to loopback, whatever interface it takes. */
async function start(
  settings: BalancerAdvertising | undefined,
  options: { readonly listening?: string; interfaces?: () => readonly NetworkInterface[] } = {},
) {
  const { log, lines } = gatherLog();
  const advertising = await advertiseBalancer(settings, {
    mcmp: { addresses: [options.listening ?? '127.0.0.1:8090'], encrypted: [] },
    log,
    defaultRoute: () => 'eth0',
    lookAgainMs: 10,
    ...(options.interfaces === undefined ? {} : { interfaces: options.interfaces }),
  });
  freeAfter(() => advertising.closeNow());
  return { advertising, lines };
}

const gone = (
  server: string | undefined,
  heard: readonly { server: string | undefined; status: number | undefined }[],
) => heard.filter((one) => one.server === server && one.status !== 200).map(({ status }) => status);

describe('a balancer that advertises', () => {
  it('says which address it chose, and why', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    const { lines } = await start(settingsFor(group, { key: 'secret-key' }));
    await waitFor(() => heard.length === 1);
    expect(lines.filter(({ level }) => level === 'info')).toEqual([
      {
        level: 'info',
        message: 'advertising',
        fields: {
          manager: 'http://127.0.0.1:8090',
          because: 'MCMP listens there',
          group: `${group.host}:${group.port}`,
          interface: loopback.name,
          key: 'given',
          server: heard[0]?.server,
        },
      },
    ]);
    expect(lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['warning'])).toEqual([
      'only nodes on this machine can reach a loopback address',
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret-key');
  });

  it.each([
    ['secret', 0],
    ['schlüssel', 1],
  ])('warns of a key that Java nodes cannot check: %s', async (key, warnings) => {
    const { lines } = await start(settingsFor(freshGroup(), { key }));
    const warned = lines.filter(({ message }) => message === 'Java nodes cannot check the key');
    expect(warned.map(({ level }) => level)).toEqual(Array.from({ length: warnings }, () => 'warn'));
    expect(JSON.stringify(lines)).not.toContain(key);
  });

  it('takes a new id when its interface gets another address, and lets go of the old one', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    let address = '127.0.0.1';
    const { lines } = await start(settingsFor(group, { interface: undefined }), {
      listening: '0.0.0.0:8090',
      interfaces: () => [eth0(address)],
    });
    await waitFor(() => heard.length === 1);
    address = '127.0.0.2';
    await waitFor(() => heard.length === 4);
    const [first, second] = heard;
    expect([first?.managerAddress, second?.managerAddress]).toEqual(['127.0.0.1:8090', '127.0.0.2:8090']);
    expect(second?.server).not.toBe(first?.server);
    expect([gone(first?.server, heard), gone(second?.server, heard)]).toEqual([[403, 410], []]);
    expect(lines.filter(({ message }) => message === 'advertising')).toHaveLength(2);
  });

  it('goes on with the last address while there is none, and says so once', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    let interfaces: readonly NetworkInterface[] = [eth0('127.0.0.1')];
    let looks = 0;
    const { lines } = await start(settingsFor(group, { interface: undefined, frequencyMs: 20 }), {
      listening: '0.0.0.0:8090',
      interfaces: () => {
        looks += 1;
        return interfaces;
      },
    });
    interfaces = [];
    const before = looks;
    await waitFor(() => looks > before + 3);
    const count = heard.length;
    await waitFor(() => heard.length > count + 2);
    expect(new Set(heard.map(({ server }) => server)).size).toBe(1);
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        message: 'advertising cannot be brought up to date; trying again',
        fields: { problem: expect.stringContaining('no interface'), hint: expect.stringContaining('--advertise') },
      },
    ]);
  });

  it('takes over changed settings, and refuses wrong ones with nothing changed', async () => {
    const [group, other] = [freshGroup(), freshGroup()];
    const [heard, heardThere] = [await hear(group), await hear(other)];
    const { advertising } = await start(settingsFor(group));
    expect(() => advertising.prepare(settingsFor(group, { interface: 'nosuch0' }))).toThrow(/nosuch0/);
    advertising.prepare(settingsFor(group))();
    advertising.prepare(settingsFor(other, { url: new URL('http://lb.example:6666') }))();
    await waitFor(() => heardThere.length > 0 && heard.length === 3);
    expect(heard.map(({ status }) => status)).toEqual([200, 403, 410]);
    expect(heardThere.map(({ managerAddress }) => managerAddress)).toEqual(['lb.example:6666']);
  });

  it('can begin and end while the balancer runs', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    const { advertising, lines } = await start(undefined);
    expect(lines).toEqual([]);
    advertising.prepare(settingsFor(group))();
    await waitFor(() => heard.length === 1);
    advertising.prepare(undefined)();
    await waitFor(() => heard.length === 3);
    expect(heard.map(({ status }) => status)).toEqual([200, 403, 410]);
    expect(lines.at(-1)).toMatchObject({ message: 'nothing is advertised any more' });
  });

  it('leaves nothing behind that advertises when it is cut off in the middle of a change', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    const { advertising } = await start(settingsFor(group));
    advertising.prepare(settingsFor(group, { frequencyMs: 20, url: new URL('http://192.0.2.9:1') }))();
    advertising.closeNow();
    await waitFor(() => heard.length === 2);
    const other = await start(settingsFor(group, { frequencyMs: 20 }));
    await waitFor(() => heard.length >= 6);
    other.advertising.closeNow();
    expect(heard.filter(({ managerAddress }) => managerAddress === '192.0.2.9:1')).toHaveLength(1);
  });

  it('says goodbye when it ends', async () => {
    const group = freshGroup();
    const heard = await hear(group);
    const { advertising } = await start(settingsFor(group));
    await advertising.close();
    await waitFor(() => heard.length === 3);
    expect(heard.map(({ status }) => status)).toEqual([200, 403, 410]);
  });
});
