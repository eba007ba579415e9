import type { ServerSessionOptions, Settings } from 'node:http2';
import { MAX_HEADER_LINES } from '../options.ts';

/** Requests that a client may have running on one connection (SETTINGS_MAX_CONCURRENT_STREAMS). */
export const MAX_STREAMS = 100;
/** What a client may send on one stream before the node has taken any of it. */
export const STREAM_WINDOW_BYTES = 128 * 1024;
/** The same for all streams of a connection. Node.js opens it again as soon as bytes arrive, so it bounds no memory. */
const CONNECTION_WINDOW_BYTES = 1024 * 1024;
/**
 * Of what Node.js counts itself, per connection, in MB: header lists, and data that waits to be sent. Beyond it Node.js
 * refuses requests, so it is more than all streams together have waiting, each at most one large read from its node.
 */
const SESSION_MEMORY_MB = 40;

interface SessionOptions {
  readonly options: ServerSessionOptions;
  readonly settings: Settings;
  readonly windowBytes: number;
}

/**
 * What Node.js is told about each connection.
 *
 * @param maxHeadBytes of a head of HTTP/1.1. Node.js ends the stream of a longer list of fields without an answer; so it is
 *   given twice as much, and what is between the two gets its 431.
 */
export function sessionOptions(maxHeadBytes: number): SessionOptions {
  return {
    options: {
      maxSessionMemory: SESSION_MEMORY_MB,
      // What is one too many gets its 431; with the pseudo-headers, and cookies in crumbs.
      maxHeaderListPairs: 2 * MAX_HEADER_LINES,
      maxSessionInvalidFrames: 100,
      maxSessionRejectedStreams: 100,
      maxSettings: 32,
    },
    settings: {
      maxConcurrentStreams: MAX_STREAMS,
      initialWindowSize: STREAM_WINDOW_BYTES,
      maxHeaderListSize: 2 * maxHeadBytes,
      enableConnectProtocol: true,
    },
    windowBytes: CONNECTION_WINDOW_BYTES,
  };
}
