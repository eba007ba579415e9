import { badBody } from './refusal.ts';

/** Deeper than any request of this API is. */
const MOST_DEPTH = 4;
/** Strings, and what structures a JSON text; numbers and words between them do not matter here. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * Reads a JSON object.
 *
 * Of two members of one name, JSON.parse takes the last, and whoever looked at the request before may have looked at the
 * first (RFC 8259 §4): so that is an error.
 *
 * @returns its members by name
 * @throws CommandRefusal 400 that says where it is no JSON
 */
export function readObject(body: Buffer): ReadonlyMap<string, unknown> {
  const text = decoded(body);
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badBody('the body has to be a JSON object');
  }
  checkStructure(text);
  return new Map<string, unknown>(Object.entries(value));
}

function decoded(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    if (error instanceof TypeError) throw badBody('the body is not UTF-8, as JSON has to be (RFC 8259, section 8.1)');
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw badBody(`the body is not JSON: ${error.message}`);
    throw error;
  }
}

/** @param json a text that is JSON */
function checkStructure(json: string): void {
  const open: Set<string>[] = [];
  let string = '';
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      open.push(new Set());
      if (open.length > MOST_DEPTH) throw badBody(`the body is nested deeper than ${MOST_DEPTH} levels`);
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ':') {
      const names = open.at(-1);
      const name = String(JSON.parse(string));
      if (names?.has(name)) throw badBody(`the body has "${name.slice(0, 100)}" twice in one object`);
      names?.add(name);
    } else {
      string = token;
    }
  }
}
