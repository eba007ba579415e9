import { describe, expect, it } from 'vitest';
import type { MachineFacts } from '../../../src/advertise/listen/machine.ts';
import { selfTestWords } from '../../../src/advertise/listen/self-test-words.ts';
import { rankCauses, type SilenceFacts } from '../../../src/advertise/listen/silence.ts';
import { DEFAULT_GROUP } from '../../../src/core/advertise/index.ts';
import { PLAIN_MACHINE } from './samples.ts';

const GROUP = '224.0.1.105:23364';
const OTHER_GROUP = { host: '224.0.1.106', port: 23364, family: 'IPv4' } as const;
const SIX = { host: 'ff15::105', port: 23364, family: 'IPv6' } as const;
const heardOn = (name: string) => ({ group: GROUP, interface: name, heard: true, failure: undefined });
const notHeardOn = (name: string) => ({ ...heardOn(name), heard: false });
const notSentOn = (name: string) => ({ ...notHeardOn(name), failure: 'ENODEV' });

const PLAIN: SilenceFacts = {
  forMs: 20_000,
  machine: PLAIN_MACHINE,
  selfTest: [heardOn('lo'), heardOn('eth0')],
  joined: ['lo', 'eth0'].map((name) => ({ group: DEFAULT_GROUP, interface: name })),
  heardIn: [],
  heardBefore: false,
};
const machine = (changes: Partial<MachineFacts>): Partial<SilenceFacts> => ({
  machine: { ...PLAIN_MACHINE, ...changes },
});
const second = { name: 'eth1', address: '198.51.100.2', family: 'IPv4', internal: false, multicast: true } as const;
const deafCard = { name: 'eth0', address: '192.0.2.2', family: 'IPv4', internal: false, multicast: false } as const;

const FIRST: readonly (readonly [string, Partial<SilenceFacts>, string])[] = [
  ['nothing stands out', {}, 'silence/not-advertising'],
  ['nobody had the time to send', { forMs: 5000 }, 'silence/too-short'],
  ['it was heard before', { heardBefore: true }, 'silence/igmp-snooping'],
  ['another group is heard', { heardIn: [OTHER_GROUP] }, 'silence/other-group'],
  ['we are in a container', machine({ container: 'Docker' }), 'silence/container'],
  ['our own datagram does not come back', { selfTest: [heardOn('lo'), notHeardOn('eth0')] }, 'silence/firewall'],
  [
    'our own datagram does not come back, and a firewall filters',
    {
      selfTest: [heardOn('lo'), notHeardOn('eth0')],
      ...machine({ firewalls: [{ name: 'nftables', state: 'filters' }] }),
    },
    'silence/firewall',
  ],
  [
    'the only card has no multicast',
    machine({ interfaces: [...PLAIN_MACHINE.interfaces.slice(0, 1), deafCard] }),
    'silence/no-multicast',
  ],
  ['nothing can be sent', { selfTest: [heardOn('lo'), notSentOn('eth0')] }, 'silence/no-multicast'],
];

describe('the ranking of causes', () => {
  it.each(FIRST)('when %s', (_, changes, first) => {
    expect(rankCauses({ ...PLAIN, ...changes })[0]?.id).toBe(first);
  });

  it('names a cause only where something speaks for it', () => {
    const ids = (changes: Partial<SilenceFacts>): string[] => rankCauses({ ...PLAIN, ...changes }).map(({ id }) => id);
    const seldom = [
      'silence/too-short',
      'silence/container',
      'silence/no-multicast',
      'silence/reverse-path',
      'silence/family',
    ];
    expect(ids({}).filter((id) => seldom.includes(id))).toEqual([]);
    const several = { interfaces: [...PLAIN_MACHINE.interfaces, second], strictReversePath: ['eth0', 'eth1'] };
    expect(ids(machine(several))).toContain('silence/reverse-path');
    expect(ids(machine({ strictReversePath: ['eth0'] }))).not.toContain('silence/reverse-path');
    expect(ids({ joined: [{ group: SIX, interface: 'eth0' }] })).toContain('silence/family');
    expect(ids({}).at(-1)).toBe('silence/key');
  });

  it('gives commands that fit the group and the machine', () => {
    const commands = (id: string, changes: Partial<SilenceFacts> = {}): string =>
      rankCauses({ ...PLAIN, ...changes })
        .find((cause) => cause.id === id)
        ?.commands.join('\n') ?? '';
    const joined = [{ group: { host: '239.1.2.3', port: 5555, family: 'IPv4' } as const, interface: 'lo' }];
    expect(commands('silence/firewall', { joined })).toContain('-d 239.1.2.3 --dport 5555');
    expect(commands('silence/firewall', machine({ firewalls: [{ name: 'ufw', state: 'filters' }] }))).toMatch(
      /^ufw status[^\n]*$/,
    );
    expect(commands('silence/other-interface', { joined })).toContain('--interface eth0');
    expect(commands('silence/ttl', { joined })).toContain('--group 239.1.2.3:5555 --ttl-ladder 1..16');
    const six = { joined: [{ group: SIX, interface: 'eth0' }], forMs: 1000 };
    expect(commands('silence/firewall', six)).toMatch(/; ip6tables -I INPUT -p udp -d ff15::105 /);
    expect(commands('silence/ttl', six)).toContain("--group '[ff15::105]:23364' --ttl-ladder");
    expect(commands('silence/too-short', six)).toBe("mcmp advertise listen --group '[ff15::105]:23364' --timeout 30s");
    expect(commands('silence/no-multicast', { ...six, selfTest: [notSentOn('eth0')] })).toContain('get ff15::105');
    expect(commands('silence/container', machine({ container: 'Kubernetes' }))).toMatch(/proxyList="BALANCER:8090"/);
  });
});

describe('the words of the self-test', () => {
  it.each<[SilenceFacts['selfTest'], RegExp]>([
    [
      [heardOn('lo'), heardOn('eth0')],
      /^Our socket works; nothing comes from the network\. .*came back on lo, eth0\.$/,
    ],
    [
      [heardOn('lo'), notHeardOn('eth0')],
      /^This machine does not even hear itself: look here first\. .*did not come back on eth0\.$/,
    ],
    [[heardOn('lo'), notSentOn('eth0')], /^This machine does not even hear itself.*none could be sent on eth0\.$/],
    // IPv6 cannot be sent on loopback, and IPv4 beside it can.
    [[heardOn('lo'), heardOn('eth0'), notSentOn('lo')], /came back on lo, eth0\.$/],
    [[notSentOn('lo')], /none could be sent on lo\.$/],
    [[heardOn('lo')], /^Our socket works/],
    [[notHeardOn('')], /did not come back on the system's choice/],
  ])('of %j', (selfTest, words) => {
    expect(selfTestWords({ ...PLAIN, selfTest })).toMatch(words);
  });
});
