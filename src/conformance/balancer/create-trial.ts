import type { McmpClientTls } from '../../client/sockets.ts';
import { encodeBody } from '../../core/mcmp/body.ts';
import { readDump } from '../../core/mcmp/dump.ts';
import { readInfo } from '../../core/mcmp/info.ts';
import { lookUntil } from '../engine/clock.ts';
import type { CaseRun } from '../engine/types.ts';
import type { Features } from '../needs.ts';
import { Deviation, demand, NotHere } from '../verdict.ts';
import { ANSWER_TIMEOUT_MS, openWire, type WireAnswer, type WireConnection } from '../wire/connection.ts';
import { listenToAdvertisements } from './advertisements.ts';
import { accepted, answerWords, demandRoom, expectAnswer } from './answers.ts';
import { type Backend, holdDeadAddress, SERVED_BY, startBackend } from './backend.ts';
import { type BalancerTrial, type Fields, type SendOptions, WHOLE_NODE } from './trial.ts';
import { usedPortsOf } from './used-ports.ts';

/** The balancer that is judged. */
export interface BalancerTarget {
  readonly mcmpUrl: URL;
  readonly trafficUrl: URL | undefined;
  readonly tls: McmpClientTls;
  readonly features: Features;
  /** Restarts it and resolves when it has been told; undefined when nobody can. */
  readonly restart: (() => Promise<void>) | undefined;
}

/**
 * What nodes of cases say of how long a ping may take: as long as nodes do that say nothing of it (reference §2.2). Behind
 * them stands this process, and when it is held up for a moment they must not be taken for dead.
 */
export const PING_SECONDS = 10;
/** So long the end of a connection is waited for after a whole answer that was asked to be the last. */
const END_TIMEOUT_MS = 250;

/**
 * What one case gets.
 * @param lane number of the worker that runs it: its balancer is used again by the next case of the same worker
 * @param mark random part of all names of this run
 */
export function createBalancerTrial(target: BalancerTarget, run: CaseRun, lane: number, mark: string): BalancerTrial {
  const { mcmpUrl, trafficUrl, tls, features } = target;
  const routes = new Set<string>();
  let named = 0;
  const name = (kind: string): string => {
    named += 1;
    return `cf${kind}-${mark}-${run.number}-${named}`;
  };
  const balancer = `cfb-${mark}-${lane}`;

  const open = (url: URL, withWhom: 'mcmp' | 'traffic', localAddress?: string): Promise<WireConnection> => {
    const from = localAddress === undefined ? {} : { localAddress };
    return openWire(url, { with: withWhom, tls, ...from, nowMs: run.nowMs, signal: run.signal, record: run.record });
  };

  const askInfo = async (): Promise<WireAnswer> => {
    const connection = await openWire(mcmpUrl, {
      with: 'mcmp',
      tls,
      nowMs: run.nowMs,
      signal: run.signal,
      record() {},
    });
    connection.write(messageBytes(mcmpUrl, 'INFO', '', {}));
    const answer = await connection.answer('INFO');
    connection.close();
    return answer;
  };

  const send = async (method: string, body: Fields | string = '', options: SendOptions = {}): Promise<WireAnswer> => {
    const connection = await open(mcmpUrl, 'mcmp');
    connection.write(messageBytes(mcmpUrl, method, typeof body === 'string' ? body : encodeFields(body), options));
    const answer = await connection.answer(method, options.timeoutMs ?? ANSWER_TIMEOUT_MS);
    const end = await connection.ended(END_TIMEOUT_MS);
    const leftover = connection.received().slice(connection.received().indexOf(answer.raw) + answer.raw.length);
    connection.close();
    if (end === 'reset' || leftover !== '') {
      const behind = leftover === '' ? 'a reset' : `the bytes ${JSON.stringify(leftover.slice(0, 200))}`;
      throw new Deviation('unclean', 'an answer and nothing behind it', `${answerWords(answer)}, then ${behind}`);
    }
    return answer;
  };
  const trial: BalancerTrial = {
    mcmpUrl,
    get trafficUrl() {
      if (trafficUrl === undefined) throw new NotHere('no address of web traffic was given (--traffic)');
      return trafficUrl;
    },
    get webHost() {
      const { port } = trial.trafficUrl;
      return port === '' ? 'localhost' : `localhost:${port}`;
    },
    features,
    signal: run.signal,
    random: run.random,
    route: () => {
      const route = name('r');
      routes.add(route);
      return route;
    },
    context: () => `/${name('c')}`,
    alias: () => `${name('a')}.test`,
    balancer,
    domain: () => `d${mark}${run.number}${named++}`.slice(0, 19),
    send,
    must: (method, body, options) => trial.expect(accepted(), method, body, options),
    async expect(expected, method, body, options) {
      const answer = await send(method, body, options);
      expectAnswer(answer, expected);
      return answer;
    },
    async info() {
      const { info, problems } = readInfo((await trial.must('INFO')).body);
      const [problem] = problems;
      demand(problem === undefined, 'INFO in lines that can be read', () => JSON.stringify(problem));
      return info;
    },
    async dump() {
      const { dump, problems } = readDump((await trial.must('DUMP')).body);
      const [problem] = problems;
      demand(problem === undefined, 'DUMP in lines that can be read', () => JSON.stringify(problem));
      return dump;
    },
    nodeLine: async (route) => (await trial.info()).nodes.find((node) => node.name === route),
    async contextLines(route) {
      const info = await trial.info();
      const node = info.nodes.find((one) => one.name === route);
      return info.contexts
        .filter((context) => node !== undefined && context.node === node.id)
        .map((context) => ({
          ...context,
          aliases: info.vhosts
            .filter((vhost) => vhost.node === context.node && vhost.vhost === context.vhost)
            .map(({ alias }) => alias),
        }));
    },
    async backend(options) {
      const backend = await startBackend(options, await usedPortsOf(target, askInfo));
      run.after(() => backend.kill());
      return backend;
    },
    async deadAddress() {
      const address = await holdDeadAddress(await usedPortsOf(target, askInfo));
      run.after(() => address.release());
      return address;
    },
    async node(options = {}) {
      const route = options.route ?? trial.route();
      routes.add(route);
      const given = options.backend;
      const backend: Backend = given !== undefined && 'port' in given ? given : await trial.backend(given);
      backend.route = route;
      const contexts = options.contexts ?? [trial.context()];
      const alias = options.alias ?? 'localhost';
      const address = { Host: backend.host, Port: backend.port, Type: 'http', ping: PING_SECONDS, Balancer: balancer };
      const enter = async (method: string, fields: Fields): Promise<void> => {
        const answer = await send(method, fields);
        demandRoom(answer);
        expectAnswer(answer, accepted());
      };
      await enter('CONFIG', { JVMRoute: route, ...address, ...options.config });
      for (const context of contexts) await enter('ENABLE-APP', { JVMRoute: route, Alias: alias, Context: context });
      const load = options.load === undefined ? 100 : options.load;
      if (load !== null) {
        await trial.must('STATUS', { JVMRoute: route, Load: load });
      }
      return { route, context: contexts[0] ?? '', alias, backend };
    },
    forget: (route) => {
      routes.add(route);
    },
    async web(path, options = {}) {
      const url = trial.trafficUrl;
      const { method = 'GET', headers = [], body } = options;
      const host = headers.some(([header]) => header.toLowerCase() === 'host')
        ? []
        : [['Host', trial.webHost] as const];
      const length = body === undefined ? [] : [['Content-Length', String(body.length)] as const];
      const lines = [...host, ...headers, ...length, ['Connection', 'close'] as const];
      const connection = await open(url, 'traffic');
      connection.write(`${method} ${path} HTTP/1.1\r\n${headerLines(lines)}\r\n${body ?? ''}`);
      const answer = await connection.answer(method, options.timeoutMs);
      connection.close();
      return { ...answer, servedBy: answer.headers.get(SERVED_BY.toLowerCase()) ?? '' };
    },
    openMcmp: ({ at = mcmpUrl, from } = {}) => open(at, 'mcmp', from),
    openTraffic: () => open(trial.trafficUrl, 'traffic'),
    datagrams(feature = 'advertise') {
      const group = features.get(feature);
      if (group === undefined) throw new NotHere(`no group of its advertisements was given (--with ${feature}=...)`);
      return listenToAdvertisements(group, mcmpUrl, run.after);
    },
    async until(what, look, timeoutMs = run.leftMs() - UNTIL_MARGIN_MS) {
      const startedMs = run.nowMs();
      const seen = await lookUntil(look, timeoutMs, run.signal);
      const tookMs = run.nowMs() - startedMs;
      if (seen === undefined) throw new Deviation('fail', what, `not so within ${Math.round(tookMs)} ms`);
      run.waited(what, tookMs);
      return seen;
    },
    after: run.after,
    async restart() {
      if (target.restart === undefined) throw new NotHere('nobody can restart the balancer (--restart)');
      await target.restart();
      const isBack = (): Promise<boolean> =>
        send('INFO', '', { timeoutMs: 1000 }).then(
          () => true,
          () => false,
        );
      await trial.until('the balancer answers again after its restart', isBack);
    },
  };
  run.after(async () => {
    for (const route of routes) await forgetRoute(open, mcmpUrl, route);
  });
  return trial;
}

/** Left of a case's time when it stops waiting for a state, so that it can still say what it saw. */
const UNTIL_MARGIN_MS = 500;

/** Removes a node; whatever the answer is, there is nothing more to be done about it. */
async function forgetRoute(
  open: (url: URL, withWhom: 'mcmp') => Promise<WireConnection>,
  url: URL,
  route: string,
): Promise<void> {
  const connection = await open(url, 'mcmp');
  connection.write(messageBytes(url, 'REMOVE-APP', encodeFields({ JVMRoute: route }), WHOLE_NODE));
  await connection.answer('REMOVE-APP');
  connection.close();
}

/** A message as it goes out. */
export function messageBytes(url: URL, method: string, body: string, options: SendOptions): string {
  const target = url.pathname.replace(/\/+$/, '') + (options.target ?? '/');
  const given = options.headers ?? [];
  const host = given.some(([header]) => header.toLowerCase() === 'host') ? [] : [['Host', url.host] as const];
  const framing =
    options.chunked === true
      ? [['Transfer-Encoding', 'chunked'] as const]
      : body === ''
        ? []
        : [['Content-Length', String(body.length)] as const];
  const lines = [
    ...host,
    ['User-Agent', 'mcmp-conformance'] as const,
    ...given,
    ...framing,
    ...(options.keepAlive === true ? [] : [['Connection', 'close'] as const]),
  ];
  const content = options.chunked === true ? inChunks(body) : body;
  return `${method} ${target} HTTP/1.1\r\n${headerLines(lines)}\r\n${content}`;
}

/** In two chunks, so that a reader has to join them. */
function inChunks(body: string): string {
  const half = Math.ceil(body.length / 2);
  const chunk = (part: string): string => (part === '' ? '' : `${part.length.toString(16)}\r\n${part}\r\n`);
  return `${chunk(body.slice(0, half))}${chunk(body.slice(half))}0\r\n\r\n`;
}

function headerLines(lines: readonly (readonly [string, string])[]): string {
  return lines.map(([header, value]) => `${header}: ${value}\r\n`).join('');
}

/** Fields as a message body, encoded so that every implementation reads the same (reference §1.2). */
export function encodeFields(fields: Fields): string {
  const pairs = isPairs(fields) ? fields : Object.entries(fields);
  return encodeBody(pairs.map(([key, value]) => [key, String(value)] as const));
}

function isPairs(fields: Fields): fields is readonly (readonly [string, string | number])[] {
  return Array.isArray(fields);
}
