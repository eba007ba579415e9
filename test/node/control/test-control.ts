import { request } from 'undici';
import { systemClock } from '../../../src/node/clock.ts';
import { startControl } from '../../../src/node/control/control.ts';
import type { Fleet } from '../../../src/node/simulator/types.ts';
import type { LogFields } from '../../../src/observe/types.ts';
import { freeAfter } from '../../support/cleanup.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly document: unknown;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

export interface TestControl {
  readonly url: URL;
  readonly port: number;
  readonly logged: readonly LogLine[];
  changed(route: string): void;
  close(): Promise<void>;
  /** One request with a JSON body, or none. */
  ask(method: string, target: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** A control API on a free port, closed when the test is over. */
export async function startTestControl(fleet: Fleet, token?: string): Promise<TestControl> {
  const logged: LogLine[] = [];
  const line =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void logged.push({ level, message, fields });
  const control = await startControl(fleet, {
    address: { host: '127.0.0.1', port: 0 },
    clock: systemClock,
    log: { error: line('error'), warn: line('warn'), info: line('info'), debug: line('debug') },
    ...(token === undefined ? {} : { token }),
  });
  freeAfter(() => control.close());
  const url = new URL(`http://${control.address}`);
  return {
    url,
    port: Number(url.port),
    logged,
    changed: control.changed,
    close: control.close,
    async ask(method, target, body, headers = {}) {
      const response = await request(`${url.origin}${target}`, {
        method: method as 'GET',
        headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
        body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await response.body.text();
      return { status: response.statusCode, headers: response.headers, document: text === '' ? '' : JSON.parse(text) };
    },
  };
}
