import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDropCounter, rowsOf, socketInodes, tableAddress } from '../../src/advertise/kernel-drops.ts';
import { freshGroup } from './group.ts';

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1234: 690100E0:5B44 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 81234 2 0000000000000000 17
 1234: 690100E0:5B44 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 81240 2 0000000000000000 3
 1300: 6A0100E0:5B44 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 81250 2 0000000000000000 99
`;

describe("the kernel's table of sockets", () => {
  it('gives the sockets of one group, not of another on the same port', () => {
    expect(rowsOf(TABLE, '690100E0:5B44')).toEqual([
      { inode: '81234', drops: 17 },
      { inode: '81240', drops: 3 },
    ]);
  });

  it.each([
    [{ host: '224.0.1.105', port: 23364, family: 'IPv4' }, 'LE', '690100E0:5B44'],
    [{ host: '224.0.1.105', port: 23364, family: 'IPv4' }, 'BE', 'E0000169:5B44'],
    [{ host: 'ff15::105', port: 80, family: 'IPv6' }, 'LE', '000015FF000000000000000005010000:0050'],
    [{ host: 'ff02:1:2:3:4:5:6:7', port: 1, family: 'IPv6' }, 'BE', 'FF020001000200030004000500060007:0001'],
    [{ host: 'ff15::224.0.1.105', port: 1, family: 'IPv6' }, 'BE', 'FF1500000000000000000000E0000169:0001'],
  ] as const)('writes %j in %s as %s', (group, order, expected) => {
    expect(tableAddress(group, order)).toBe(expected);
  });

  it.skipIf(process.platform !== 'linux')(
    'tells the drops of one socket from those of another on the same group',
    async () => {
      const group = freshGroup();
      const open = async () => {
        const before = socketInodes();
        const socket = createSocket({ type: 'udp4', reuseAddr: true });
        onTestFinished(() => void socket.close());
        socket.bind(group.port, group.host);
        await once(socket, 'listening');
        return { socket, counter: createDropCounter(group, before) };
      };
      const [one, other] = [await open(), await open()];
      expect([one.counter.read(), other.counter.read()]).toEqual([0, 0]);
    },
  );
});
