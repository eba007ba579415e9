import { describe, expect, it } from 'vitest';
import { containerOf, FIREWALL_QUESTIONS, readMachine } from '../../../src/advertise/listen/machine.ts';

describe('a container', () => {
  const none = (): boolean => false;
  it.each<[string, string, readonly string[], Record<string, string>, string | undefined]>([
    ['no mark at all', '0::/init.scope', [], {}, undefined],
    ['Docker by its file', '0::/', ['/.dockerenv'], {}, 'Docker'],
    ['Docker by its control group', '12:pids:/docker/4f5a', [], {}, 'Docker'],
    ['Podman by its file', '0::/', ['/run/.containerenv'], {}, 'Podman'],
    ['Kubernetes by its environment', '0::/', ['/.dockerenv'], { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, 'Kubernetes'],
    ['Kubernetes by its control group', '1:cpu:/kubepods/besteffort/pod1', [], {}, 'Kubernetes'],
    ['another one by its environment', '0::/', [], { container: 'systemd-nspawn' }, 'a container'],
  ])('is told from %s', (_, cgroup, files, environment, expected) => {
    const exists = files.length === 0 ? none : (path: string): boolean => files.includes(path);
    expect(containerOf(cgroup, exists, environment)).toBe(expected);
  });
});

describe('a firewall', () => {
  it.each([
    ['firewalld', 'running\n', 'filters'],
    ['firewalld', 'not running\n', 'off'],
    ['ufw', 'Status: active\n\nTo  Action  From\n', 'filters'],
    ['ufw', 'Status: inactive\n', 'off'],
    ['nftables', '', 'off'],
    ['nftables', 'table inet f {\n chain i {\n  type filter hook input priority 0; policy drop;\n }\n}\n', 'filters'],
    ['nftables', 'table inet f {\n chain i {\n  type filter hook input priority 0; policy accept;\n }\n}\n', 'off'],
    ['iptables', '-P INPUT ACCEPT\n', 'off'],
    ['iptables', '-P INPUT DROP\n', 'filters'],
    ['iptables', '-P INPUT ACCEPT\n-A INPUT -p udp -j REJECT\n', 'filters'],
  ])('%s that says %j: %s', (name, output, state) => {
    expect(FIREWALL_QUESTIONS.find((question) => question.name === name)?.state(output)).toBe(state);
  });
});

describe('this machine', () => {
  it('tells of itself without failing', async () => {
    const facts = await readMachine();
    expect(facts.interfaces.map(({ internal }) => internal)).toContain(true);
    expect(facts.platform).toBe(process.platform);
  });
});
