import { type AdvertisedBalancer, startAdvertisedBalancer } from '../../src/advertise/advertised-balancer.ts';
import type { BalancerAdvertising } from '../../src/advertise/balancer.ts';
import type { BalancerOptions } from '../../src/balancer/index.ts';
import type { BalancerTarget } from '../../src/conformance/balancer/create-trial.ts';
import type { JudgedDialect } from '../../src/conformance/dialects.ts';
import { type Address, parseAddress } from '../../src/core/address.ts';
import { TEST_OPTIONS } from '../support/balancer.ts';
import { testCertificates } from '../support/certificates.ts';

const SILENT = { error() {}, warn() {}, info() {}, debug() {} };

/** A balancer of ours that is judged; it can be restarted, on the same ports. */
export interface OwnBalancer {
  readonly target: BalancerTarget;
  close(): void;
}

/**
 * Starts `mcmp serve` in this process.
 * @param features what it is configured for, as `--with` says it; the options have to fit
 * @param advertising undefined: it does not advertise
 */
export async function startOwnBalancer(
  dialect: JudgedDialect,
  overrides: Partial<BalancerOptions> = {},
  features: ReadonlyMap<string, string> = new Map(),
  advertising?: BalancerAdvertising,
): Promise<OwnBalancer> {
  const options: BalancerOptions = { ...TEST_OPTIONS, dialect, shutdownTimeoutMs: 200, ...overrides };
  let balancer: AdvertisedBalancer = await startAdvertisedBalancer(options, advertising, { log: SILENT });
  const { listen, mcmp } = balancer.addresses;
  const sameAddresses: BalancerOptions = {
    ...options,
    listen: listen.map(addressOf),
    mcmp: mcmp.map(addressOf),
  };
  return {
    target: {
      mcmpUrl: new URL(`${options.mcmpTls === null ? 'http' : 'https'}://${mcmp[0] ?? listen[0]}`),
      trafficUrl: new URL(`${options.listenTls.length === 0 ? 'http' : 'https'}://${listen[0]}`),
      tls: { ca: testCertificates().ca },
      features,
      async restart() {
        await balancer.close();
        balancer = await startAdvertisedBalancer(sameAddresses, advertising, { log: SILENT });
      },
    },
    close: () => balancer.closeNow(),
  };
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (typeof address === 'string') throw new Error(address);
  return address;
}
