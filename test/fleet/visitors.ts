import { Agent, request } from 'undici';
import { freeAfter } from '../support/cleanup.ts';

export interface Visit {
  readonly path: string;
  /** Status, or why there was none. */
  readonly outcome: string;
}

export interface Visitors {
  readonly count: () => number;
  /** What did not end with 200. */
  readonly failures: () => readonly Visit[];
  /** Lets what runs finish. */
  stop(): Promise<void>;
}

/** Clients that ask again and again for these paths through a balancer, each one request after the other. */
export function startVisitors(port: number, paths: readonly string[], clients: number): Visitors {
  const agent = new Agent({ connections: clients, pipelining: 1 });
  freeAfter(() => agent.destroy());
  const failures: Visit[] = [];
  let count = 0;
  let stopped = false;
  const visit = async (client: number): Promise<void> => {
    for (let turn = client; !stopped; turn++) {
      const path = paths[turn % paths.length] ?? '/';
      const outcome = await ask(agent, `http://127.0.0.1:${port}${path}`);
      count += 1;
      if (outcome !== '200') failures.push({ path, outcome });
    }
  };
  const done = Promise.all(Array.from({ length: clients }, (_, client) => visit(client)));
  return {
    count: () => count,
    failures: () => failures,
    async stop() {
      stopped = true;
      await done;
    },
  };
}

async function ask(agent: Agent, url: string): Promise<string> {
  try {
    const { statusCode, body } = await request(url, { dispatcher: agent });
    const text = await body.text();
    return statusCode === 200 ? '200' : `${statusCode} ${text.slice(0, 200)}`.trim();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
