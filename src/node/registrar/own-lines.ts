import { bytesOf } from '../../core/mcmp/bytes.ts';
import { linesOf } from '../../core/mcmp/lines.ts';

/** Shorter answers are read as they are. */
const SHORT_BODY = 4096;
/** Lines of each kind that are kept whomever they are about: enough to see how the balancer numbers its tables. */
const SAMPLE_LINES = 2;
/** A node has one row. With more of them than this, whose lines are whose is looked up line by line. */
const MOST_SEARCHES = 4;
/** Balancers answer nodes in text, and trees take many times the memory of their text. */
const MOST_XML_CHARACTERS = 1024 * 1024;

/**
 * What INFO says of one node, as an INFO of its own, with a few lines about others. When a fleet comes, each node is told
 * of all that were there before it; reading all of it for each would cost more than everything else that nodes do.
 *
 * @param body byte string, in any form; XML is returned as it is, or not at all when it is long
 */
export function ownLines(body: string, route: string): string {
  if (body.length < SHORT_BODY) return body;
  if (/^\s*</.test(body)) return body.length > MOST_XML_CHARACTERS ? '' : body;
  const nodes = linesWith(body, `],Name: ${bytesOf(route)},`);
  const ids = new Set(nodes.flatMap((node) => NODE_ID.exec(node)?.[1] ?? []));
  const lines = ids.size > MOST_SEARCHES ? linesOfNodes(body, ids) : [...ids].flatMap((id) => linesOfNode(body, id));
  const samples = ['Node: [', 'Vhost: [', 'Context: ['].flatMap((start) => firstLines(body, start));
  const kept = new Set(samples.concat(nodes, lines));
  return Array.from(kept, (line) => `${line}\n`).join('');
}

const NODE_ID = /^Node: \[([0-9]+)\]/;
const ROW_ID = /^(?:Vhost|Context): \[([0-9]+):/;

function linesOfNode(body: string, id: string): string[] {
  return linesWith(body, `\nVhost: [${id}:`).concat(linesWith(body, `\nContext: [${id}:`));
}

/** The same for many nodes; it takes longer than the search for one, but no longer for a million of them. */
function linesOfNodes(body: string, ids: ReadonlySet<string>): string[] {
  const lines: string[] = [];
  for (const [, line] of linesOf(body)) {
    const id = ROW_ID.exec(line)?.[1];
    if (id !== undefined && ids.has(id)) lines.push(line);
  }
  return lines;
}

function firstLines(body: string, start: string): string[] {
  const lines: string[] = [];
  let from = body.startsWith(start) ? 0 : body.indexOf(`\n${start}`) + 1;
  if (from === 0 && !body.startsWith(start)) return lines;
  while (lines.length < SAMPLE_LINES && body.startsWith(start, from)) {
    const line = lineAround(body, from);
    lines.push(line);
    from += line.length + 1;
  }
  return lines;
}

/** Lines in which a text stands, each once; a text that begins with a line feed stands at the start of its line. */
function linesWith(body: string, text: string): string[] {
  const lines: string[] = [];
  let at = body.indexOf(text);
  while (at !== -1) {
    const line = lineAround(body, at + 1);
    lines.push(line);
    // On behind this line: a hostile one that has the text a million times is looked at once.
    const end = body.indexOf('\n', at + 1);
    at = end === -1 ? -1 : body.indexOf(text, end);
  }
  return lines;
}

function lineAround(body: string, at: number): string {
  const start = body.lastIndexOf('\n', at - 1) + 1;
  const end = body.indexOf('\n', at);
  return body.slice(start, end === -1 ? body.length : end);
}
