import { discoverFlags } from '../advertise/discover-options.ts';
import { CLIENT_OPTIONS } from '../client/command-options.ts';

const DISCOVERY = 'Discovery:';
const { balancer: _, timeout, ...tls } = CLIENT_OPTIONS;

/** Options of `mcmp tui`. */
export const TUI_OPTIONS = {
  balancer: {
    kind: 'url',
    repeatable: true,
    describe:
      'MCMP address of a balancer, of any brand; may be repeated [http://127.0.0.1:8090, unless --discover is given]',
  },
  interval: { kind: 'duration', default: '2s', describe: 'pause between an answer and the next question' },
  'read-only': { kind: 'boolean', describe: 'look only: no key changes anything' },
  ascii: { kind: 'boolean', describe: 'draw with plain letters, for terminals without Unicode' },
  once: { kind: 'boolean', describe: 'print what is known now and end; so does an output that is no terminal' },
  'drain-timeout': { kind: 'duration', default: '5m', describe: 'how long a drain waits for requests to end' },
  timeout,
  discover: {
    kind: 'boolean',
    group: DISCOVERY,
    describe: 'look at every balancer that advertises itself, until it says goodbye',
  },
  ...discoverFlags(DISCOVERY),
  ...tls,
} as const;
