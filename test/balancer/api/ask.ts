import { request } from 'undici';
import { type ApiDocumentName, readApi } from '../../support/api-schema.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export async function ask(
  port: number,
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string | Buffer;
  } = {},
): Promise<ApiAnswer> {
  const { method = 'GET', headers = {}, body = null } = options;
  const answer = await request(`http://127.0.0.1:${port}${path}`, { method, headers, body });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

/** GETs a document; fails when it is not 200 or not as its schema has it. */
export async function read<T>(port: number, path: string, name: ApiDocumentName): Promise<T> {
  const { status, text } = await ask(port, path);
  if (status !== 200) throw new Error(`${path} is answered ${status}: ${text}`);
  return readApi<T>(name, text);
}

/** POSTs a command, as an honest program of this machine does. */
export async function command(port: number, body: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> {
  return await ask(port, '/api/v1/commands', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
}
