import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type AdvertisementReading, readAdvertisement } from '../../core/advertise/index.ts';
import { NotHere } from '../verdict.ts';
import type { Advertisements } from './advertisements.ts';

/** A datagram, and how many routers it might still have passed. */
export interface HeardLifetime {
  readonly reading: AdvertisementReading;
  readonly ttl: number;
}

/**
 * Prints TTL and bytes of each datagram of a group. Node has no way to ask a socket for the TTL (IP_RECVTTL: 12 on Linux,
 * 24 on BSD and macOS), and to read it from the wire takes more rights than a test has.
 */
const PROGRAM = `
import socket, struct, sys
group, port = sys.argv[1], int(sys.argv[2])
option = 12 if sys.platform.startswith('linux') else 24
heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
heard.bind((group, port))
for address in sys.argv[3:]:
    try:
        member = socket.inet_aton(group) + socket.inet_aton(address)
        heard.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    except OSError:
        pass
heard.setsockopt(socket.IPPROTO_IP, option, 1)
print('listening', flush=True)
while True:
    data, extra, _, _ = heard.recvmsg(4096, 64)
    for level, kind, value in extra:
        if level == socket.IPPROTO_IP:
            print(value[0] if len(value) == 1 else struct.unpack('i', value[:4])[0], data.hex(), flush=True)
`;

/**
 * Hears the TTL of datagrams until the case ends.
 * @throws NotHere where python3 is not installed, or the group is one of IPv6
 */
export async function hearLifetimes(
  { group, interfaces }: Advertisements,
  after: (undo: () => void) => void,
): Promise<readonly HeardLifetime[]> {
  if (group.family === 'IPv6') throw new NotHere('the hop limit of IPv6 datagrams is not looked at');
  const addresses = interfaces.map(({ address }) => address);
  const heard: HeardLifetime[] = [];
  const child = spawn('python3', ['-c', PROGRAM, group.host, String(group.port), ...addresses], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  after(() => void child.kill());
  const lines = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    const missing = (): void => reject(new NotHere('needs python3 on this machine: Node cannot ask for a TTL'));
    child.once('error', missing);
    child.once('exit', missing);
    lines.on('line', (line) => {
      if (line === 'listening') resolve();
      const [ttl, hex = ''] = line.split(' ');
      if (hex !== '') heard.push({ ttl: Number(ttl), reading: readAdvertisement(Buffer.from(hex, 'hex')) });
    });
  });
  return heard;
}
