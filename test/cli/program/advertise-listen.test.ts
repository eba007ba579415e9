import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendAdvertisements } from '../../../src/advertise/send.ts';
import { planOf, type SendArgs } from '../../../src/advertise/send-command.ts';
import { formatGroup } from '../../../src/core/advertise/index.ts';
import { freshGroup } from '../../advertise/group.ts';
import { type Result, runProgram, startProgram } from './start-program.ts';

const ownGroup = (): string => formatGroup(freshGroup());
const here = (group: string): string[] => ['--group', group, '--interface', '127.0.0.1'];
const jsonLines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const SEND: SendArgs = {
  manager: new URL('http://127.0.0.1:8090'),
  group: '',
  interface: '127.0.0.1',
  ttl: 0,
  ttlLadder: undefined,
  frequency: 1000,
  count: 1,
  key: undefined,
  keyFile: undefined,
  server: undefined,
  status: undefined,
  goodbye: false,
  fault: undefined,
};

/** Starts to listen, and sends when it does. */
async function hear(words: readonly string[], wishes: Partial<SendArgs>, until?: RegExp): Promise<Result> {
  const group = ownGroup();
  const listening = startProgram(['advertise', 'listen', ...here(group), ...words]);
  await listening.written('stdout', /listening to/);
  await sendAdvertisements(planOf({ ...SEND, group, ...wishes }), new AbortController().signal, () => undefined);
  if (until !== undefined) {
    await listening.written('stdout', until);
    listening.child.kill('SIGINT');
  }
  return listening.ended;
}

describe('mcmp advertise listen', () => {
  it('hears mcmp advertise send in another process, as JSON', async () => {
    const group = ownGroup();
    const listening = startProgram(['advertise', 'listen', ...here(group), '--once', '--json', '--timeout', '15s']);
    await listening.written('stdout', /"event":"ready"/);
    const sent = await runProgram(['advertise', 'send', '--ttl', '0', '--count', '1', ...here(group)]);
    const { code, stdout, stderr } = await listening.ended;
    expect({ code, stderr, sent: sent.code }).toEqual({ code: 0, stderr: '', sent: 0 });
    const documents = jsonLines(stdout);
    expect(documents.map(({ event }) => event)).toEqual(['ready', 'datagram', 'end']);
    expect(documents.every(({ schemaVersion }) => schemaVersion === 1)).toBe(true);
    expect(documents[1]).toMatchObject({ status: 410, digest: 'ok', source: { address: '127.0.0.1' } });
  });

  const ONCE = ['--once', '--timeout', '15s'];
  it.each<[string, string[], Partial<SendArgs>, number, RegExp, RegExp?]>([
    ['the expected one', [...ONCE, '--expect', '127.0.0.1:8090'], {}, 0, /advert\/loopback {2}\(a Java node joins\)/],
    [
      'a wrong key',
      [...ONCE, '--key', 'k'],
      { key: 'other' },
      1,
      /failed: advert\/wrong-key from/,
      /a Java node ignores/,
    ],
    ['one that ends Java listeners', ONCE, { fault: 'no-digest' }, 1, /!!! DANGER: 127\.0\.0\.1:\d+ ENDS DISCOVERY/],
  ])('of %s ends as it should', async (_, words, wishes, code, said, until) => {
    const result = await hear(words, wishes, until);
    expect(result.stdout).toMatch(said);
    expect(result.code).toBe(code);
  });

  it('reports the smallest TTL of a ladder, and how much it heard at Ctrl-C', async () => {
    const { code, stdout } = await hear([], { ttlLadder: '0..3' }, /sequence 4/);
    expect(stdout).toContain('smallest TTL that arrived from 127.0.0.1: 0 (no router in between)');
    expect(stdout).toMatch(/^4 datagrams in .*, 0 dropped; 1 balancer, 0 with errors$/m);
    expect(code).toBe(0);
  });

  it('ends with 6 in silence, and says what it has tested and what to look at', async () => {
    const { code, stdout } = await runProgram([
      'advertise',
      'listen',
      ...here(ownGroup()),
      '--once',
      '--timeout',
      '300ms',
    ]);
    expect(code).toBe(6);
    expect(stdout).toContain(
      'Our socket works; nothing comes from the network. Self-test: our own datagrams came back on lo.',
    );
    expect(stdout).toMatch(/Causes, the likeliest first:\n {2}1\. /);
    expect(stdout).toContain('timed out: nothing was heard');
  });

  it('with --expect ends with 1 at Ctrl-C when nothing was heard', async () => {
    const listening = startProgram(['advertise', 'listen', ...here(ownGroup()), '--expect', '127.0.0.1:8090']);
    await listening.written('stdout', /listening to/);
    listening.child.kill('SIGINT');
    expect(await listening.ended).toMatchObject({ code: 1, signal: null });
  });

  it('refuses what it cannot listen to, with what there is', async () => {
    expect(await runProgram(['advertise', 'listen', '--interface', 'nonesuch0'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There are: '),
    });
  });
});

const PROGRAM = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));
/** Two networks of our own, joined by a cable; the second is that of process $peer. */
const TWO_NETWORKS = `
mount -t sysfs none /sys
unshare -n sleep 60 & peer=$!
until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
trap 'kill $peer' EXIT
ip link set lo up
ip link add v0 type veth peer name v1
ip link set v1 netns $peer
ip addr add 10.9.0.1/24 dev v0
ip link set v0 up
nsenter -t $peer -n sh -c 'ip link set lo up; ip addr add 10.9.0.2/24 dev v1; ip link set v1 up'
mcmp() { "$NODE" "$PROGRAM" "$@"; }
`;
/** Through a shell: the program is not everywhere, and its absence is a reason to skip. */
const UNSHARE = ['-c', 'exec unshare --net --mount sh -c "$SCRIPT"'];
const mayNot = ((): string => {
  const { status, stderr } = spawnSync('sh', UNSHARE, {
    encoding: 'utf8',
    env: { ...process.env, SCRIPT: `set -e\n${TWO_NETWORKS}` },
  });
  return status === 0 ? '' : ` (skipped: ${stderr.trim().split('\n')[0]})`;
})();

async function inTwoNetworks(
  script: string,
): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> {
  const environment = { ...process.env, NODE: process.execPath, PROGRAM, SCRIPT: `${TWO_NETWORKS}\n${script}` };
  const child = spawn('sh', UNSHARE, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill());
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  const [code] = (await once(child, 'close')) as unknown[];
  return { code, ...text };
}

describe.skipIf(mayNot !== '')(`in networks of our own${mayNot}`, () => {
  it('hears a balancer on another machine, fine in all respects', async () => {
    const { code, stdout } = await inTwoNetworks(`
      nsenter -t $peer -n "$NODE" "$PROGRAM" advertise send --manager http://10.9.0.2:8090 --frequency 200ms \\
        --interface v1 --ttl-ladder 1..2 > /dev/null 2>&1 & sender=$!
      mcmp advertise listen --once --expect http://10.9.0.2:8090 --timeout 15s
      code=$?
      kill $sender
      exit $code`);
    expect(stdout).toMatch(/http:\/\/10\.9\.0\.2:8090 {2}200 .* from 10\.9\.0\.2:\d+ {2}fine {2}\(a Java node joins\)/);
    expect(stdout).toContain('smallest TTL that arrived from 10.9.0.2: 1 (no router in between)');
    expect(code).toBe(0);
  });

  it('finds an interface without multicast, and one that is not up', async () => {
    const { stdout, stderr } = await inTwoNetworks(`
      ip link set v0 multicast off
      mcmp advertise listen --interface v0 --once --timeout 300ms --json
      echo "code $?"
      ip addr flush dev v0; ip link set lo down
      mcmp advertise listen --once --timeout 300ms
      echo "code $?"`);
    const silence = jsonLines(stdout.replace(/^code.*$/gm, '').replace(/\n+/g, '\n')).find(
      ({ event }) => event === 'silence',
    );
    expect(silence?.['causes']).toContainEqual(expect.objectContaining({ id: 'silence/no-multicast', weight: 95 }));
    expect(stdout.match(/^code \d+$/gm)).toEqual(['code 6', 'code 3']);
    expect(stderr).toContain('cannot listen to 224.0.1.105:23364');
  });
});
