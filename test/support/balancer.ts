import { type Balancer, type BalancerOptions, DEFAULT_OPTIONS, startBalancer } from '../../src/balancer/index.ts';
import type { LogFields, LogLevel } from '../../src/observe/types.ts';
import { freeAfter } from './cleanup.ts';
import { hostPort, type RawAnswer, talk } from './raw-http.ts';

/** The defaults, on free ports of the loopback interface, and quick to end. */
export const TEST_OPTIONS: BalancerOptions = {
  ...DEFAULT_OPTIONS,
  listen: [{ host: '127.0.0.1', port: 0 }],
  mcmp: [{ host: '127.0.0.1', port: 0 }],
  limits: { maxNodes: 1000, maxContexts: 10_000, maxHosts: 1000 },
  shutdownTimeoutMs: 5_000,
};

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** A real balancer on free ports, with its log kept; closed when the test ends. */
export interface TestBalancer {
  readonly balancer: Balancer;
  /** Port for web traffic. */
  readonly port: number;
  readonly mcmpPort: number;
  readonly log: readonly LogLine[];
  /** Sends one MCMP message. */
  mcmp(command: string, body?: string, target?: string): Promise<RawAnswer>;
  /** CONFIG, ENABLE-APP and STATUS of a node on a loopback port. */
  register(route: string, nodePort: number, options?: RegisterOptions): Promise<void>;
  get(path: string, headers?: string): Promise<RawAnswer>;
}

export interface RegisterOptions {
  /** Of CONFIG; `http` without one. */
  readonly type?: string;
  /** Where the node lives; 127.0.0.1 without one. */
  readonly host?: string;
  readonly contexts?: string;
  readonly alias?: string;
  /** Further CONFIG parameters, encoded. */
  readonly config?: string;
  /** null: no STATUS. */
  readonly load?: number | null;
}

export async function startTestBalancer(overrides: Partial<BalancerOptions> = {}): Promise<TestBalancer> {
  const lines: LogLine[] = [];
  const keep =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields });
    };
  const log = { error: keep('error'), warn: keep('warn'), info: keep('info'), debug: keep('debug') };
  const balancer = await startBalancer({ ...TEST_OPTIONS, ...overrides }, { log });
  freeAfter(() => balancer.closeNow());
  const port = portOf(balancer.addresses.listen[0]);
  const mcmpPort = portOf(balancer.addresses.mcmp[0]);
  const mcmp = (command: string, body = '', target = '/'): Promise<RawAnswer> =>
    talk(
      mcmpPort,
      `${command} ${target} HTTP/1.1\r\nHost: ${hostPort(mcmpPort)}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  return {
    balancer,
    port,
    mcmpPort,
    log: lines,
    mcmp,
    async register(route, nodePort, options = {}) {
      const {
        type = 'http',
        host = '127.0.0.1',
        contexts = '/app',
        alias = 'localhost',
        config = '',
        load = 100,
      } = options;
      const more = config === '' ? '' : `&${config}`;
      await expectOk(mcmp('CONFIG', `JVMRoute=${route}&Host=${host}&Port=${nodePort}&Type=${type}${more}`));
      await expectOk(mcmp('ENABLE-APP', `JVMRoute=${route}&Alias=${alias}&Context=${contexts}`));
      if (load !== null) await expectOk(mcmp('STATUS', `JVMRoute=${route}&Load=${load}`));
    },
    get: (path, headers = '') =>
      talk(port, `GET ${path} HTTP/1.1\r\nHost: ${hostPort(port)}\r\nConnection: close\r\n${headers}\r\n`),
  };
}

async function expectOk(sent: Promise<RawAnswer>): Promise<void> {
  const answer = await sent;
  if (answer.status !== 200) throw new Error(`MCMP was refused: ${answer.text}`);
}

function portOf(address: string | undefined): number {
  return Number(address?.slice(address.lastIndexOf(':') + 1));
}
