import { spawn } from 'node:child_process';
import { McmpError } from '../../core/errors.ts';

const RESTART_TIMEOUT_MS = 60_000;

/**
 * Runs the operator's command that restarts the balancer, and resolves when it ended well.
 * @param command for the shell
 * @throws McmpError `MCMP_RESTART_COMMAND` when it fails, or takes longer than a minute
 */
export function runRestartCommand(command: string): Promise<void> {
  const failed = (why: string): McmpError =>
    new McmpError('check-failed', 'MCMP_RESTART_COMMAND', `the command of --restart ${why}: ${command}`, {
      hint: 'It has to restart the balancer and end with exit code 0 when that has begun.',
    });
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'ignore', 'inherit'] });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(failed('took longer than a minute'));
    }, RESTART_TIMEOUT_MS);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(failed(`could not be started (${error.message})`));
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve();
      else reject(failed(`ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
