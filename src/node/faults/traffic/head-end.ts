import { findHeadEnd } from '../../../core/http/head-end.ts';

/** Finds where the head of a request ends in what comes of it, piece by piece. */
export interface HeadEnd {
  /** @returns offset behind the head in this piece; -1: not there yet */
  look(piece: Buffer): number;
  /** The next piece begins a head. */
  forget(): void;
}

/** So much of the end of what came may be the beginning of an empty line. */
const PART_OF_EMPTY_LINE = 3;
/** Of a packet of AJP: two bytes that say who speaks, two that say how long it is. */
const PACKET_HEAD_BYTES = 4;

export function httpHeadEnd(): HeadEnd {
  let tail = '';
  return {
    look(piece) {
      const text = tail + piece.toString('latin1');
      const end = findHeadEnd(text, 0) - tail.length;
      tail = end < 0 ? text.slice(-PART_OF_EMPTY_LINE) : '';
      return end < 0 ? -1 : end;
    },
    forget() {
      tail = '';
    },
  };
}

/** A head of AJP is one packet. */
export function ajpHeadEnd(): HeadEnd {
  let first = Buffer.alloc(0);
  let seen = 0;
  return {
    look(piece) {
      const before = seen;
      seen += piece.length;
      first = Buffer.concat([first, piece.subarray(0, PACKET_HEAD_BYTES - first.length)]);
      if (first.length < PACKET_HEAD_BYTES) return -1;
      const length = PACKET_HEAD_BYTES + first.readUInt16BE(2);
      return length > seen ? -1 : Math.max(0, length - before);
    },
    forget() {
      first = Buffer.alloc(0);
      seen = 0;
    },
  };
}
