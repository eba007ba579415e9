import { STATUS_CODES } from 'node:http';
import {
  AJP_MAGIC_FROM_NODE,
  type AjpHeader,
  CPONG,
  END_RESPONSE_REUSE,
  SEND_BODY_CHUNK_TAIL,
  sendBodyChunkHead,
  writeSendHeaders,
} from '../../../core/ajp/index.ts';
import type { AfterWords, AjpDistortion } from '../../connector/ajp/ajp-wire.ts';
import { refusalPackets } from '../../connector/ajp/refusal.ts';
import type { FaultName } from '../table.ts';
import { FILL, GARBAGE } from './fault-words.ts';

/** What a node says by AJP in place of an answer. */
interface AjpDeed {
  readonly say: (packetBytes: number) => Buffer;
  readonly after: AfterWords;
}

const TEXT = 'fault\n';
const LINE_END = '\r\n';
/** As long as what takes its place when the packet is written, because no honest writer would write that. */
const LINE_END_STAND_IN = '::';

/** In the order in which they are tried. */
export const AJP_DEEDS = {
  'half-close': { say: () => Buffer.alloc(0), after: 'fin' },
  garbage: { say: () => Buffer.from(GARBAGE, 'latin1'), after: 'close' },
  'wrong-length': { say: () => Buffer.concat([head(200, ['Content-Length', '1000']), chunk(FILL)]), after: 'close' },
  'truncated-chunk': {
    say: () => Buffer.concat([head(200), sendBodyChunkHead(1000), Buffer.from(FILL)]),
    after: 'close',
  },
  'ajp-refused': {
    say: (packetBytes) => refusalPackets({ status: 403, why: 'fault: ajp-refused' }, packetBytes),
    after: 'close',
  },
  'ajp-no-head': { say: () => END_RESPONSE_REUSE, after: 'next' },
  'ajp-two-heads': { say: () => whole(head(200), head(204)), after: 'next' },
  'ajp-crlf': { say: () => whole(headWithLineEnd()), after: 'next' },
  'ajp-unexpected': { say: () => whole(head(200), CPONG), after: 'next' },
  'ajp-after-end': { say: () => Buffer.concat([whole(head(200)), whole(head(200))]), after: 'next' },
  'ajp-magic': { say: () => withOtherMagic(whole(head(200))), after: 'next' },
  'ajp-too-long': {
    say: () => Buffer.concat([head(200), chunk(FILL), Buffer.from(FILL), END_RESPONSE_REUSE]),
    after: 'next',
  },
} as const satisfies Partial<Record<FaultName, AjpDeed>>;

/** What is wrong about an answer that is given all the same. */
export const AJP_DISTORTIONS = {
  'ajp-no-reuse': 'no-reuse',
  'ajp-body-not-asked': 'body-not-asked',
  'ajp-body-asked-twice': 'body-asked-twice',
} as const satisfies Partial<Record<FaultName, AjpDistortion>>;

function head(status: number, ...more: readonly AjpHeader[]): Buffer {
  const headers: AjpHeader[] = [['Content-Type', 'text/plain'], ...more];
  const packet = writeSendHeaders(status, STATUS_CODES[status] ?? '', headers, 1024);
  if (packet === null) throw new RangeError('the head of a fault is longer than it should be');
  return packet;
}

function headWithLineEnd(): Buffer {
  const value = `fault${LINE_END_STAND_IN}X-Injected`;
  const packet = head(200, ['X-Fault', value]);
  packet.write(LINE_END, packet.indexOf(value) + value.indexOf(LINE_END_STAND_IN), 'latin1');
  return packet;
}

function chunk(text: string): Buffer {
  return Buffer.concat([sendBodyChunkHead(text.length), Buffer.from(text), SEND_BODY_CHUNK_TAIL]);
}

function whole(...before: readonly Buffer[]): Buffer {
  return Buffer.concat([...before, chunk(TEXT), END_RESPONSE_REUSE]);
}

function withOtherMagic(packets: Buffer): Buffer {
  const changed = Buffer.from(packets);
  for (let at = 0; at < changed.length; at += 4 + packets.readUInt16BE(at + 2)) {
    changed.writeUInt16BE(AJP_MAGIC_FROM_NODE ^ 0xffff, at);
  }
  return changed;
}
