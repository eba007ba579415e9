import { describe, expect, test } from 'vitest';
import { commandOf } from '../../../src/core/mcmp/commands.ts';
import { NGINX_DIALECT } from '../../../src/core/mcmp/dialect.ts';
import { httpAnswer } from '../../../src/core/mcmp/http-answer.ts';
import { balancerRecordings, bodyOf, type Exchange } from '../../support/recordings.ts';
import { type TestBalancer, testBalancer } from '../balancer.ts';
import { CRASHES, NGINX_DIFFERENCES, STILL_MARKED } from './nginx-differences.ts';

/** What is compared: everything but Server, the words of nginx's own error pages, and the incarnation id. */
interface Answer {
  readonly outcome: string;
  readonly status: number;
  readonly contentType: string;
  readonly version: string;
  readonly type: string;
  readonly mess: string;
  readonly body: string;
}

const SILENCE = '(connection closed without an answer)';

function recorded({ response }: Exchange): Answer {
  const headers = response.headers ?? {};
  return {
    outcome: response.outcome ?? '',
    status: response.status ?? 0,
    contentType: headers['content-type'] ?? '',
    version: headers['version'] ?? '',
    type: headers['type'] ?? '',
    mess: headers['mess'] ?? '',
    // A name that fills its field has no end there, so nginx printed the byte behind it.
    body: (response.body ?? '').replaceAll('\u0001', ''),
  };
}

const NOTHING: Answer = { outcome: '', status: 0, contentType: '', version: '', type: '', mess: '', body: '' };

function ours(balancer: TestBalancer, { request }: Exchange): Answer {
  const reply = balancer.send(`${request.method} ${request.uri}`, bodyOf(request), request.headers?.['Accept']);
  if (reply.ok && reply.silent === true) return { ...NOTHING, outcome: SILENCE };
  const answer = httpAnswer(reply, NGINX_DIALECT);
  const header = (name: string) => answer.headers.find(([other]) => other === name)?.[1] ?? '';
  return {
    outcome: '',
    status: answer.status,
    contentType: header('Content-Type'),
    version: header('Version'),
    type: header('Type'),
    mess: header('Mess'),
    body: answer.status === 500 ? '(an HTML error page)' : answer.body.replace(/id=\d+/, 'id=GENERATION'),
  };
}

/** The manager page changed contexts by MCMP's own means; the page itself is not part of these rooms. */
function doPageCommand(balancer: TestBalancer, uri: string): void {
  const query = new URL(uri, 'http://balancer').searchParams;
  const command = query.get('Cmd') ?? '';
  if (!command.endsWith('-APP')) return;
  const route = `JVMRoute=${query.get('JVMRoute')}`;
  if (query.get('Range') === 'NODE') balancer.send(`${command} /*`, route);
  else balancer.send(command, `${route}&Alias=${query.get('Alias')}&Context=${query.get('Context')}`);
}

/** An nginx that has just started, with the balancer name it was recorded with. */
function startNginx(): TestBalancer {
  return testBalancer(NGINX_DIALECT, {
    defaultBalancer: 'balancer-name',
    limits: { maxNodes: 300, maxContexts: 200, maxHosts: 300 },
  });
}

test('the dialect nginx answers as the recorded nginx_mod_cluster_module did, from one file to the next', () => {
  let balancer = startNginx();
  for (const { file, exchanges } of balancerRecordings('nginx_mod_cluster_module')) {
    for (const [index, exchange] of exchanges.entries()) {
      const { method, uri } = exchange.request;
      const place = `${file}[${index}]`;
      if (commandOf(method, NGINX_DIALECT) === undefined) {
        if (method === 'GET') doPageCommand(balancer, uri);
        continue;
      }
      const answer = ours(balancer, exchange);
      const said = `${place} ${method} ${uri} ${bodyOf(exchange.request).slice(0, 100)}`;
      if (!NGINX_DIFFERENCES.has(place)) expect(answer, said).toEqual(recorded(exchange));
      else expect(answer, `${said}: listed as different, but it is not`).not.toEqual(recorded(exchange));
      // The worker that held the tables died; the next one began with empty ones.
      if (CRASHES.has(place)) balancer = startNginx();
    }
    if (STILL_MARKED.has(file)) continue;
    balancer.now += 10_000;
    balancer.apply({ kind: 'TICK' });
  }
});

describe('the tables of this replay', () => {
  test('name exchanges and files that exist', () => {
    const recordings = balancerRecordings('nginx_mod_cluster_module');
    const places = recordings.flatMap(({ file, exchanges }) => exchanges.map((_, index) => `${file}[${index}]`));
    for (const place of [...NGINX_DIFFERENCES.keys(), ...CRASHES]) expect(places).toContain(place);
    for (const file of STILL_MARKED) expect(recordings.map((recording) => recording.file)).toContain(file);
  });

  test('say why', () => {
    for (const reason of NGINX_DIFFERENCES.values()) expect(reason).toMatch(/^[A-Z].{20,}\.$/);
  });
});
