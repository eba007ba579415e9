import { McmpError } from '../core/errors.ts';
import type { DumpView } from '../core/mcmp/dump.ts';
import type { InfoView } from '../core/mcmp/info.ts';
import type { ReadProblem } from '../core/mcmp/lines.ts';
import { type HttpAnswer, headerOf, type Pair } from './answer.ts';
import { type Brand, brandByName, brandByShape } from './brand.ts';
import { createMcmpConnection, type McmpClientOptions, type SendOptions } from './connection.ts';
import { type Decoded, decodeAnswer } from './decode.ts';
import { notMcmp } from './recognise.ts';
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
   * into error on httpd 1.3 (reference §12.2).
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

  const ask = async (method: 'INFO' | 'DUMP', sendOptions: SendOptions): Promise<McmpAnswer> => {
    const answer = await send(method, [], { ...sendOptions, accept: 'text/plain' });
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
      const infoAnswer = await ask('INFO', sendOptions);
      const dumpAnswer = await ask('DUMP', sendOptions);
      const info = infoAnswer.decoded.form === 'info' ? infoAnswer.decoded : undefined;
      const dump = dumpAnswer.decoded.form === 'dump' ? dumpAnswer.decoded : undefined;
      if (info === undefined || dump === undefined) {
        throw new McmpError('protocol', 'MCMP_BROKEN_ANSWER', `${address} answers INFO or DUMP in an unknown form`);
      }
      const named = brandByName(headerOf(infoAnswer, 'server')) ?? (await askVersion(send, sendOptions));
      return {
        brand: named?.brand ?? brandByShape(info.info),
        version: named?.version ?? '',
        view: joinViews(info.info, dump.dump),
        info: info.info,
        dump: dump.dump,
        problems: [...info.problems, ...dump.problems],
      };
    },
  };
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
