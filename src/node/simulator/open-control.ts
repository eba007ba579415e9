import type { Address } from '../../core/address.ts';
import { UsageError } from '../../core/errors.ts';
import type { Log } from '../../observe/types.ts';
import { systemClock } from '../clock.ts';
import { type Control, startControl } from '../control/control.ts';
import { readToken } from '../control/token.ts';
import type { Fleet } from './types.ts';

/** Opens the control API of a fleet, once there is one. */
export type OpenControl = (fleet: Fleet) => Promise<Control>;

/**
 * Reads what the command line says of the control API; the token is read now, so that a wrong file is found at once.
 *
 * @returns undefined when none is wanted
 * @throws UsageError
 */
export function openControl(
  address: Address | undefined,
  tokenFile: string | undefined,
  log: Log,
): OpenControl | undefined {
  if (address === undefined) {
    if (tokenFile === undefined) return undefined;
    throw new UsageError('--control-token-file says who may use the control API, but there is none', {
      hint: 'Open it: --control 127.0.0.1:8099.',
    });
  }
  const token = tokenFile === undefined ? {} : { token: readToken(tokenFile) };
  return (fleet) => startControl(fleet, { address, clock: systemClock, log, ...token });
}
