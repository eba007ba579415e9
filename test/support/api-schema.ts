import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Documents of the JSON API, by the schema in docs/api that says what they look like. */
const SCHEMAS = {
  state: 'state.schema.json',
  event: 'event.schema.json',
  commandsRequest: 'commands.schema.json#/$defs/request',
  commandsAnswer: 'commands.schema.json#/$defs/answer',
  explain: 'explain.schema.json',
  error: 'error.schema.json',
  ready: 'ready.schema.json',
} as const satisfies Record<string, string>;

export type ApiDocumentName = keyof typeof SCHEMAS;

const FILES = new Set(Object.values(SCHEMAS).map((id) => id.replace(/#.*$/, '')));

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
for (const file of FILES) {
  const schema: unknown = JSON.parse(readFileSync(new URL(`../../docs/api/${file}`, import.meta.url), 'utf8'));
  if (typeof schema !== 'object' || schema === null) throw new Error(`${file} is no schema`);
  ajv.addSchema(schema);
}

/** What is wrong with a document by its schema, one line each; empty when nothing is. */
export function problemsOf(name: ApiDocumentName, document: unknown): readonly string[] {
  const validate = ajv.getSchema(SCHEMAS[name]);
  if (validate === undefined) throw new Error(`there is no schema ${SCHEMAS[name]}`);
  if (validate(document) === true) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/**
 * Reads a document of the JSON API as its schema has it.
 *
 * @param text JSON
 * @throws Error that says what is not as the schema has it
 */
export function readApi<T = Readonly<Record<string, unknown>>>(name: ApiDocumentName, text: string): T {
  const document: unknown = JSON.parse(text);
  const problems = problemsOf(name, document);
  if (problems.length > 0)
    throw new Error(`not as docs/api has it (${name}):\n${problems.join('\n')}\n${text.slice(0, 2000)}`);
  return document as T;
}
