import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { freeAfter } from '../support/cleanup.ts';
import { waitFor } from '../support/wait-for.ts';

const JAVA_HOME = process.env['JAVA_HOME'];
const JAVA = JAVA_HOME === undefined ? 'java' : join(JAVA_HOME, 'bin/java');

/** Tests with real peers need Java, Maven and the network, so they run only when they are asked for. */
export const INTEROP_WANTED = process.env['MCMP_INTEROP'] === '1';
export const WHY_SKIPPED = 'they need Java 17, Maven and the network; set MCMP_INTEROP=1 to run them';

/** A Maven project beside this file, which makes a jar of its own name. */
export type JavaProject = 'tomcat-node' | 'undertow-balancer';

const folderOf = (project: JavaProject): string => join(import.meta.dirname, project);
const jarOf = (project: JavaProject): string => join(folderOf(project), `target/${project}-1.jar`);

/** Several run at a time on small machines. */
const MODEST = ['-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** Builds the program, unless it is newer than its sources. */
export async function buildJava(project: JavaProject): Promise<void> {
  const folder = folderOf(project);
  const sources = readdirSync(join(folder, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, 'src', name),
  );
  const newest = Math.max(...[...sources, join(folder, 'pom.xml')].map((path) => statSync(path).mtimeMs));
  if (existsSync(jarOf(project)) && statSync(jarOf(project)).mtimeMs > newest) return;
  await promisify(execFile)('mvn', ['-q', '-B', '-f', join(folder, 'pom.xml'), 'package']);
}

export interface JavaProgram {
  /** Numbers after READY. */
  readonly ports: readonly number[];
  /** Gives it a line and waits until it says that the work is done. */
  tell(command: string): Promise<void>;
  /** Gives it a line and does not wait. */
  order(command: string): void;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
}

/** A command line that starts a program, for whoever starts it himself; further settings can be put behind it. */
export function javaCommand(project: JavaProject): string {
  return `exec '${JAVA}' ${MODEST.join(' ')} -jar '${jarOf(project)}'`;
}

/** Starts a program that says `READY` and its ports; ended with the test. */
export async function startJava(
  project: JavaProject,
  settings: Readonly<Record<string, string>>,
): Promise<JavaProgram> {
  const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const options = [...MODEST, '-Djava.net.preferIPv4Stack=true'];
  const child = spawn(JAVA, [...options, '-jar', jarOf(project), ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
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
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const said = async (line: RegExp): Promise<string> => {
    try {
      await waitFor(() => line.test(output) || isOver(), 30_000);
    } finally {
      if (!line.test(output)) process.stderr.write(log);
    }
    return line.exec(output)?.[1] ?? '';
  };
  const ports = (await said(/^READY ([\d ]+)$/m)).split(' ').map(Number);
  return {
    ports,
    order(command) {
      child.stdin.write(`${command}\n`);
    },
    async tell(command) {
      child.stdin.write(`${command}\n`);
      await said(new RegExp(`^DONE (${command})$`, 'm'));
    },
    async kill() {
      child.kill('SIGKILL');
      await waitFor(isOver);
    },
  };
}
