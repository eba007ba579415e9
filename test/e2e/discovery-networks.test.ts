import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { freeAfter } from '../support/cleanup.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

/** Two machines and a cable: the balancer's end is v1, of process $peer, the nodes' end is v0. */
const TWO_NETWORKS = `
mount -t sysfs none /sys || exit 1
unshare -n sleep 60 & peer=$!
until [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
directory=$(mktemp -d)
trap 'kill $peer $balancer $nodes 2>/dev/null; rm -r "$directory"' EXIT
there() { nsenter -t $peer -n "$@"; }
ip link set lo up && ip link add v0 type veth peer name v1 && ip link set v1 netns $peer || exit 1
ip addr add 10.9.0.1/24 dev v0 && ip -6 addr add fd00:9::1/64 dev v0 nodad && ip link set v0 up || exit 1
there sh -c 'ip link set lo up; ip addr add 10.9.0.2/24 dev v1; ip -6 addr add fd00:9::2/64 dev v1 nodad; ip link set v1 up' || exit 1
`;
const UNSHARE = ['--net', '--mount', 'sh', '-c'];
const mayNot = ((): string => {
  const { status, error, stderr } = spawnSync('unshare', [...UNSHARE, TWO_NETWORKS], { encoding: 'utf8' });
  return status === 0 ? '' : ` (skipped: ${error?.message ?? stderr.trim().split('\n')[0]})`;
})();

/** Starts both, and knows how to wait for a line of either. */
const BOTH = `
nsenter -t $peer -n "$NODE" "$PROGRAM" serve --listen :0 --mcmp :8090 --mcmp-allow any --advertise --advertise-frequency 100ms \
  --advertise-group "$GROUP" $SERVE_MORE >"$directory/balancer" 2>&1 & balancer=$!
"$NODE" "$PROGRAM" node-sim --discover --advertise-group "$GROUP" --host "$HOST" --status-interval 200ms --json \
  >"$directory/nodes" 2>&1 & nodes=$!
heard() {
  for count in $(seq 200); do grep -q -e "$2" "$directory/$1" && return; sleep 0.05; done
  echo "$1 did not say $2:"; cat "$directory/balancer" "$directory/nodes"; exit 1
}
`;

async function inTwoNetworks(
  script: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: unknown; readonly output: string }> {
  const child = spawn('unshare', [...UNSHARE, `${TWO_NETWORKS}\n${BOTH}\n${script}`], {
    env: { ...process.env, NODE: process.execPath, PROGRAM, SERVE_MORE: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  freeAfter(() => {
    child.kill();
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as unknown[];
  return { code, output };
}

describe.skipIf(mayNot !== '')(`balancer and nodes on two machines${mayNot}`, { timeout: 60_000 }, () => {
  it.each([
    ['IPv4', '224.0.1.105:23364', '10.9.0.1', '', 'http://10.9.0.2:8090'],
    ['IPv6', '[ff15::105]:23364', 'fd00:9::1', '--advertise-interface v1', 'http://[fd00:9::2]:8090'],
  ])('find each other by %s, and a cable that is pulled out for a while changes nothing', async (...row) => {
    const [, GROUP, HOST, SERVE_MORE, url] = row;
    const { code, output } = await inTwoNetworks(
      `
      heard nodes '"to":"registered"'
      there ip link set v1 down
      heard balancer 'advertising fails'
      there ip link set v1 up
      [ "$HOST" = 10.9.0.1 ] || there ip -6 addr add fd00:9::2/64 dev v1 nodad
      heard balancer 'advertising works again'
      kill $balancer
      heard nodes '"to":"gone"'
      kill $nodes && wait $nodes
      echo "the nodes ended with $?"
      cat "$directory/balancer" "$directory/nodes"`,
      { GROUP, HOST, SERVE_MORE },
    );
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('the nodes ended with 0') });
    expect(output).toContain(`"manager":"${url}"`);
    expect(output).toContain(`"balancer":"${url}"`);
    expect(output.match(/advertising fails/g)).toHaveLength(1);
  });
});
