import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freeAfter } from '../support/cleanup.ts';
import { waitFor } from '../support/wait-for.ts';

const PROJECT = fileURLToPath(new URL('./tomcat-node', import.meta.url));
const JAVA_HOME = process.env['JAVA_HOME'];
const JAVA = JAVA_HOME === undefined ? 'java' : join(JAVA_HOME, 'bin/java');
const JAR = join(PROJECT, 'target/tomcat-node-1.jar');

/** Tests with real peers need Java, Maven and the network, so they run only when they are asked for. */
export const INTEROP_WANTED = process.env['MCMP_INTEROP'] === '1';
export const WHY_SKIPPED = 'they need Java 17, Maven and the network; set MCMP_INTEROP=1 to run them';

/** Builds the node, unless it is newer than its sources. */
export async function buildTomcatNode(): Promise<void> {
  const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(PROJECT, 'src', name),
  );
  const newest = Math.max(...[...sources, join(PROJECT, 'pom.xml')].map((path) => statSync(path).mtimeMs));
  if (existsSync(JAR) && statSync(JAR).mtimeMs > newest) return;
  await promisify(execFile)('mvn', ['-q', '-B', '-f', join(PROJECT, 'pom.xml'), 'package']);
}

export interface TomcatNode {
  /** Of its HTTP connector. */
  readonly port: number;
  /** Gives it a command and waits until it is done. */
  tell(command: 'refresh' | 'exit' | `undeploy /${string}`): Promise<void>;
}

/** Starts a Tomcat that sends a STATUS each second; ended with the test. */
export async function startTomcat(settings: Readonly<Record<string, string>>): Promise<TomcatNode> {
  const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const options = ['-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.net.preferIPv4Stack=true'];
  const child = spawn(JAVA, [...options, '-jar', JAR, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  child.stdin.on('error', () => undefined);
  freeAfter(() => {
    child.kill('SIGKILL');
  });
  const said = async (line: RegExp): Promise<string> => {
    try {
      await waitFor(() => line.test(output) || child.exitCode !== null, 30_000);
    } finally {
      if (!line.test(output)) process.stderr.write(log);
    }
    return line.exec(output)?.[1] ?? '';
  };
  const port = Number(await said(/^READY (\d+)$/m));
  return {
    port,
    async tell(command) {
      child.stdin.write(`${command}\n`);
      await said(new RegExp(`^DONE (${command})$`, 'm'));
    },
  };
}
