import { encodeText } from '../../client/body.ts';
import type { Brand } from '../../client/brand.ts';
import { isLoopbackHost, withoutBrackets } from '../../core/address.ts';
import { methodOf } from '../../core/mcmp/commands.ts';
import { fieldRow, findField } from '../../core/mcmp/fields.ts';
import { isWildcardHost } from '../../core/reach.ts';
import type { Outgoing } from '../wire/types.ts';
import type { ToldAddress } from './compose.ts';

/** Whose limits count for whom; Undertow has none (reference §1.6), and who is not known may be httpd. */
const LIMITS: Readonly<Record<Brand, 'httpd' | 'mcmp' | undefined>> = {
  mcmp: 'mcmp',
  'httpd-2': 'httpd',
  'httpd-1.3': 'httpd',
  nginx: 'httpd',
  undertow: undefined,
  unknown: 'httpd',
};

const SHOWN_CHARACTERS = 40;

/** Of a longer message the rest is cut without a word, unless the operator gave his tables another size (reference §1.3). */
const MESSAGE_BYTES: Readonly<Record<Brand, number>> = {
  mcmp: Number.POSITIVE_INFINITY,
  'httpd-2': 13_188,
  'httpd-1.3': 8008,
  nginx: 16_008,
  undertow: Number.POSITIVE_INFINITY,
  unknown: 8008,
};

/** What this balancer is likely to refuse, cut or misread in a message (needs B17, B18). */
export function troubleWith(message: Outgoing, brand: Brand): string[] {
  const trouble: string[] = [];
  const mostBytes = MESSAGE_BYTES[brand];
  // A character has three bytes at most, and a byte takes three: most messages need not be written to be measured.
  if (message.pairs.reduce((sum, [, value]) => sum + 9 * value.length, 0) > mostBytes) {
    const bytes = encodeText(message.pairs).length;
    if (bytes > mostBytes) {
      trouble.push(
        `${message.method} has ${bytes} bytes, of which ${brand === 'unknown' ? 'many balancers read' : 'this balancer reads'} ` +
          `${mostBytes} as it comes: the rest would be cut`,
      );
    }
  }
  for (const [name, value] of message.pairs) {
    if (/[<>"'\\\u0000-\u001f]/.test(value)) {
      trouble.push(
        `${name}=${shown(value)} holds one of < > " ' \\ or a control character; balancers refuse the message`,
      );
    }
    const row = rowOf(message.method, name);
    if (row?.kind === 'boolean' && !/^(?:yes|no)$/i.test(value)) {
      trouble.push(`${name}=${shown(value)} is no boolean of MCMP, and most balancers ignore it: say Yes or No`);
    }
    const whose = LIMITS[brand];
    const limit = whose === undefined ? undefined : row?.limit?.[whose];
    if (limit === undefined) continue;
    const parts = row?.kind === 'aliases' || row?.kind === 'contexts' ? value.split(',') : [value];
    for (const part of parts) {
      const bytes = Buffer.byteLength(part);
      if (bytes < limit) continue;
      const who = brand === 'unknown' ? 'many balancers take' : 'this balancer takes';
      trouble.push(`${name}=${shown(part)} has ${bytes} bytes; ${who} at most ${limit - 1}`);
    }
  }
  return trouble;
}

/** An address that the balancer cannot reach, seen from where it is (needs B5); undefined when nothing speaks against it. */
export function troubleWithAddress(
  address: ToldAddress,
  localAddress: string | undefined,
  balancer: string,
): string | undefined {
  const host = withoutBrackets(address.host);
  const told = `${address.host}:${address.port}`;
  if (isWildcardHost(host)) {
    return `the node tells ${balancer} to reach it at ${told}, which is no address: give the connector's host`;
  }
  if (localAddress === undefined || isLoopbackHost(unmapped(localAddress)) || !isLoopbackHost(host)) return undefined;
  return (
    `the node tells ${balancer} to reach it at ${told}, which is that machine itself: ` +
    `listen on ${unmapped(localAddress)} or on all addresses`
  );
}

/** An IPv4 address as it is, where a socket of both kinds calls it `::ffff:127.0.0.1`. */
export function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** ` (Host=...)`, when the text of an error names a field of the message. */
export function namedField(message: Outgoing, mess: string): string {
  for (const [name, value] of message.pairs) {
    const label = rowOf(message.method, name)?.label ?? name;
    if (new RegExp(`\\b(?:${escaped(name)}|${escaped(label)})\\b`, 'i').test(mess)) return ` (${name}=${shown(value)})`;
  }
  return '';
}

function rowOf(methodName: string, name: string): ReturnType<typeof fieldRow> | undefined {
  const method = methodOf(methodName);
  const field = method === undefined ? undefined : findField(method, name);
  return field === undefined ? undefined : fieldRow(field);
}

function shown(value: string): string {
  return value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}...` : value;
}

function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '\\$&');
}
