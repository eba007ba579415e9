import { describe, expect, test } from 'vitest';
import { methodOf } from '../../../src/core/mcmp/commands.ts';
import { HTTPD2_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { httpAnswer } from '../../../src/core/mcmp/http-answer.ts';
import { balancerRecordings, bodyOf, type Exchange } from '../../support/recordings.ts';
import type { TestBalancer } from '../balancer.ts';
import { testBalancer } from '../balancer.ts';
import { DELIBERATE_DIFFERENCES } from './deliberate-differences.ts';

/** What is compared: everything but Server, the length of httpd's own error pages, and the incarnation id. */
interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly version: string;
  readonly type: string;
  readonly mess: string;
  readonly body: string;
}

function recorded({ response }: Exchange): Answer {
  const headers = response.headers ?? {};
  return {
    status: response.status ?? 0,
    contentType: headers['content-type'] ?? '',
    version: headers['version'] ?? '',
    type: headers['type'] ?? '',
    mess: headers['mess'] ?? '',
    body: response.body ?? '',
  };
}

function ours(balancer: TestBalancer, { request }: Exchange): Answer {
  const reply = balancer.send(`${request.method} ${request.uri}`, bodyOf(request), request.headers?.['Accept']);
  const answer = httpAnswer(reply, HTTPD2_DIALECT);
  const header = (name: string) => answer.headers.find(([other]) => other === name)?.[1] ?? '';
  return {
    status: answer.status,
    contentType: header('Content-Type'),
    version: header('Version'),
    type: header('Type'),
    mess: header('Mess'),
    body: answer.status === 500 ? '(an HTML error page)' : answer.body.replace(/id=\d+/, 'id=GENERATION'),
  };
}

/** The manager page changed a context by MCMP's own means; the page itself is not part of these rooms. */
function doPageCommand(balancer: TestBalancer, uri: string): void {
  const query = new URL(uri, 'http://balancer').searchParams;
  if (query.get('Range') !== 'CONTEXT') return;
  const body = `JVMRoute=${query.get('JVMRoute')}&Alias=${query.get('Alias')}&Context=${query.get('Context')}`;
  balancer.send(query.get('Cmd') ?? '', body);
}

describe('the dialect httpd-2 answers as the recorded mod_proxy_cluster 2.0.0.Dev did', () => {
  for (const { file, exchanges } of balancerRecordings('mod_proxy_cluster-2.0.0.Dev')) {
    test(file, () => {
      const balancer = testBalancer(HTTPD2_DIALECT, { reachable: (address) => /^127\.0\.0\.1:900[12]$/.test(address) });
      for (const [index, exchange] of exchanges.entries()) {
        const { method, uri } = exchange.request;
        if (methodOf(method) === undefined) {
          if (method === 'GET') doPageCommand(balancer, uri);
          continue;
        }
        const difference = DELIBERATE_DIFFERENCES.find((row) => row.file === file && row.exchanges.includes(index));
        const answer = ours(balancer, exchange);
        const place = `${file}[${index}] ${method} ${uri} ${bodyOf(exchange.request).slice(0, 100)}`;
        if (difference === undefined) expect(answer, place).toEqual(recorded(exchange));
        else expect(answer, `${place}: listed as different, but it is not`).not.toEqual(recorded(exchange));
      }
    });
  }

  test('every deliberate difference names an exchange that exists', () => {
    const recordings = balancerRecordings('mod_proxy_cluster-2.0.0.Dev');
    for (const { file, exchanges } of DELIBERATE_DIFFERENCES) {
      const length = recordings.find((recording) => recording.file === file)?.exchanges.length ?? 0;
      for (const index of exchanges) expect(index, file).toBeLessThan(length);
    }
  });
});
