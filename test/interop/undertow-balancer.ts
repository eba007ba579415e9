import { hostPort, type RawAnswer, talk } from '../support/raw-http.ts';
import { buildJava, startJava } from './java-program.ts';

export const buildUndertowBalancer = (): Promise<void> => buildJava('undertow-balancer');

export interface UndertowBalancer {
  /** For web traffic. */
  readonly port: number;
  readonly mcmpPort: number;
  /** With further header lines, each with its CRLF. */
  get(path: string, headers?: string): Promise<RawAnswer>;
  /** Sends one MCMP message. */
  mcmp(command: string, body?: string, target?: string): Promise<RawAnswer>;
  /** Its INFO text. */
  info(): Promise<string>;
  /** Ends it at once. */
  kill(): Promise<void>;
}

/** Starts an Undertow that knows no node, and may advertise itself to a group; ended with the test. */
export async function startUndertow(
  settings: Partial<Record<'http' | 'mcmp' | 'group' | 'key', string>> = {},
): Promise<UndertowBalancer> {
  const program = await startJava('undertow-balancer', settings);
  const [port = 0, mcmpPort = 0] = program.ports;
  const mcmp = (command: string, body = '', target = '/'): Promise<RawAnswer> =>
    talk(
      mcmpPort,
      `${command} ${target} HTTP/1.1\r\nHost: ${hostPort(mcmpPort)}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    );
  return {
    port,
    mcmpPort,
    get: (path, headers = '') =>
      talk(port, `GET ${path} HTTP/1.1\r\nHost: ${hostPort(port)}\r\n${headers}Connection: close\r\n\r\n`),
    mcmp,
    info: async () => (await mcmp('INFO')).body,
    kill: program.kill,
  };
}
