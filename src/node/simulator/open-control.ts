import { readToken } from '../../cli/token-file.ts';
import type { Address } from '../../core/address.ts';
import { UsageError } from '../../core/errors.ts';
import type { Log } from '../../observe/types.ts';
import { systemClock } from '../clock.ts';
import { type Control, checkControl, startControl } from '../control/control.ts';
import type { Fleet } from './types.ts';

/** Opens the control API of a fleet, once there is one. */
export type OpenControl = (fleet: Fleet) => Promise<Control>;

/**
 * Reads what the command line says of the control API. What keeps it from being opened is found now, before a fleet comes.
 *
 * @returns undefined when none is wanted
 * @throws UsageError; McmpError `MCMP_LISTEN`
 */
export async function openControl(
  address: Address | undefined,
  tokenFile: string | undefined,
  log: Log,
): Promise<OpenControl | undefined> {
  if (address === undefined) {
    if (tokenFile === undefined) return undefined;
    throw new UsageError('--control-token-file says who may use the control API, but there is none', {
      hint: 'Open it: --control 127.0.0.1:8099.',
    });
  }
  const options = { address, log, ...(tokenFile === undefined ? {} : { token: readToken(tokenFile) }) };
  await checkControl(options);
  return (fleet) => startControl(fleet, { ...options, clock: systemClock });
}
