import type { Mutant } from './mutant.ts';

const COMMANDS = {
  direction: 'balancer',
  flags: ['--legacy-manager-get'],
  features: [['manager-commands', '']],
} as const;

/** Faults of the manager page. */
export const MANAGER_MUTANTS: readonly Mutant[] = [
  {
    id: 'manager/page-as-text',
    fault: 'sends the page as plain text',
    direction: 'balancer',
    file: 'src/balancer/management/page/document.ts',
    find: "'text/html; charset=utf-8'",
    replace: "'text/plain; charset=utf-8'",
    aims: ['manager/page'],
  },
  {
    id: 'manager/no-info',
    fault: 'does not know Cmd=INFO',
    direction: 'balancer',
    file: 'src/balancer/management/page/answer-look.ts',
    find: "if (command === 'INFO' || command === 'DUMP')",
    replace: "if (command === 'DUMP')",
    aims: ['manager/info-without-nonce', 'manager/info-with-nonce'],
  },
  {
    id: 'manager/node-as-context',
    fault: 'sends a command for a node as one for a context',
    file: 'src/balancer/management/page/perform.ts',
    find: "['/*', encodeBody([['JVMRoute', route]])]",
    replace: "['/', encodeBody([['JVMRoute', route]])]",
    aims: ['manager/range-node'],
    ...COMMANDS,
  },
  {
    id: 'manager/context-as-node',
    fault: 'sends a command for a context as one for the whole node',
    file: 'src/balancer/management/page/perform.ts',
    find: "return [['/', encodeBody(pairs)]];",
    replace: "return [['/*', encodeBody(pairs)]];",
    aims: ['manager/range-context'],
    ...COMMANDS,
  },
  {
    id: 'manager/any-nonce',
    fault: 'takes any nonce, and none',
    file: 'src/balancer/management/page/answer-look.ts',
    find: "&& secrets.isNonce(values.get('nonce') ?? '')",
    replace: '',
    aims: ['manager/wrong-nonce'],
    ...COMMANDS,
  },
  {
    id: 'manager/always-by-get',
    fault: 'carries commands out by GET although that is not allowed',
    direction: 'balancer',
    file: 'src/balancer/management/page/answer-look.ts',
    find: "legacy && command !== '' && secrets.isNonce(values.get('nonce') ?? '')",
    replace: "command !== ''",
    features: [['manager-read-only', '']],
    aims: ['manager/read-only'],
  },
  {
    id: 'manager/refresh-at-once',
    fault: 'lets the page load itself anew every second',
    direction: 'balancer',
    file: 'src/balancer/management/page/arguments.ts',
    find: 'const LEAST_REFRESH_SECONDS = 10;',
    replace: 'const LEAST_REFRESH_SECONDS = 1;',
    aims: ['manager/refresh'],
  },
  {
    id: 'manager/argument-passed-over',
    fault: 'reads over an argument without an equals sign',
    direction: 'balancer',
    file: 'src/balancer/management/page/arguments.ts',
    find: 'if (equals === -1) return undefined;',
    replace: 'if (equals === -1) continue;',
    aims: ['manager/argument-without-equals'],
  },
];
