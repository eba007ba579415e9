import { readText } from '../client/command-options.ts';
import { type AdvertiseGroup, DEFAULT_GROUP, formatGroup, parseGroup } from '../core/advertise/group.ts';
import { UsageError } from '../core/errors.ts';

/** Group of `serve`, `node-sim` and `advertise`, as a user writes it. */
export const GROUP_DEFAULT = formatGroup(DEFAULT_GROUP);

/** @throws UsageError */
export function groupOf(text: string, flag: string): AdvertiseGroup {
  const group = parseGroup(text);
  if (typeof group !== 'string') return group;
  throw new UsageError(`--${flag} ${text}: ${group}`, {
    hint: `A group is a multicast address and a port: --${flag} ${GROUP_DEFAULT}, or [ff15::105]:23364.`,
  });
}

/**
 * The security key, from a flag or a file; one line end at the end of the file does not belong to it, nor does a byte order
 * mark at its beginning.
 * @throws UsageError when both are given, the file cannot be read, or the key is empty or none that a balancer can have
 */
export function keyOf(key: string | undefined, file: string | undefined, flag: string): string | undefined {
  if (key !== undefined && file !== undefined) {
    throw new UsageError(`--${flag} and --${flag}-file say the same thing: give one of them`);
  }
  const value =
    file === undefined
      ? key
      : readText(file)
          .replace(/^\ufeff/, '')
          .replace(/\r?\n$/, '');
  if (value === undefined) return undefined;
  const where = `the key of --${flag}${file === undefined ? '' : '-file'}`;
  if (value === '') throw new UsageError(`${where} is empty`);
  // Where the file was no UTF-8, all its other bytes have become the same character.
  if (/[\0\r\n\ufffd]/.test(value)) {
    throw new UsageError(`${where} is not one line of text`, {
      hint: 'The key that httpd, Undertow and nodes have in their settings is one line, best of ASCII.',
    });
  }
  return value;
}
