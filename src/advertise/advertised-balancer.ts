import { type Balancer, startBalancer } from '../balancer/index.ts';
import type { BalancerOptions } from '../balancer/options.ts';
import type { Log } from '../observe/types.ts';
import { advertiseBalancer, type BalancerAdvertising } from './balancer.ts';

/** A running balancer, and what is told of it by multicast. */
export interface AdvertisedBalancer extends Omit<Balancer, 'reload'> {
  /**
   * Takes over what can change while running; of the advertisements everything can.
   * @returns names of changed settings that need a restart
   * @throws UsageError, with nothing changed
   */
  reload(options: BalancerOptions, advertising: BalancerAdvertising | undefined): readonly string[];
}

/**
 * Starts a balancer, and advertises it as soon as it listens.
 * @param advertising undefined: not
 * @throws McmpError when it cannot listen, or nothing can be advertised; nothing is left open then
 */
export async function startAdvertisedBalancer(
  options: BalancerOptions,
  advertising: BalancerAdvertising | undefined,
  { log }: { log: Log },
): Promise<AdvertisedBalancer> {
  const balancer = await startBalancer(options, { log });
  const { addresses } = balancer;
  try {
    const advertised = await advertiseBalancer(advertising, {
      mcmp: { addresses: addresses.mcmp, encrypted: addresses.encrypted ?? [] },
      log,
    });
    return {
      addresses,
      async close() {
        // The goodbye does not wait until the last request has finished.
        await Promise.all([advertised.close(), balancer.close()]);
      },
      closeNow() {
        advertised.closeNow();
        balancer.closeNow();
      },
      reload(nextOptions, nextAdvertising) {
        const takeOver = advertised.prepare(nextAdvertising);
        const needRestart = balancer.reload(nextOptions);
        takeOver();
        return needRestart;
      },
    };
  } catch (error) {
    balancer.closeNow();
    throw error;
  }
}
