import { connect } from 'node:net';
import { withoutBrackets } from '../../core/address.ts';
import { AjpResponseReader, CPING, DEFAULT_PACKET_BYTES } from '../../core/ajp/index.ts';
import type { Clock } from '../clock.ts';
import { failureOf, type ProbeOutcome, type ProbeTarget } from './probe.ts';

/**
 * Asks an application that speaks AJP once whether it is there: CPING, on a connection of its own (reference §5.2). A secret
 * is not needed for that. Never throws, and is over when the time is, whatever comes back.
 */
export async function probeByCping(
  { origin, timeoutMs }: Pick<ProbeTarget, 'origin' | 'timeoutMs'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const finished = new AbortController();
  const socket = connect({ host: withoutBrackets(origin.hostname), port: Number(origin.port) });
  const asked = new Promise<ProbeOutcome>((resolve) => {
    const reader = new AjpResponseReader({ packetBytes: DEFAULT_PACKET_BYTES });
    reader.expectPong();
    const silent = (): void => resolve({ kind: 'silent' });
    const broken = (why: string): void => resolve({ kind: 'broken', why });
    socket.once('connect', () => socket.write(CPING));
    socket.on('data', (bytes) => {
      reader.read(bytes, 0, bytes.length, {
        onPong: () => resolve({ kind: 'ponged' }),
        onHead: () => {},
        onData: () => {},
        onFlush: () => {},
        onEnd: () => {},
        onBodyWanted: () => {},
      });
      if (reader.violation !== null) broken(reader.violation.message);
    });
    socket.on('error', (error) => resolve(failureOf(error)));
    socket.on('close', () => broken('it closed the connection without CPONG'));
    signal.addEventListener('abort', silent, { signal: finished.signal });
    if (signal.aborted) silent();
    else void clock.sleep(timeoutMs, finished.signal).then(silent);
  });
  try {
    return await asked;
  } finally {
    finished.abort();
    socket.destroy();
  }
}
