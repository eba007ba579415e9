import { withoutUserinfo } from '../../core/address.ts';
import { UsageError } from '../../core/errors.ts';

/** @throws UsageError `MCMP_BALANCER_URL` when it is no address of http or https */
export function balancerUrl(text: URL | string): URL {
  const url = URL.canParse(text.toString()) ? new URL(text) : undefined;
  // `localhost:8090` would be a URL of the scheme `localhost`.
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new UsageError(`'${withoutUserinfo(text.toString())}' is no address of a balancer`, {
      code: 'MCMP_BALANCER_URL',
      hint: 'Write it as http://host:port, the address on which the balancer takes MCMP.',
    });
  }
  return url;
}
