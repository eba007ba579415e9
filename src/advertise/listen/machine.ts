import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { listInterfaces, type NetworkInterface } from '../interfaces.ts';
import { defaultRouteInterface } from '../manager-address.ts';

/** A firewall on this machine, as far as it lets itself be asked. */
export interface FirewallFact {
  readonly name: 'firewalld' | 'ufw' | 'nftables' | 'iptables';
  /** `filters`: there are rules that can drop what comes in. `unknown`: it is there, and does not tell us. */
  readonly state: 'filters' | 'off' | 'unknown';
}

/** What this machine shows of itself that has to do with multicast. */
export interface MachineFacts {
  readonly platform: NodeJS.Platform;
  /** `Docker`, `Kubernetes`, ...; undefined: none that can be told. */
  readonly container: string | undefined;
  readonly interfaces: readonly NetworkInterface[];
  readonly defaultRoute: string | undefined;
  readonly firewalls: readonly FirewallFact[];
  /** Interfaces on which the kernel drops what comes from where it would not answer to (rp_filter 1). */
  readonly strictReversePath: readonly string[];
  /** Bridges of this machine that pass multicast only where somebody asked for it. */
  readonly snoopingBridges: readonly string[];
}

const ASK_TIMEOUT_MS = 2000;

export async function readMachine(): Promise<MachineFacts> {
  return {
    platform: process.platform,
    container: containerOf(readOr('/proc/1/cgroup'), existsSync, process.env),
    interfaces: listInterfaces(),
    defaultRoute: defaultRouteInterface(),
    firewalls: await readFirewalls(),
    strictReversePath: settingsOf('/proc/sys/net/ipv4/conf', 'rp_filter', '1'),
    snoopingBridges: settingsOf('/sys/class/net', 'bridge/multicast_snooping', '1'),
  };
}

/** Which container this process runs in, by the marks that the common ones leave. */
export function containerOf(
  cgroupText: string,
  exists: (path: string) => boolean,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (environment['KUBERNETES_SERVICE_HOST'] !== undefined) return 'Kubernetes';
  if (exists('/run/.containerenv')) return 'Podman';
  if (exists('/.dockerenv') || /\/docker[-/]/.test(cgroupText)) return 'Docker';
  if (/kubepods/.test(cgroupText)) return 'Kubernetes';
  if (/\/lxc[./]/.test(cgroupText) || environment['container'] === 'lxc') return 'LXC';
  return environment['container'] === undefined || environment['container'] === '' ? undefined : 'a container';
}

interface Question {
  readonly name: FirewallFact['name'];
  readonly program: string;
  readonly words: readonly string[];
  /** From what the program printed. */
  readonly state: (output: string) => FirewallFact['state'];
}

/** Programs that tell about a firewall; each is asked, none is changed. */
export const FIREWALL_QUESTIONS: readonly Question[] = [
  {
    name: 'firewalld',
    program: 'firewall-cmd',
    words: ['--state'],
    state: (output) => (/^running/m.test(output) ? 'filters' : 'off'),
  },
  {
    name: 'ufw',
    program: 'ufw',
    words: ['status'],
    state: (output) => (/^Status: active/m.test(output) ? 'filters' : 'off'),
  },
  {
    name: 'nftables',
    program: 'nft',
    words: ['list', 'ruleset'],
    state: (output) =>
      /hook input/.test(output) && /\b(?:policy drop|drop|reject)\b/.test(output) ? 'filters' : 'off',
  },
  {
    name: 'iptables',
    program: 'iptables',
    words: ['-S', 'INPUT'],
    state: (output) => (/^-P INPUT DROP|-j (?:DROP|REJECT)/m.test(output) ? 'filters' : 'off'),
  },
];

async function readFirewalls(): Promise<FirewallFact[]> {
  const answers = await Promise.all(
    FIREWALL_QUESTIONS.map(async ({ name, program, words, state }) => {
      const answer = await ask(program, words);
      return answer === 'missing'
        ? undefined
        : { name, state: answer === 'silent' ? ('unknown' as const) : state(answer) };
    }),
  );
  return answers.filter((one) => one !== undefined);
}

/** What a program prints; `missing`: there is no such program; `silent`: it does not answer, or may not (root only). */
function ask(program: string, words: readonly string[]): Promise<string | 'missing' | 'silent'> {
  return new Promise((resolve) => {
    execFile(program, [...words], { timeout: ASK_TIMEOUT_MS, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      // A name instead of an exit code: it did not run. EACCES is what a PATH says that was root's, for whoever is not.
      else if (typeof error.code === 'string') resolve('missing');
      // firewalld and ufw say that they are off by their exit code.
      else resolve(/not running|inactive/.test(`${stdout}${stderr}`) ? 'not running' : 'silent');
    });
  });
}

/** Names of the folders in which a file holds a value. */
function settingsOf(folder: string, file: string, value: string): string[] {
  return namesIn(folder).filter((name) => readOr(`${folder}/${name}/${file}`).trim() === value);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Another system.
    return [];
  }
}

/** A file's text; empty where there is none, or it may not be read. */
function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
