import { readInfo } from '../../../src/core/mcmp/info.ts';
import type { TestBalancer } from '../../support/balancer.ts';

/** What a balancer has in its tables, one line for each node: `n1 127.0.0.1:8080 load 100 /app ENABLED`. */
export async function rowsOf(balancer: TestBalancer): Promise<string[]> {
  const { info } = readInfo((await balancer.mcmp('INFO')).body);
  return info.nodes.map(({ id, name, host, port, load }) => {
    const contexts = info.contexts.filter(({ node }) => node === id);
    return [`${name} ${host}:${port} load ${load}`, ...contexts.map(({ path, status }) => `${path} ${status}`)].join(
      ' ',
    );
  });
}
