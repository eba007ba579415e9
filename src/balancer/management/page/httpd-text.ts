import { isUsable, type NodeRecord } from '../../../core/cluster/records.ts';
import { type ClusterState, nodesOf } from '../../../core/cluster/state.ts';
import { textOf } from '../../../core/mcmp/bytes.ts';
import { RELEASE } from '../../../core/mcmp/release.ts';
import { escapeForTerminal } from '../../../core/text.ts';

/**
 * The page in the words of httpd's (reference §8.1), as plain text, for programs that look for them in the page of the
 * module. Times in microseconds, as there.
 *
 * @param nonce empty where GET changes nothing
 * @param notice what was done, or why not
 */
export function httpdText(state: ClusterState, nonce: string, notice = ''): string {
  const lines = [RELEASE];
  if (notice !== '') lines.push(escapeForTerminal(notice));
  if (nonce !== '') lines.push(`nonce=${nonce}`);
  const domains = new Map<string, NodeRecord[]>();
  for (const node of nodesOf(state)) {
    const known = domains.get(node.domain);
    if (known === undefined) domains.set(node.domain, [node]);
    else known.push(node);
  }
  for (const [domain, nodes] of domains) {
    lines.push('', `LBGroup ${shown(domain)}:`);
    for (const node of nodes) lines.push(...nodeLines(node));
  }
  return `${lines.join('\n')}\n`;
}

function nodeLines(node: NodeRecord): string[] {
  const { counters } = node;
  const values: readonly (readonly [string, string | number])[] = [
    ['Balancer', shown(node.balancer.name)],
    ['LBGroup', shown(node.domain)],
    ['Flushpackets', `${node.flushPackets.charAt(0).toUpperCase()}${node.flushPackets.slice(1)}`],
    ['Flushwait', node.flushWaitMs * 1000],
    ['Ping', node.pingMs * 1000],
    ['Smax', node.smax],
    ['Ttl', node.ttlMs * 1000],
    ['Status', isUsable(node) ? 'OK' : 'NOTOK'],
    ['Elected', counters.elected],
    ['Read', counters.readBytes],
    ['Transferred', counters.transferredBytes],
    ['Connected', counters.inFlight],
    ['Load', node.load],
  ];
  const lines = [
    '',
    `Node ${shown(node.route)} (${shown(`${node.type}://${node.host}:${node.port}`)}):`,
    values.map(([name, value]) => `${name}: ${value}`).join(','),
  ];
  for (const vhost of node.vhosts) {
    lines.push(`Virtual Host ${vhost.number}:`, 'Contexts:');
    for (const { path, status, inFlight } of vhost.contexts.values()) {
      lines.push(`${shown(path)}, Status: ${status} Request: ${inFlight}`);
    }
    lines.push('Aliases:', ...vhost.aliases.map(({ name }) => shown(name)));
  }
  return lines;
}

function shown(bytes: string): string {
  return escapeForTerminal(textOf(bytes));
}
