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
 * The security key, from a flag or a file; one line end at the end of the file does not belong to it.
 * @throws UsageError when both are given, the file cannot be read, or the key is empty
 */
export function keyOf(key: string | undefined, file: string | undefined, flag: string): string | undefined {
  if (key !== undefined && file !== undefined) {
    throw new UsageError(`--${flag} and --${flag}-file say the same thing: give one of them`);
  }
  const value = file === undefined ? key : readText(file).replace(/\r?\n$/, '');
  if (value === '') throw new UsageError(`the key of --${flag}${file === undefined ? '' : '-file'} is empty`);
  return value;
}
