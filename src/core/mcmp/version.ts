import { parseJson } from './json.ts';
import { cutForward } from './lines.ts';
import { PROTOCOL_VERSION } from './release.ts';
import type { InfoFormat } from './types.ts';
import { childText, readXml, XML_DECLARATION } from './xml.ts';

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

export interface VersionReading {
  readonly release: string;
  readonly protocol: string;
}

/**
 * Reads a VERSION answer in any form.
 *
 * @param body byte string
 * @returns undefined when it is none
 */
export function readVersion(body: string): VersionReading | undefined {
  const text = body.trim();
  if (text.startsWith('<')) return readXmlVersion(text);
  if (text.startsWith('{')) return readJsonVersion(text);
  const [head, release, protocol] = cutForward(text, ['release: ', ', protocol: ']) ?? [];
  return head !== '' || release === undefined || protocol === undefined ? undefined : { release, protocol };
}

function readXmlVersion(text: string): VersionReading | undefined {
  const root = readXml(text);
  if (root?.name !== 'version') return undefined;
  return { release: childText(root, 'release').trim(), protocol: childText(root, 'protocol').trim() };
}

function readJsonVersion(text: string): VersionReading | undefined {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || !('release' in value) || !('protocol' in value)) return undefined;
  const { release, protocol } = value;
  return typeof release === 'string' && typeof protocol === 'string' ? { release, protocol } : undefined;
}
