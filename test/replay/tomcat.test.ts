import { describe, expect, test } from 'vitest';
import { readReply } from '../../src/core/mcmp/reply.ts';
import { type AppStatus, carriedOut, readInfoAsNode, resetRequests } from '../support/java-node.ts';
import { NODE_FOLDERS, nodeRecordings } from '../support/recordings.ts';
import { replayNode, type Step } from './tomcat-replay.ts';

const SITUATIONS = NODE_FOLDERS.flatMap((folder) =>
  nodeRecordings(folder).map(({ file, exchanges }) => ({ folder, file, exchanges })),
);

/** What one balancer has been told of the node since it knows it; undefined before CONFIG. */
type Told = Map<string, AppStatus> | undefined;

describe('the requests of a real Tomcat are carried out, and INFO shows what it needs to find', () => {
  test.for(SITUATIONS)('$folder $file', async ({ folder, exchanges }) => {
    const told = new Map<string, Told>();
    let seen = 0;
    for await (const step of replayNode(exchanges, folder.endsWith('-ajp') ? 'ajp' : 'http')) {
      seen++;
      const key = `${step.balancer.number}/${step.balancer.lives}`;
      told.set(key, await check(step, told.get(key)));
    }
    expect(seen).toBe(exchanges.filter(({ request }) => request !== undefined).length);
  });

  test('all the situations are there', () => {
    expect(SITUATIONS.length).toBeGreaterThanOrEqual(57);
  });
});

/** Checks one answer and what INFO says then. Returns what the balancer has been told by now. */
async function check(step: Step, told: Told): Promise<Told> {
  const { line, body, answer, balancer, mind } = step;
  const [command = ''] = line.split(' ');
  const place = `${line} ${body}`;
  if (command === 'STATUS' && told === undefined) {
    // SYNTAX would silence the node for good; MEM makes it register again.
    expect({ status: answer.status, type: answer.headers.get('type') }, place).toEqual({ status: 500, type: 'MEM' });
    return undefined;
  }
  expect(answer.status, `${place}\n${answer.head}`).toBe(200);
  checkReply(step);

  const isOver = line.startsWith('REMOVE-APP /*') || line.startsWith('REMOVE-APP /mcmp/*');
  const knows = command === 'CONFIG' || (told !== undefined && !isOver);
  const contexts = carriedOut(told ?? new Map(), [...step.meanwhile, { line, body }]);
  const info = readInfoAsNode(await balancer.info());
  const reported = (info.get(mind.route) ?? []).flatMap((vhost) => [...vhost.contexts]);
  expect(new Map(reported), place).toEqual(isOver ? new Map() : contexts);
  expect(reported, 'each context is reported once').toHaveLength(isOver ? 0 : contexts.size);
  if (contexts.size > 0) {
    expect(
      info.get(mind.route)?.map(({ aliases }) => aliases),
      'one virtual host with the whole alias list',
    ).toEqual([mind.hosts[0]?.aliases]);
  }
  if (command === 'INFO') checkReset(step, contexts);
  return knows ? contexts : undefined;
}

function checkReply({ line, body, answer, usable, mind }: Step): void {
  const [command = ''] = line.split(' ');
  const reply = readReply(answer.body);
  if (command === 'STATUS') {
    const state = usable || body.endsWith('Load=-1') ? 'OK' : 'NOTOK';
    expect(reply).toMatchObject({ type: 'STATUS-RSP', route: mind.route, state });
  } else if (command === 'STOP-APP' && body.includes('Context=')) {
    // The node drains by this number, and waits 10 s for one that does not fall.
    const pairs = new Map(
      answer.body
        .trimEnd()
        .split('&')
        .map((pair) => pair.split('=', 2) as [string, string]),
    );
    expect(pairs.get('Requests')).toBe('0');
  } else if (command === 'PING') {
    expect(reply).toMatchObject({ type: 'PING-RSP', state: body.includes('ghost') ? 'NOTOK' : 'OK' });
  } else if (command === 'DUMP') {
    expect(answer.body).toContain('balancer: [0] Name: mycluster');
  } else if (command === 'CONFIG' || line.includes('/*')) {
    expect(answer.body).toBe('');
  }
}

/** After each INFO a node may register again: whatever it sends then, it must lose nothing by it. */
function checkReset({ answer, mind }: Step, told: ReadonlyMap<string, AppStatus>): void {
  const info = readInfoAsNode(answer.body);
  const requests = resetRequests(mind, info);
  const wanted = [...(mind.hosts[0]?.contexts ?? [])].map(([path, started]): [string, AppStatus] => [
    path,
    !started ? 'STOPPED' : mind.autoEnable ? 'ENABLED' : 'DISABLED',
  ]);
  expect(carriedOut(told, requests)).toEqual(new Map(wanted));
  expect(requests.map(({ line }) => line)).not.toContain('REMOVE-APP /*');
}
