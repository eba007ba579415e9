import { PROTOCOL_VERSION } from './dialect.ts';
import type { InfoFormat } from './types.ts';
import { XML_DECLARATION } from './xml.ts';

/** VERSION (reference §2.5). */
export function printVersion(release: string, format: InfoFormat): string {
  switch (format) {
    case 'text':
      return `release: ${release}, protocol: ${PROTOCOL_VERSION}\n`;
    case 'xml':
      return `${XML_DECLARATION}<version><release>${release}</release><protocol>${PROTOCOL_VERSION}</protocol></version>\n`;
    case 'json':
      return `${JSON.stringify({ schemaVersion: 1, release, protocol: PROTOCOL_VERSION })}\n`;
  }
}

/** Release and protocol of a VERSION answer in any form; undefined when it is none. */
export function readVersion(body: string): { readonly release: string; readonly protocol: string } | undefined {
  const match =
    /^release: (.*), protocol: (\S+)\s*$/.exec(body) ??
    /<release>\s*(.*?)\s*<\/release>\s*<protocol>\s*(.*?)\s*<\/protocol>/s.exec(body) ??
    /"release":\s*"([^"]*)",\s*"protocol":\s*"([^"]*)"/.exec(body);
  const [, release, protocol] = match ?? [];
  return release === undefined || protocol === undefined ? undefined : { release, protocol };
}
