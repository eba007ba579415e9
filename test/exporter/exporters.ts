import { request } from 'node:http';
import { type ExporterOptions, startExporter } from '../../src/exporter/index.ts';
import type { LogFields } from '../../src/observe/types.ts';
import { freeAfter } from '../support/cleanup.ts';

export interface Scraped {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A running exporter on a free port, ended with the test. */
export interface TestExporter {
  readonly port: number;
  readonly log: readonly { readonly message: string; readonly fields: LogFields }[];
  get(path: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Scraped>;
}

export async function startTestExporter(
  targets: readonly string[],
  wishes: Partial<ExporterOptions> = {},
): Promise<TestExporter> {
  const log: { message: string; fields: LogFields }[] = [];
  const keep = (message: string, fields: LogFields = {}): void => {
    log.push({ message, fields });
  };
  const exporter = await startExporter(
    {
      targets: targets.map((target) => new URL(target)),
      listen: [{ host: '127.0.0.1', port: 0 }],
      allow: [],
      cacheMs: 0,
      nodes: 1000,
      contexts: 1000,
      client: { timeoutMs: 3000 },
      ...wishes,
    },
    { log: { error: keep, warn: keep, info: keep, debug: keep } },
  );
  freeAfter(() => exporter.closeNow());
  const port = Number(exporter.addresses[0]?.split(':').at(-1));
  return { port, log, get: (path, headers = {}, method = 'GET') => fetchText(port, path, headers, method) };
}

/** A request with exactly these headers, on a connection of its own. */
export function fetchText(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Scraped> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Lines of one metric, without its name. */
export function linesOf(body: string, metric: string): string[] {
  return body
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .map((line) => line.slice(metric.length));
}

/** Names of all metrics that have a value. */
export function namesIn(body: string): Set<string> {
  return new Set(body.split('\n').flatMap((line) => /^([a-z_]+)[{ ]/.exec(line)?.[1] ?? []));
}
