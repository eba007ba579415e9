import { describe, expect, test } from 'vitest';
import { methodOf } from '../../../src/core/mcmp/commands.ts';
import { UNDERTOW_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { httpAnswer } from '../../../src/core/mcmp/http-answer.ts';
import { balancerRecordings, bodyOf, type Exchange } from '../../support/recordings.ts';
import { type TestBalancer, testBalancer } from '../balancer.ts';
import { UNDERTOW_DIFFERENCES } from './undertow-differences.ts';

const RECORDINGS = balancerRecordings('undertow-2.3.27.Final');
const COMPARED = ['server', 'content-type', 'version', 'type', 'mess', 'content-length'];

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Sorted: the order of nodes is that of a hash map there. */
  readonly lines: readonly string[];
}

function answerOf(status: number, headers: ReadonlyMap<string, string>, body: string): Answer {
  const masked = body.replace(/id=\d+$/, 'id=GENERATION').replace(/z{100000}/, 'z{x100000}');
  return {
    status,
    headers: Object.fromEntries(COMPARED.map((name) => [name, headers.get(name)])),
    lines: masked.split('\n').sort(),
  };
}

/** @param mended takes a deliberate difference out; the length is not compared then */
function recorded({ response }: Exchange, mended?: (body: string) => string): Answer {
  const headers = new Map(Object.entries(response.headers ?? {}));
  if (mended !== undefined) headers.delete('content-length');
  return answerOf(
    response.status ?? 0,
    withoutIdLength(headers, response.body ?? ''),
    (mended ?? same)(response.body ?? ''),
  );
}

function ours(balancer: TestBalancer, { request }: Exchange, isMended: boolean): Answer {
  const reply = balancer.send(`${request.method} ${request.uri}`, wholeBodyOf(request), request.headers?.['Accept']);
  const { status, headers, body } = httpAnswer(reply, UNDERTOW_DIALECT);
  const byName = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  if (isMended) byName.delete('content-length');
  return answerOf(status, withoutIdLength(byName, body), body);
}

/** The one long body is described by its beginning and length; what it registered shows how it went on. */
function wholeBodyOf(request: Exchange['request']): string {
  const end = typeof request.body === 'object' ? '&Port=11031' : '';
  const body = bodyOf(request);
  return body.slice(0, body.length - end.length) + end;
}

const same = (body: string) => body;

/** The recordings say GENERATION for the id, and the length is that of the word. */
function withoutIdLength(headers: Map<string, string>, body: string): Map<string, string> {
  if (body.includes('&id=')) headers.delete('content-length');
  return headers;
}

describe('the dialect undertow answers as the recorded Undertow 2.3.27 did', () => {
  for (const { file, exchanges } of RECORDINGS) {
    test(file, () => {
      const balancer = testBalancer(UNDERTOW_DIALECT, {
        limits: { maxNodes: 1000, maxContexts: 1000, maxHosts: 1000 },
        reachable: (address) => /^127\.0\.0\.1:910[12]$/.test(address),
      });
      for (const [index, exchange] of exchanges.entries()) {
        const { method, uri } = exchange.request;
        // What is no MCMP there goes on to the web application: the running balancer is compared in that.
        const command = methodOf(method);
        if (command === undefined || UNDERTOW_DIALECT.http.unknownCommands.includes(command)) continue;
        const difference = UNDERTOW_DIFFERENCES.find((row) => row.file === file && row.exchanges.includes(index));
        const answer = ours(balancer, exchange, difference?.mended !== undefined);
        const place = `${file}[${index}] ${method} ${uri} ${bodyOf(exchange.request).slice(0, 100)}`;
        if (difference === undefined) {
          expect(answer, place).toEqual(recorded(exchange));
          continue;
        }
        if (difference.mended !== undefined) expect(answer, place).toEqual(recorded(exchange, difference.mended));
        const plain = answerOf(exchange.response.status ?? 0, new Map(), exchange.response.body ?? '');
        const isDifferent = plain.status !== answer.status || plain.lines.join('\n') !== answer.lines.join('\n');
        expect(isDifferent, `${place}: listed as different, but it is not`).toBe(true);
      }
    });
  }

  test('every deliberate difference names an exchange that exists', () => {
    for (const { file, exchanges } of UNDERTOW_DIFFERENCES) {
      const length = RECORDINGS.find((recording) => recording.file === file)?.exchanges.length ?? 0;
      for (const index of exchanges) expect(index, file).toBeLessThan(length);
    }
  });
});
