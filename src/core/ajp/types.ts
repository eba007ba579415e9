import type { AjpAttribute } from './attributes.ts';

/** A FORWARD_REQUEST: the head of a request. Texts are byte strings. */
export interface AjpForwardRequest {
  /** Any token. One without a code travels in the attribute `stored_method`. */
  readonly method: string;
  /** `HTTP/1.1` */
  readonly protocol: string;
  /** The path, without the query, which is an attribute. */
  readonly uri: string;
  readonly remoteAddress: string;
  readonly remoteHost: string | null;
  readonly serverName: string;
  readonly serverPort: number;
  /** The client's connection is encrypted. */
  readonly isSsl: boolean;
  readonly headers: readonly AjpHeader[];
  /** In their order, `stored_method` included when it was read. */
  readonly attributes: readonly AjpAttribute[];
}

export type AjpHeader = readonly [name: string, value: string];

export interface AjpLimits {
  /** Of a packet, its head included. */
  readonly packetBytes: number;
  /** Headers of one message; 256 without this. */
  readonly maxHeaders?: number;
}

export const DEFAULT_MAX_HEADERS = 256;
