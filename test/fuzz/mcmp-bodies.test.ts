import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/core/mcmp/commands.ts';
import { HTTPD2_DIALECT, MCMP_DIALECT } from '../../src/core/mcmp/dialect.ts';
import { httpAnswer } from '../../src/core/mcmp/http-answer.ts';
import type { McmpMethod } from '../../src/core/mcmp/types.ts';
import { nearlyBody } from '../core/arbitrary.ts';
import { testBalancer } from '../core/balancer.ts';
import { readInfoAsNode } from '../support/java-node.ts';
import { balancerRecordings, bodyOf, NODE_FOLDERS, nodeRecordings } from '../support/recordings.ts';

/** `MCMP_FUZZ=full` (npm run fuzz) sends a million bodies, `npm test` fewer; always the same ones. */
const RUNS = process.env['MCMP_FUZZ'] === 'full' ? 1_000_000 : 6_000;

/** Bodies that were really sent, to be damaged. */
const RECORDED: readonly string[] = [
  ...new Set([
    ...balancerRecordings('mod_proxy_cluster-2.0.0.Dev').flatMap(({ exchanges }) =>
      exchanges.map(({ request }) => bodyOf(request)),
    ),
    ...NODE_FOLDERS.flatMap(nodeRecordings).flatMap(({ exchanges }) =>
      exchanges.map(({ request }) => request?.body ?? ''),
    ),
  ]),
].filter((body) => body !== '' && body.length < 2_000);

const damaged: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...RECORDED),
    fc.array(
      fc.tuple(
        fc.nat({ max: 400 }),
        fc.nat({ max: 3 }),
        fc.constantFrom('&', '=', '%', ',', '%00', '\u00ff', '', '+', '<', 'Alias=', '9'.repeat(30)),
      ),
      { maxLength: 4 },
    ),
  )
  .map(([body, edits]) =>
    edits.reduce((text, [at, length, insert]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + insert + text.slice(place + length);
    }, body),
  );

test(
  'a balancer that is sent anything answers each message and goes on',
  () => {
    const methods = Object.keys(COMMANDS) as McmpMethod[];
    const dialects = [MCMP_DIALECT, HTTPD2_DIALECT];
    const balancers = dialects.map((dialect) =>
      testBalancer(dialect, { limits: { maxNodes: 50, maxContexts: 300, maxHosts: 100 } }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...methods),
        fc.constantFrom('/', '/', '/*'),
        fc.oneof(nearlyBody, damaged),
        fc.boolean(),
        (method, target, body, answer) => {
          for (const [index, balancer] of balancers.entries()) {
            const dialect = dialects[index] ?? MCMP_DIALECT;
            balancer.reachable = () => answer;
            balancer.now += 100;
            balancer.apply({ kind: 'TICK' });
            const { headers } = httpAnswer(balancer.send(`${method} ${target}`, body), dialect);
            for (const [, value] of headers) expect(value).toMatch(/^[\u0020-\u007e\u0080-\u00ff]{0,2200}$/);
          }
        },
      ),
      { seed: 41, numRuns: RUNS },
    );
    for (const balancer of balancers) expect(balancer.info()).toContain('Node: ');
    const [ours] = balancers;
    expect(readInfoAsNode(ours?.info() ?? '').size).toBeGreaterThan(0);
  },
  Math.max(20_000, RUNS),
);
