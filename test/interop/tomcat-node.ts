import { buildJava, startJava } from './java-program.ts';

export const buildTomcatNode = (): Promise<void> => buildJava('tomcat-node');

type Command = 'refresh' | 'exit' | `undeploy /${string}`;

export interface TomcatNode {
  /** Of its HTTP connector. */
  readonly port: number;
  /** Gives it a command and waits until it is done. */
  tell(command: Command): Promise<void>;
  /** Gives it a command that may take its time. */
  order(command: Command): void;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
}

/** Starts a Tomcat that sends a STATUS each second; ended with the test. */
export async function startTomcat(settings: Readonly<Record<string, string>>): Promise<TomcatNode> {
  const { ports, tell, order, kill } = await startJava('tomcat-node', settings);
  return { port: ports[0] ?? 0, tell, order, kill };
}
