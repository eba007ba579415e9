import { DIALECTS } from '../core/mcmp/dialect.ts';
import { ERRORS } from '../core/mcmp/errors.ts';

interface HintRow {
  readonly pattern: RegExp;
  readonly hint: string;
}

/** Words of the other implementations (reference §1.7). */
const FOREIGN: readonly HintRow[] = [
  {
    pattern: /^failed to process management request$/,
    hint: 'Undertow failed on a value: a character like < or \\, or a number that is none.',
  },
  {
    pattern: /^MEM: Old node (?:with .* )?still exists?$/,
    hint: 'Another address was registered under this route. It has been dropped now: send the same CONFIG again.',
  },
  {
    pattern: /^MEM: Can't read node$/,
    hint: 'The balancer does not know this node: send CONFIG first.',
  },
  {
    pattern: /^MEM: Can't update or insert node$/,
    hint: 'The node table is full, or the node is not known (Undertow says so too).',
  },
  {
    pattern: /^MEM: Can't update or insert context$/,
    hint: 'The context table is full, or the node or context is not known (Undertow says so too).',
  },
  {
    pattern: /^SYNTAX: Invalid field \S+ in message$/,
    hint: 'Undertow refuses a CONFIG with a field it does not know, or with an empty value.',
  },
  {
    pattern: /^SYNTAX: Only one (?:Alias|Context) in APP command$/,
    hint: 'Join several names by commas in one field.',
  },
];

const ROWS: readonly HintRow[] = [
  ...FOREIGN,
  ...Object.entries(ERRORS).flatMap(([code, { mess, hint }]) => {
    const spoken = [...DIALECTS.values()].map(({ errorTexts }) => new Map(Object.entries(errorTexts)).get(code)?.mess);
    return [mess, ...spoken].flatMap((text) =>
      text === undefined || text === '{L}' ? [] : [{ pattern: patternOf(text), hint }],
    );
  }),
];

/** What one who sent a command by hand can do about the balancer's words; undefined when they are not known. */
export function refusalHint(mess: string): string | undefined {
  return ROWS.find(({ pattern }) => pattern.test(mess))?.hint;
}

/** The places that an error text names things in match anything. */
function patternOf(text: string): RegExp {
  const parts = text.split(/\{[A-Z]\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
