import { advertiseDigest, javaKeyBytes } from './digest.ts';

/** What a datagram does to a Java node that hears it, or to its discovery. */
export type JavaVerdict =
  /** The node sends INFO to this address at its next STATUS interval. */
  | { readonly does: 'joins'; readonly address: string }
  /** The balancer is known already. */
  | { readonly does: 'knows'; readonly address: string }
  | { readonly does: 'ignores'; readonly why: string }
  /** The listener's thread ends by an exception; the node discovers nothing more until it restarts. */
  | { readonly does: 'dies'; readonly why: string };

/** What one Java node remembers of the balancers it heard. */
export interface JavaListener {
  hear(bytes: Buffer): JavaVerdict;
}

/** The listener's receive buffer (reference §7.1): what is beyond is cut. */
export const JAVA_BUFFER_BYTES = 512;
/** Balancers remembered here; a real node remembers all, until it has no memory left. */
const MAX_SERVERS = 10_000;

/**
 * The rules of the Java listener (reference §7.5, and what was measured with real nodes), as a model: which datagrams make
 * a node join, which it does not see, and which end its discovery for good.
 * @param key the node's `advertiseSecurityKey`
 */
export function createJavaListener(key?: string): JavaListener {
  const servers = new Map<string, string>();
  let dead = false;

  const hear = (bytes: Buffer): JavaVerdict => {
    const text = bytes.toString('latin1', 0, JAVA_BUFFER_BYTES);
    if (!text.startsWith('HTTP/1.')) return ignores('it does not begin with HTTP/1.');
    const [startLine = '', ...lines] = text.split('\r\n');
    const [, code, reason] = splitAtTwoSpaces(startLine);
    if (code === undefined || reason === undefined) return ignores('the first line has no code and reason');
    if (!/^[+-]?\d{1,9}$/.test(code)) return dies(`the status '${code}' is no number`);
    if (Number(code) < 100) return ignores('the status is below 100');

    const known = new Map<string, string>();
    let server: string | undefined;
    let address: string | undefined;
    for (const line of lines) {
      const colon = line.indexOf(': ');
      if (colon < 0) break;
      const name = line.slice(0, colon);
      const value = line.slice(colon + 2);
      if (name === 'Server') server = value;
      else if (name === 'Date' || name === 'Sequence' || name === 'Digest') known.set(name, value);
      // Before the Server line it has nothing to belong to, and is lost.
      else if (name === 'X-Manager-Address' && server !== undefined) address = value;
    }
    if (server === undefined) return ignores('there is no Server line');
    const [date, sequence, digest] = [known.get('Date'), known.get('Sequence'), known.get('Digest')];
    if (digest === undefined) return dies('there is no Digest line');
    if (date === undefined) return dies('there is no Date line');
    if (sequence === undefined) return dies('there is no Sequence line');
    const expected = advertiseDigest({ date, sequence, server }, key === undefined ? undefined : javaKeyBytes(key));
    if (digest.toLowerCase() !== expected) return ignores('the digest does not fit the key');

    const first = servers.get(server);
    if (first !== undefined) {
      return first === ''
        ? ignores('this Server id was first heard without an address')
        : { does: 'knows', address: first };
    }
    const port = portOf(address);
    if (address !== undefined && port === undefined) return dies(`the port of '${address}' is no number`);
    if (servers.size < MAX_SERVERS) servers.set(server, address ?? '');
    if (address === undefined) return ignores('there is no X-Manager-Address, and this Server id is now taken');
    return { does: 'joins', address };
  };

  return {
    hear(bytes) {
      if (dead) return ignores('the listener has died before');
      const verdict = hear(bytes);
      dead = verdict.does === 'dies';
      return verdict;
    },
  };
}

/** Java's `split(" ", 3)`. */
function splitAtTwoSpaces(line: string): (string | undefined)[] {
  const first = line.indexOf(' ');
  if (first < 0) return [line];
  const second = line.indexOf(' ', first + 1);
  if (second < 0) return [line.slice(0, first), line.slice(first + 1)];
  return [line.slice(0, first), line.slice(first + 1, second), line.slice(second + 1)];
}

/** Port behind the last colon; 0 when there is none, undefined when it is no number. */
function portOf(address: string | undefined): number | undefined {
  if (address === undefined) return 0;
  const text = /:([^:\]]*)$/.exec(address)?.[1];
  if (text === undefined || ((address.match(/:/g)?.length ?? 0) > 1 && !address.startsWith('['))) return 0;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function ignores(why: string): JavaVerdict {
  return { does: 'ignores', why };
}

function dies(why: string): JavaVerdict {
  return { does: 'dies', why };
}
