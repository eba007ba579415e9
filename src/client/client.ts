import { McmpError } from '../core/errors.ts';
import type { DumpView } from '../core/mcmp/dump.ts';
import type { InfoView } from '../core/mcmp/info.ts';
import type { ReadProblem } from '../core/mcmp/lines.ts';
import { type HttpAnswer, headerOf, mediaTypeOf, type Pair } from './answer.ts';
import { type Brand, brandByName, brandByShape } from './brand.ts';
import { createMcmpConnection, DEFAULT_TIMEOUT_MS, type McmpClientOptions, type SendOptions } from './connection.ts';
import { type Decoded, decodeAnswer } from './decode.ts';
import { readDocumentTables } from './document-tables.ts';
import { notMcmp } from './recognise.ts';
import type { BalancerFacts } from './told.ts';
import { type ClusterView, joinViews } from './view.ts';

export interface McmpAnswer extends HttpAnswer {
  /** `Type` header of a refusal: SYNTAX, MEM, GENERAL; empty for a success. */
  readonly type: string;
  /** `Mess` header of a refusal. */
  readonly mess: string;
  readonly decoded: Decoded;
}

export interface ClusterReading {
  readonly brand: Brand;
  /** As the balancer gives it; empty when it does not. */
  readonly version: string;
  readonly view: ClusterView;
  readonly info: InfoView;
  readonly dump: DumpView;
  /** What else the balancer says of itself; `mcmp serve` alone does. */
  readonly facts: BalancerFacts | undefined;
  /** Lines that could not be read. */
  readonly problems: readonly ReadProblem[];
}

export interface McmpClient {
  readonly address: string;
  /**
   * Sends one command; a refusal (500 with Type and Mess) is an answer, not an error.
   * @throws McmpError when the address cannot be reached, does not receive MCMP, or answers something broken
   */
  send(method: string, pairs?: readonly Pair[], options?: SendOptions): Promise<McmpAnswer>;
  /**
   * Asks INFO, DUMP and, when neither says who answers, VERSION. Never anything else: a STATUS without Load puts a node
   * into error on httpd 1.3 (reference §12.2). A balancer that answers INFO in JSON is asked nothing more: that tells all.
   * @param options its time-out is for all questions together
   * @throws McmpError as `send`, and when the balancer refuses to tell
   */
  readState(options?: SendOptions): Promise<ClusterReading>;
  close(): Promise<void>;
}

/** A client for the MCMP endpoint at `url`, whatever its brand. Connects with the first command. */
export function createMcmpClient(url: URL | string, options: McmpClientOptions = {}): McmpClient {
  const connection = createMcmpConnection(url, options);
  const { address } = connection;

  const send = async (
    method: string,
    pairs: readonly Pair[] = [],
    sendOptions: SendOptions = {},
  ): Promise<McmpAnswer> => {
    const answer = await connection.exchange(method, pairs, sendOptions);
    const stranger = notMcmp(answer, address);
    if (stranger !== undefined) throw stranger;
    return {
      ...answer,
      type: headerOf(answer, 'type'),
      mess: headerOf(answer, 'mess'),
      decoded: decodeAnswer(answer),
    };
  };

  const ask = async (method: 'INFO' | 'DUMP', accept: string, sendOptions: SendOptions): Promise<McmpAnswer> => {
    const answer = await send(method, [], { ...sendOptions, accept });
    if (answer.decoded.form === 'refusal') {
      throw new McmpError('protocol', 'MCMP_REFUSED', `${address} refuses ${method}: ${answer.mess || answer.status}`);
    }
    return answer;
  };

  return {
    address,
    send,
    close: () => connection.close(),
    async readState(sendOptions = {}) {
      const deadlineMs = performance.now() + (sendOptions.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
      const inTime = (): SendOptions => ({
        ...sendOptions,
        timeoutMs: Math.max(1, Math.ceil(deadlineMs - performance.now())),
      });
      const infoAnswer = await ask('INFO', JSON_OR_TEXT, inTime());
      const named = brandByName(headerOf(infoAnswer, 'server'));
      if (mediaTypeOf(infoAnswer) === 'application/json') return readingOfDocument(infoAnswer, address);
      const dumpAnswer = await ask('DUMP', 'text/plain', inTime());
      const info = infoAnswer.decoded.form === 'info' ? infoAnswer.decoded : undefined;
      const dump = dumpAnswer.decoded.form === 'dump' ? dumpAnswer.decoded : undefined;
      if (info === undefined || dump === undefined) throw unknownForm(address);
      const brand = named ?? (await askVersion(send, inTime()));
      return {
        brand: brand?.brand ?? brandByShape(info.info),
        version: brand?.version ?? '',
        view: joinViews(info.info, dump.dump),
        info: info.info,
        dump: dump.dump,
        facts: undefined,
        problems: [...info.problems, ...dump.problems],
      };
    },
  };
}

/** httpd looks for `text/xml` in it and Undertow at nothing (reference §1.5), so both answer with text. */
const JSON_OR_TEXT = 'application/json, text/plain;q=0.5';

function readingOfDocument(answer: McmpAnswer, address: string): ClusterReading {
  const tables = readDocumentTables(answer.body);
  if (tables === undefined) throw unknownForm(address);
  const { info, dump, nodes, facts, problems } = tables;
  const version = brandByName(headerOf(answer, 'server'))?.version ?? '';
  return { brand: 'mcmp', version, view: joinViews(info, dump, nodes), info, dump, facts, problems };
}

function unknownForm(address: string): McmpError {
  return new McmpError(
    'protocol',
    'MCMP_BROKEN_ANSWER',
    `${address} answers INFO or DUMP in a form that is not known here`,
    { hint: 'See it with: mcmp send INFO --raw' },
  );
}

/** VERSION is httpd's alone; that a balancer does not know it says nothing about what it is. */
async function askVersion(send: McmpClient['send'], options: SendOptions): Promise<ReturnType<typeof brandByName>> {
  try {
    const { decoded } = await send('VERSION', [], options);
    return decoded.form === 'version' ? brandByName(decoded.release) : undefined;
  } catch (error) {
    if (error instanceof McmpError && error.kind === 'protocol') return undefined;
    throw error;
  }
}
