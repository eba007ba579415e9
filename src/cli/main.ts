#!/usr/bin/env node
import process from 'node:process';
import { chalkStderr } from 'chalk';
import { commands } from '../../commands/index.ts';
import { reportFailure } from './failure.ts';
import { runLine } from './run.ts';
import { processSignals } from './signals.ts';
import { strayErrors } from './stray-errors.ts';

const signals = processSignals();

// There is nobody left to tell that stderr has gone; that must not end what runs.
process.stderr.on('error', () => undefined);

/** What nobody catches, and no code of others has thrown, is a bug; the process cannot know its own state any more, so it ends. */
const onBug = (error: unknown): void => {
  const taken = strayErrors.getStore();
  if (taken !== undefined) {
    taken(error);
    return;
  }
  const report = reportFailure(error, { json: process.argv.includes('--json'), style: chalkStderr });
  process.stderr.write(report.text);
  process.exit(report.exitCode);
};
process.on('uncaughtException', onBug);
process.on('unhandledRejection', onBug);

const exitCode = await runLine(process.argv.slice(2), commands, {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signals,
  onReaderGone: signals.readerGone,
});
process.exit(exitCode);
