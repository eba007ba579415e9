import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DialectName } from '../../../src/core/mcmp/dialect.ts';
import { checkLines, type Line } from '../checklist.ts';
import { CLUSTER_LINES } from '../cluster/checklist-lines.ts';
import { MESSAGE_LINES } from '../mcmp/checklist-lines.ts';
import { HTTPD13_LINES, NOT_AS_HTTPD2 } from './httpd-1.3-lines.ts';
import { NGINX_LINES, NOT_IN_NGINX } from './nginx-lines.ts';

const CHECKLIST: readonly { readonly id: string; readonly tags: readonly string[] }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../fixtures/checklist.json'), 'utf8'),
);

/** Topics that the parser and the machine answer for; the rest needs sockets. */
const TOPICS = /^MCMP-(CONFIG|APP|STATUS|PING|VER|INFO|DUMP|STATE)-/;

interface Dialect {
  readonly name: DialectName;
  /** Tags of the lines of the checklist that it has to keep. */
  readonly tags: readonly string[];
  readonly own: readonly Line[];
  /** Lines of httpd 2 that it does not keep. */
  readonly except: ReadonlySet<string>;
  /** Lines with its tags that are tested elsewhere or not at all, and where or why. */
  readonly elsewhere: ReadonlyMap<string, string>;
}

const OVER_SOCKETS = 'Needs sockets: test/replay/checklist.';

const DIALECTS: readonly Dialect[] = [
  {
    name: 'httpd-1.3',
    tags: ['MUST', 'H+U', 'httpd', '1.3'],
    own: HTTPD13_LINES,
    except: NOT_AS_HTTPD2,
    elsewhere: new Map([
      ['MCMP-CONFIG-55', 'EnableWsTunnel has no counterpart: every http node may be asked to upgrade.'],
      ['MCMP-APP-28', OVER_SOCKETS],
      ['MCMP-STATUS-19', OVER_SOCKETS],
      ['MCMP-STATUS-20', OVER_SOCKETS],
      ['MCMP-STATUS-21', OVER_SOCKETS],
      ['MCMP-STATUS-22', OVER_SOCKETS],
      ['MCMP-INFO-07', OVER_SOCKETS],
      ['MCMP-INFO-08', OVER_SOCKETS],
      ['MCMP-INFO-11', OVER_SOCKETS],
      ['MCMP-INFO-13', OVER_SOCKETS],
      ['MCMP-DUMP-03', OVER_SOCKETS],
      ['MCMP-DUMP-07', OVER_SOCKETS],
      ['MCMP-STATE-01', OVER_SOCKETS],
      ['MCMP-STATE-07', 'PersistSlots: keeping the state over a restart comes with --persist.'],
    ]),
  },
  { name: 'nginx', tags: ['MUST', 'nginx'], own: NGINX_LINES, except: NOT_IN_NGINX, elsewhere: new Map() },
];

/** Lines without a dialect, or of httpd 2, that hold in another dialect as well. */
function shared({ name, except }: Dialect): Line[] {
  const lines = [...MESSAGE_LINES, ...CLUSTER_LINES].flatMap((group) => group.lines);
  return lines
    .filter((line) => line.in === undefined || line.in === 'httpd-2')
    .filter(({ id }) => !except.has(id) && !except.has(id.slice(0, id.indexOf(' '))))
    .map((line) => ({ ...line, in: name }));
}

describe.each(DIALECTS)('$name', (dialect) => {
  const { name, tags, own, except, elsewhere } = dialect;
  const ownLines = own.map((line): Line => ({ ...line, in: name }));

  describe('answers as httpd 2 does', () => checkLines(shared(dialect)));
  describe('answers in its own way', () => checkLines(ownLines));

  test('has a line for each point of the checklist that it has to keep', () => {
    const ids = new Set([...shared(dialect), ...ownLines].flatMap(({ id }) => id.match(/\bMCMP-[A-Z]+-\d\d\b/g) ?? []));
    const wanted = CHECKLIST.filter((row) => TOPICS.test(row.id) && row.tags.some((tag) => tags.includes(tag)));
    expect(wanted.map(({ id }) => id).filter((id) => !ids.has(id) && !elsewhere.has(id))).toEqual([]);
    expect([...elsewhere.keys()].filter((id) => ids.has(id))).toEqual([]);
  });

  test('has exceptions only from lines that exist', () => {
    const ids = [...MESSAGE_LINES, ...CLUSTER_LINES].flatMap(({ lines }) => lines.map(({ id }) => id));
    expect([...except].filter((word) => !ids.some((id) => id === word || id.startsWith(`${word} `)))).toEqual([]);
  });
});
