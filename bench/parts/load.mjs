import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled } from './machine.mjs';
import { start } from './processes.mjs';

const OWN_GENERATOR = fileURLToPath(new URL('../programs/load.mjs', import.meta.url));

async function run(program, args, core, seconds) {
  const child = start(program, args, { core });
  let printed = '';
  child.stdout.on('data', (bytes) => {
    printed += bytes;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000 + 15_000);
  await once(child, 'close');
  clearTimeout(timer);
  if (child.exitCode !== 0) throw new Error(`${program} failed: ${child.printed()}`);
  return printed;
}

/** wrk, one thread; a body needs a Lua line, which goes into `directory`. */
function wrk(directory, core) {
  return async ({ port, target, method, bodyBytes, connections, seconds }) => {
    const args = ['-t1', `-c${connections}`, `-d${seconds}s`];
    if (method !== 'GET') {
      const script = join(directory, `${method}-${bodyBytes}.lua`);
      writeFileSync(script, `wrk.method = '${method}'\nwrk.body = string.rep('a', ${bodyBytes})\n`);
      args.push('-s', script);
    }
    const printed = await run('wrk', [...args, `http://127.0.0.1:${port}${target}`], core, seconds);
    const [, requests, elapsed, unit] = /(\d+) requests in ([\d.]+)(s|m)/.exec(printed);
    const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(printed) ?? [];
    const wrongStatus = /Non-2xx or 3xx responses: (\d+)/.exec(printed) ?? [];
    const failures = [...socketErrors.slice(1), ...wrongStatus.slice(1)].reduce((sum, text) => sum + Number(text), 0);
    return { requests: Number(requests), seconds: Number(elapsed) * (unit === 'm' ? 60 : 1), failures };
  };
}

function ownGenerator(core) {
  return async (load) =>
    JSON.parse(await run(process.execPath, [OWN_GENERATOR, JSON.stringify(load)], core, load.seconds));
}

/**
 * The load generator of this machine.
 * @returns `name`, and `run({ port, target, method, bodyBytes, connections, seconds })`, which resolves with
 *   `{ requests, seconds, failures }`
 */
export function findLoadGenerator(directory, core) {
  if (isInstalled('wrk', '-v')) return { name: 'wrk', run: wrk(directory, core) };
  return { name: 'own generator (wrk is not installed)', run: ownGenerator(core) };
}
