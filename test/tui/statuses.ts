import { createMcmpClient } from '../../src/client/index.ts';

/** `/api DISABLED on node1, ...` as the balancer says it. */
export async function statuses(url: string): Promise<string> {
  const client = createMcmpClient(url);
  try {
    const { view } = await client.readState();
    return view.nodes
      .flatMap(({ name, vhosts }) =>
        vhosts.flatMap(({ contexts }) => contexts.map(({ path, status }) => `${path} ${status} on ${name}`)),
      )
      .sort()
      .join(', ');
  } finally {
    await client.close();
  }
}
