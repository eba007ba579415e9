import { type AdvertiseGroup, DEFAULT_GROUP, formatGroup } from '../../core/advertise/index.ts';
import type { MachineFacts } from './machine.ts';
import type { SelfTestResult } from './self-test.ts';
import { isBlocked } from './self-test-words.ts';

/** All that is known when nothing is heard. */
export interface SilenceFacts {
  /** For so long nothing was heard. */
  readonly forMs: number;
  readonly machine: MachineFacts;
  readonly selfTest: readonly SelfTestResult[];
  /** What is listened to, with the interface; empty: the system's choice. */
  readonly joined: readonly { readonly group: AdvertiseGroup; readonly interface: string }[];
  /** Groups in which something was heard lately. */
  readonly heardIn: readonly AdvertiseGroup[];
  /** Something was heard in the silent groups, and then no longer. */
  readonly heardBefore: boolean;
}

/** A cause that fits what is known, and how to find out. */
export interface SilenceCause {
  readonly id: `silence/${string}`;
  /** 0 to 100: how likely, by what this machine shows. The numbers only order the list. */
  readonly weight: number;
  readonly title: string;
  /** What speaks for it here. */
  readonly why: string;
  /** Commands to check or mend it, as they can be pasted. */
  readonly commands: readonly string[];
}

type Rule = (facts: SilenceFacts) => SilenceCause | undefined;

/** As it can be pasted into any shell: brackets are a pattern in some. */
const pasted = (group: AdvertiseGroup): string =>
  group.family === 'IPv6' ? `'${formatGroup(group)}'` : formatGroup(group);

/** Of balancers of all brands, unless told otherwise (reference §7.1). */
const INTERVAL_MS = 10_000;

const tooShort: Rule = ({ forMs, heardBefore, joined }) =>
  forMs > INTERVAL_MS || heardBefore
    ? undefined
    : {
        id: 'silence/too-short',
        weight: 99,
        title: 'It was not listened for long enough',
        why: 'a balancer sends every ten seconds unless told otherwise: that none came in less says nothing',
        commands: [
          `mcmp advertise listen ${[...new Set(joined.map(({ group }) => `--group ${pasted(group)}`))].join(' ')} --timeout 30s`,
        ],
      };

const portOf = ({ joined }: SilenceFacts): number => joined[0]?.group.port ?? DEFAULT_GROUP.port;
const groupOf = ({ joined }: SilenceFacts): AdvertiseGroup => joined[0]?.group ?? DEFAULT_GROUP;

const otherGroup: Rule = (facts) => {
  const { heardIn, joined } = facts;
  const silent = joined
    .map(({ group }) => formatGroup(group))
    .filter((name) => !heardIn.map(formatGroup).includes(name));
  const names = [...new Set(silent)].join(', ');
  const commands = [
    'mcmp advertise listen --group 224.0.1.105:23364 --group 224.0.1.105:23365 --group 224.0.1.106:23364',
    "grep -rhE 'AdvertiseGroup' /etc/httpd /etc/apache2 2>/dev/null",
    "jboss-cli.sh -c '/socket-binding-group=standard-sockets/socket-binding=modcluster:read-resource'",
  ];
  return heardIn.length === 0
    ? {
        id: 'silence/other-group',
        weight: names.includes(formatGroup(DEFAULT_GROUP)) ? 40 : 55,
        title: 'The balancer advertises to another group or port',
        why: `nothing was heard in ${names}; a setting that is not in effect leaves it at ${formatGroup(DEFAULT_GROUP)}`,
        commands,
      }
    : {
        id: 'silence/other-group',
        weight: 100,
        title: 'The balancer advertises to another group or port',
        why: `${heardIn.map(formatGroup).join(', ')} is heard, ${names} is not`,
        commands: commands.slice(1),
      };
};

const notAdvertising: Rule = ({ heardBefore }) => ({
  id: 'silence/not-advertising',
  weight: heardBefore ? 85 : 70,
  title: heardBefore ? 'The balancer has stopped, or advertises no more' : 'The balancer does not advertise',
  why: heardBefore
    ? 'it was heard before'
    : 'advertising is off unless it is switched on, and a balancer does not tell',
  commands: [
    "grep -rhE 'ServerAdvertise|AdvertiseFrequency|AdvertiseBindAddress' /etc/httpd /etc/apache2 2>/dev/null",
    "jboss-cli.sh -c '/subsystem=undertow/configuration=filter/mod-cluster=*:read-attribute(name=advertise-frequency)'",
    'mcmp serve --advertise http://ADDRESS:8090',
  ],
});

const otherInterface: Rule = (facts) => {
  const { joined, machine } = facts;
  const names = [...new Set(joined.map((one) => one.interface))].filter((name) => name !== '');
  const missing = machine.interfaces
    .filter(({ name, family }) => family === groupOf(facts).family && !names.includes(name))
    .map(({ name }) => name);
  const deaf = [...new Set(missing)];
  return {
    id: 'silence/other-interface',
    weight: deaf.length > 0 ? 65 : 50,
    title: 'The balancer advertises on another interface, or on loopback only',
    why:
      deaf.length > 0
        ? `not listened to here: ${deaf.join(', ')}; Undertow advertises from 127.0.0.1 unless told otherwise`
        : 'its datagrams follow its default route, and Undertow advertises from 127.0.0.1 unless told otherwise',
    commands: [
      ...deaf.slice(0, 3).map((name) => `mcmp advertise listen --interface ${name}`),
      `tcpdump -ni any udp port ${portOf(facts)}    # on the balancer's machine`,
    ],
  };
};

const firewallHere: Rule = (facts) => {
  const { machine, selfTest } = facts;
  const active = machine.firewalls.filter(({ state }) => state === 'filters').map(({ name }) => name);
  const unknown = machine.firewalls.filter(({ state }) => state === 'unknown').map(({ name }) => name);
  const blocked = selfTest.some(isBlocked);
  const base = blocked ? 90 : 45;
  const evidence =
    active.length > 0
      ? `${active.join(', ')} ${active.length > 1 ? 'filter' : 'filters'} on this machine`
      : unknown.length > 0
        ? `only root is told what ${unknown.join(', ')} of this machine ${unknown.length > 1 ? 'do' : 'does'}`
        : "no firewall was found on this machine; there may be one on the balancer's";
  return {
    id: 'silence/firewall',
    weight: base + (active.length > 0 ? 9 : unknown.length > 0 ? 5 : -15),
    title: `A firewall drops UDP ${portOf(facts)}`,
    why: blocked ? `our own datagram did not come back; ${evidence}` : evidence,
    commands: firewallCommands(facts, active.length > 0 ? active : unknown),
  };
};

function firewallCommands(facts: SilenceFacts, names: readonly string[]): string[] {
  const { host, port, family: version } = groupOf(facts);
  const tables = version === 'IPv6' ? 'ip6tables' : 'iptables';
  const byName: readonly (readonly [string, string])[] = [
    ['firewalld', `firewall-cmd --list-all; firewall-cmd --add-port=${port}/udp`],
    ['ufw', `ufw status verbose; ufw allow in proto udp to ${host} port ${port}`],
    ['nftables', 'nft list ruleset'],
    ['iptables', `${tables} -S INPUT; ${tables} -I INPUT -p udp -d ${host} --dport ${port} -j ACCEPT`],
  ];
  const wanted = names.length === 0 ? byName : byName.filter(([name]) => names.includes(name));
  return wanted.map(([, command]) => command);
}

const noMulticast: Rule = (facts) => {
  const { joined, machine, selfTest } = facts;
  const names = new Set(joined.map((one) => one.interface));
  const without = machine.interfaces.filter((one) => one.multicast === false && !one.internal && names.has(one.name));
  const failed = selfTest
    .filter(({ failure }) => failure !== undefined)
    .map((one) => one.interface || 'the default route');
  const only = [...new Set([...without.map(({ name }) => name), ...failed])].filter((name) => name !== 'lo');
  const [first] = only;
  if (first === undefined) return undefined;
  const every = [...names].every((name) => only.includes(name) || name === 'lo' || name === '');
  return {
    id: 'silence/no-multicast',
    weight: every ? 95 : 45,
    title: 'The interface carries no multicast',
    why: `${only.join(', ')} has no MULTICAST flag, or refuses to send to the group`,
    commands: [
      `ip -o link show ${first}`,
      `ip link set dev ${first} multicast on`,
      `ip route get ${groupOf(facts).host}`,
    ],
  };
};

const containerNetwork: Rule = ({ machine }) =>
  machine.container === undefined
    ? undefined
    : {
        id: 'silence/container',
        weight: 80,
        title: 'Networks of containers drop multicast',
        why: `this runs in ${machine.container}; overlay networks (Swarm, most of Kubernetes) carry none, a bridge only between its own containers`,
        commands: STATIC_PROXIES,
      };

/** Names the balancer instead of discovering it. */
const STATIC_PROXIES: readonly string[] = [
  "jboss-cli.sh -c '/socket-binding-group=standard-sockets/remote-destination-outbound-socket-binding=proxy1:add(host=BALANCER, port=8090)'",
  "jboss-cli.sh -c '/subsystem=modcluster/proxy=default:write-attribute(name=proxies, value=[proxy1])'",
  '<Listener className="org.jboss.modcluster.container.tomcat.ModClusterListener" advertise="false" proxyList="BALANCER:8090"/>',
  'mcmp node-sim --balancer http://BALANCER:8090',
];

const ttl: Rule = (facts) => ({
  id: 'silence/ttl',
  weight: 30,
  title: 'The datagrams do not pass the routers in between',
  why: 'httpd and Undertow send with TTL 10, other senders with 1; a router passes multicast only when it is set up to',
  commands: [
    `mcmp advertise send --group ${pasted(groupOf(facts))} --ttl-ladder 1..16 --count 3 --frequency 1s    # on the balancer's machine`,
  ],
});

const snooping: Rule = ({ machine, heardBefore }) => {
  const bridges = machine.snoopingBridges;
  const [bridge = 'BRIDGE'] = bridges;
  return {
    id: 'silence/igmp-snooping',
    weight: heardBefore ? 90 : bridges.length > 0 ? 55 : 35,
    title: 'A switch or bridge with IGMP snooping holds the group back',
    why: heardBefore
      ? 'it worked and then stopped, as it does some minutes after joining where no IGMP querier is in the network'
      : bridges.length > 0
        ? `${bridges.join(', ')} of this machine snoops`
        : 'snooping without an IGMP querier passes multicast for some minutes, or never',
    commands: [
      'ip maddr show',
      `cat /sys/class/net/${bridge}/bridge/multicast_querier`,
      `echo 1 > /sys/class/net/${bridge}/bridge/multicast_querier`,
    ],
  };
};

const reversePath: Rule = ({ machine }) => {
  const own = machine.interfaces
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ name }) => name);
  const several = new Set(own).size > 1;
  const everywhere = machine.strictReversePath.includes('all');
  const strict = own.filter((name) => everywhere || machine.strictReversePath.includes(name));
  const [first] = strict;
  return first === undefined || !several
    ? undefined
    : {
        id: 'silence/reverse-path',
        weight: 48,
        title: 'The kernel drops what comes in by another interface than it would answer by',
        why: `rp_filter is strict on ${[...new Set(strict)].join(', ')}, and this machine has several networks`,
        commands: ['nstat -az TcpExtIPReversePathFilter', `sysctl -w net.ipv4.conf.${first}.rp_filter=2`],
      };
};

const family: Rule = ({ joined }) =>
  joined.some(({ group }) => group.family === 'IPv4')
    ? undefined
    : {
        id: 'silence/family',
        weight: 60,
        title: 'Only IPv6 groups are listened to',
        why: 'balancers advertise to an IPv4 group unless told otherwise, and a Java node needs java.net.preferIPv4Stack off for IPv6',
        commands: ['mcmp advertise listen'],
      };

const key: Rule = () => ({
  id: 'silence/key',
  weight: 1,
  title: 'It is not the security key',
  why: 'datagrams with another key, or none, would be shown here and judged; only nodes do not see them',
  commands: [],
});

const RULES: readonly Rule[] = [
  tooShort,
  otherGroup,
  notAdvertising,
  otherInterface,
  firewallHere,
  noMulticast,
  containerNetwork,
  ttl,
  snooping,
  reversePath,
  family,
  key,
];

/** Causes of silence that fit the facts, the likeliest first (needs A1 to A9, A16). */
export function rankCauses(facts: SilenceFacts): SilenceCause[] {
  return RULES.map((rule) => rule(facts))
    .filter((cause) => cause !== undefined)
    .sort((one, other) => other.weight - one.weight);
}
