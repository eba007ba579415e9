import { readInfo } from '../../core/mcmp/info.ts';
import type { WireAnswer } from '../wire/connection.ts';
import type { BalancerTarget } from './create-trial.ts';

const USED_PORTS = new WeakMap<BalancerTarget, Promise<Set<number>>>();

/**
 * Ports that nodes have or had at a target, those of earlier runs included. They are not given out again: httpd remembers the
 * address of a removed node for half a minute, and refuses it to another (reference §3.6).
 *
 * @param askInfo asks the target for INFO, once
 */
export function usedPortsOf(target: BalancerTarget, askInfo: () => Promise<WireAnswer>): Promise<Set<number>> {
  const known = USED_PORTS.get(target);
  if (known !== undefined) return known;
  const asked = askInfo().then(({ status, body }) => {
    const { nodes } = readInfo(status === 200 ? body : '').info;
    return new Set(nodes.map(({ port }) => Number(port)));
  });
  USED_PORTS.set(target, asked);
  // Who asks next may have more luck; who asked is told.
  asked.catch(() => USED_PORTS.delete(target));
  return asked;
}
