import { blockBytes, judgeFixedByte, readBinaryHeader } from './binary-header.ts';
import { judgeLineByte, readLine } from './text-line.ts';
import type { ProxiedPeer, ProxyViolation } from './types.ts';
import { FIXED_BYTES, SIGNATURE } from './wire.ts';

/** What has become of the header after some bytes of a connection. */
export type ProxyHeaderReading =
  | { readonly state: 'more' }
  | {
      readonly state: 'done';
      readonly peer: ProxiedPeer;
      /** Bytes of the whole header, over all pieces. */
      readonly length: number;
      /** What of this piece stands behind the header: the first bytes of the connection proper. May be empty. */
      readonly rest: Buffer;
    }
  | { readonly state: 'broken'; readonly violation: ProxyViolation };

export interface ProxyHeaderReader {
  /**
   * Reads on.
   *
   * @param bytes the next piece of the connection, of any length; not kept
   */
  read(bytes: Buffer): ProxyHeaderReading;
}

/**
 * Reads the PROXY header at the beginning of a connection, of version 1 or 2 (HAProxy's proxy-protocol.txt). Use it only
 * where each connection has to begin with one, from peers that may say who the client is: §2 forbids to guess whether there
 * is a header. It holds at most 4112 bytes, and refuses at the first byte that shows the header to be broken; how long it
 * may take is for its user to bound.
 */
export function createProxyHeaderReader(): ProxyHeaderReader {
  let take: Taker | null = null;
  let length = 0;
  let verdict: ProxiedPeer | ProxyViolation | null = null;
  return {
    read(bytes) {
      let at = 0;
      while (verdict === null && at < bytes.length) {
        take ??= bytes[at] === SIGNATURE[0] ? createBinaryTaker() : createLineTaker();
        verdict = take(bytes[at] as number);
        at++;
      }
      length += at;
      if (verdict === null) return { state: 'more' };
      if ('code' in verdict) return { state: 'broken', violation: verdict };
      return { state: 'done', peer: verdict, length, rest: bytes.subarray(at) };
    },
  };
}

/** Takes one byte; answers once the header is whole or broken. */
type Taker = (byte: number) => ProxiedPeer | ProxyViolation | null;

function createLineTaker(): Taker {
  let line = '';
  return (byte) => {
    const judgement = judgeLineByte(line, byte);
    if (judgement === 'end') return readLine(line.slice(0, -1));
    line += String.fromCharCode(byte);
    return judgement;
  };
}

function createBinaryTaker(): Taker {
  let header = Buffer.alloc(FIXED_BYTES);
  let taken = 0;
  return (byte) => {
    header[taken] = byte;
    taken++;
    if (taken <= FIXED_BYTES) {
      const bad = judgeFixedByte(header, taken - 1);
      if (bad !== null) return bad;
      if (taken === FIXED_BYTES) header = Buffer.concat([header], FIXED_BYTES + blockBytes(header));
    }
    return taken === header.length ? readBinaryHeader(header) : null;
  };
}
