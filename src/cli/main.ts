#!/usr/bin/env node
import process from 'node:process';
import { commands } from '../../commands/index.ts';
import { runLine } from './run.ts';
import { processSignals } from './signals.ts';

/** A reader that closes the pipe early has what it wanted: that is success. */
const onReaderGone = (): never => process.exit(0);

const exitCode = await runLine(process.argv.slice(2), commands, {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: processSignals(),
  onReaderGone,
});
process.exit(exitCode);
