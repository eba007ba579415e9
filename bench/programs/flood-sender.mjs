/**
 * Sends datagrams to a multicast group on loopback at a rate, and prints how many it sent and how long it took, as JSON.
 *
 *   node flood-sender.mjs ADDRESS PORT PER_SECOND COUNT
 */
import { createSocket } from 'node:dgram';
import { printAdvertiseDate, printAdvertisement } from '../../dist/src/core/advertise/index.js';

const [, , address, port, perSecond, count] = process.argv;
const SENDERS = 10;
const MOST_AT_ONCE = 100;

const datagrams = Array.from({ length: SENDERS }, (_, index) =>
  printAdvertisement({
    status: 200,
    reason: 'OK',
    date: printAdvertiseDate(Date.now()),
    sequence: '1',
    server: `flood-${index}`,
    managerAddress: `192.0.2.${index}:8090`,
    managerUrl: '/',
    managerProtocol: 'http',
    managerHost: `192.0.2.${index}`,
  }),
);
const socket = createSocket('udp4');
let sent = 0;
let gone = 0;
let failed = 0;

socket.bind(0, () => {
  socket.setMulticastInterface('127.0.0.1');
  socket.setMulticastTTL(0);
  const startedMs = performance.now();
  const step = () => {
    const due = Math.min(Number(count), ((performance.now() - startedMs) / 1000) * Number(perSecond));
    for (let burst = 0; sent < due && burst < MOST_AT_ONCE; burst++) {
      const bytes = datagrams[sent % SENDERS];
      sent += 1;
      socket.send(bytes, Number(port), address, (error) => {
        gone += 1;
        if (error) failed += 1;
      });
    }
    if (gone < Number(count)) setImmediate(step);
    else {
      process.stdout.write(`${JSON.stringify({ sent: sent - failed, tookMs: performance.now() - startedMs })}\n`);
      socket.close();
    }
  };
  step();
});
