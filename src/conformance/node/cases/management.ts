import { said } from '../../case.ts';
import { demand } from '../../verdict.ts';
import { ofMethod, since } from '../sayings.ts';
import { nodeCase } from '../stage.ts';

/** What an operator lets a node say (interop measurements, 23). */
export const MANAGEMENT_CASES = [
  nodeCase({
    id: 'management/ping',
    requirement: 'A node that is asked to ping its balancers says PING, and stays registered.',
    level: 'may',
    lines: ['NODE-61'],
    spec: '9.2',
    needs: ['node-ping'],
    expected: { mcmp: said('PING'), java: said('PING') },
    async run(stage) {
      const { balancer, node } = await stage.begin();
      const { route } = await stage.settled(balancer);
      const last = balancer.requests.at(-1);
      await node.act('ping', { value: route });
      const ping = await stage.until('PING', () => ofMethod(since(balancer.requests, last), 'PING')[0]);
      demand(ping.target.endsWith('/'), 'PING /', `PING ${ping.target}`);
      await stage.until('STATUS goes on', () => ofMethod(since(balancer.requests, ping), 'STATUS')[0]);
    },
  }),
];
