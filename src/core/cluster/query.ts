import { MEDIA_TYPES } from '../mcmp/accept.ts';
import { printDocument } from '../mcmp/document.ts';
import { printDump } from '../mcmp/dump.ts';
import { printInfo } from '../mcmp/info.ts';
import type { McmpReply, QueryCommand } from '../mcmp/types.ts';
import { printVersion } from '../mcmp/version.ts';
import type { ClusterState } from './state.ts';
import { clusterDocument, dumpView, infoView, infoViewOf } from './views.ts';

/** Answers INFO, DUMP and VERSION (reference §2.5-§2.7). In JSON, INFO and DUMP are the same document. */
export function queryReply(state: ClusterState, command: QueryCommand): McmpReply {
  return { ok: true, body: bodyOf(state, command), contentType: MEDIA_TYPES[command.format], named: true };
}

function bodyOf(state: ClusterState, { kind, format, route }: QueryCommand): string {
  const { replies } = state.settings.dialect;
  if (kind === 'VERSION') return printVersion(replies.release, format);
  if (format === 'json') return printDocument(clusterDocument(state));
  if (kind === 'INFO')
    return printInfo(route === undefined ? infoView(state) : infoViewOf(state, route), format, replies.escapeXml);
  return printDump(dumpView(state), format, replies.escapeXml);
}
