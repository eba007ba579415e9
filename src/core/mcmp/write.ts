import { MEDIA_TYPES } from './accept.ts';
import { encodeBody } from './body.ts';
import { printMcmpDuration } from './duration.ts';
import { type FieldName, fieldRow } from './fields.ts';
import type { BalancerSettings, ConfigCommand, McmpCommand, McmpMethod } from './types.ts';

/** A command as it goes out over HTTP. */
export interface PrintedCommand {
  readonly method: McmpMethod;
  readonly target: '/' | '/*';
  /** Byte string; empty: none. */
  readonly body: string;
  /** Accept header; empty: none. */
  readonly accept: string;
}

type Field = readonly [name: FieldName, value: string];

/**
 * Writes a command as the Java node does: JVMRoute first, the rest in byte order of the names, and of CONFIG only what
 * differs from the defaults, besides Host, Port and Type (reference §9.1, §9.6). `parseCommand` reads the same command
 * back.
 *
 * @param defaultBalancer the balancer that is meant when none is named; undefined: always name it
 */
export function printCommand(command: McmpCommand, defaultBalancer?: string): PrintedCommand {
  const plain = { target: '/', accept: '' } as const;
  switch (command.kind) {
    case 'CONFIG':
      return { ...plain, method: 'CONFIG', body: bodyOf(command.node.route, configFields(command, defaultBalancer)) };
    case 'STATUS':
      return {
        ...plain,
        method: 'STATUS',
        body: bodyOf(command.route, command.load === undefined ? [] : [['Load', String(command.load)]]),
      };
    case 'PING':
      return { ...plain, method: 'PING', body: pingBody(command.target) };
    case 'INFO':
    case 'DUMP':
    case 'VERSION':
      return {
        ...plain,
        method: command.kind,
        body: '',
        accept: command.format === 'text' ? '' : MEDIA_TYPES[command.format],
      };
    default: {
      if (command.wildcard) return { method: command.kind, target: '/*', body: bodyOf(command.route, []), accept: '' };
      const lists: Field[] = [
        ['Alias', command.aliases.join(',')],
        ['Context', command.contexts.join(',')],
      ];
      return { ...plain, method: command.kind, body: bodyOf(command.route, lists) };
    }
  }
}

function bodyOf(route: string, fields: Field[]): string {
  return encodeBody([['JVMRoute', route], ...fields.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function pingBody(target: Extract<McmpCommand, { kind: 'PING' }>['target']): string {
  switch (target.kind) {
    case 'balancer':
      return '';
    case 'node':
      return encodeBody([['JVMRoute', target.route]]);
    case 'address':
      return encodeBody([
        ['Host', target.host],
        ['Port', target.port],
        ['Scheme', target.scheme],
      ]);
  }
}

function configFields(command: ConfigCommand, defaultBalancer: string | undefined): Field[] {
  const { node, balancer, aliases, contexts } = command;
  const fields: Field[] = [
    ['Host', node.host],
    ['Port', node.port],
    ['Type', node.type],
  ];
  const optional: Field[] = [
    ['Domain', node.domain],
    ['Reversed', yesNo(node.reversed)],
    ['flushpackets', node.flushPackets],
    ['flushwait', printMcmpDuration(node.flushWaitMs, 'ms')],
    ['ping', printMcmpDuration(node.pingMs, 's')],
    ['smax', String(node.smax)],
    ['ttl', printMcmpDuration(node.ttlMs, 's')],
    ['Timeout', printMcmpDuration(node.timeoutMs, 's')],
    ...balancerFields(balancer),
  ];
  for (const field of optional) if (field[1] !== fieldRow(field[0]).default) fields.push(field);
  if (balancer.name !== defaultBalancer) fields.push(['Balancer', balancer.name]);
  if (aliases.length > 0) fields.push(['Alias', aliases.join(',')]);
  if (contexts.length > 0) fields.push(['Context', contexts.join(',')]);
  return fields;
}

function balancerFields(balancer: BalancerSettings): Field[] {
  return [
    ['StickySession', yesNo(balancer.stickySession)],
    ['StickySessionCookie', balancer.stickySessionCookie],
    ['StickySessionPath', balancer.stickySessionPath],
    ['StickySessionRemove', yesNo(balancer.stickySessionRemove)],
    ['StickySessionForce', yesNo(balancer.stickySessionForce)],
    ['WaitWorker', String(balancer.waitWorkerSeconds)],
    ['Maxattempts', String(balancer.maxAttempts)],
  ];
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
