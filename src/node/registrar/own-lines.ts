import { bytesOf } from '../../core/mcmp/bytes.ts';

/** Shorter answers are read as they are. */
const SHORT_BODY = 4096;
/** Lines of each kind that are kept whomever they are about: enough to see how the balancer numbers its tables. */
const SAMPLE_LINES = 2;

/**
 * What INFO says of one node, as an INFO of its own, with a few lines about others. When a fleet comes, each node is told
 * of all that were there before it; reading all of it for each would cost more than everything else that nodes do.
 *
 * @param body byte string, in any form; XML is returned as it is
 */
export function ownLines(body: string, route: string): string {
  if (body.length < SHORT_BODY || /^\s*</.test(body)) return body;
  const kept: string[] = [
    ...firstLines(body, 'Node: ['),
    ...firstLines(body, 'Vhost: ['),
    ...firstLines(body, 'Context: ['),
  ];
  for (const node of linesWith(body, `],Name: ${bytesOf(route)},`)) {
    const id = /^Node: \[([0-9]+)\]/.exec(node)?.[1];
    kept.push(node);
    if (id === undefined) continue;
    kept.push(...linesWith(body, `\nVhost: [${id}:`), ...linesWith(body, `\nContext: [${id}:`));
  }
  return [...new Set(kept)].map((line) => `${line}\n`).join('');
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
