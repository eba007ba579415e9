import { LOG_LEVELS } from '../observe/types.ts';
import type { OptionTable } from './command.ts';

const GROUP = 'All commands:';

/** The flags that every command has. */
export const GLOBAL_OPTIONS = {
  json: { kind: 'boolean', group: GROUP, describe: 'print JSON on stdout, and nothing else there' },
  config: {
    kind: 'string',
    group: GROUP,
    placeholder: 'FILE',
    describe: 'YAML or JSON; else mcmp.config.yaml, if there',
  },
  'print-config': { kind: 'boolean', group: GROUP, describe: 'print every setting with its origin, and end' },
  'log-level': {
    kind: 'choice',
    group: GROUP,
    choices: LOG_LEVELS,
    default: 'info',
    describe: 'least important lines of the log to show',
  },
  'log-format': {
    kind: 'choice',
    group: GROUP,
    choices: ['auto', 'pretty', 'json'],
    default: 'auto',
    describe: 'form of the log; auto: pretty on a terminal',
  },
  color: {
    kind: 'choice',
    group: GROUP,
    choices: ['auto', 'always', 'never'],
    default: 'auto',
    describe: 'colours; auto: on a terminal, without NO_COLOR',
  },
  help: { kind: 'boolean', group: GROUP, describe: 'print this help' },
  version: { kind: 'boolean', group: GROUP, describe: 'print versions of mcmp, Node and MCMP' },
} as const satisfies OptionTable;

/** Flags that say what to do now instead of how; only the command line can carry them. */
export const FLAG_ONLY: ReadonlySet<string> = new Set(['print-config', 'help', 'version']);

/** Global settings that the configuration file can carry: not the name of the file itself. */
export const GLOBAL_FILE_KEYS: readonly string[] = Object.keys(GLOBAL_OPTIONS).filter(
  (name) => name !== 'config' && !FLAG_ONLY.has(name),
);
