import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAnswerReader, type ReadAnswer } from '../../../src/core/mcmp/answer-reader.ts';
import { ANSWER_RULES, type AnswerManners } from '../../../src/core/mcmp/answer-rules.ts';
import { ANSWER_FORMS, type AnswerForm, answerForm, closes, documentIn } from './answer-forms.ts';

const MANNERS: readonly AnswerManners[] = ['mcmp', 'java'];
const MAX_BYTES = 64 * 1024;

type Pieces = 'whole' | 'one byte at a time';
const PIECES: readonly Pieces[] = ['whole', 'one byte at a time'];

interface Outcome {
  readonly kind: 'answer' | 'broken' | 'waits';
  readonly status?: number;
  readonly body?: string;
  readonly keepAlive?: boolean;
  readonly type?: string | undefined;
  readonly fault?: string;
  readonly why?: string;
}

interface Reading {
  readonly manners: AnswerManners;
  readonly pieces?: Pieces;
  readonly end?: boolean | 'reset';
  readonly method?: string;
  readonly maxBytes?: number;
}

function feed(reader: ReturnType<typeof createAnswerReader>, bytes: Buffer, pieceBytes: number) {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const verdict = reader.push(bytes.subarray(at, at + pieceBytes));
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function read(
  text: string,
  { manners, pieces = 'whole', end = false, method = 'INFO', maxBytes = MAX_BYTES }: Reading,
) {
  const reader = createAnswerReader({ manners, method, maxBytes });
  const bytes = Buffer.from(text, 'latin1');
  const verdict = feed(reader, bytes, pieces === 'whole' ? Math.max(1, bytes.length) : 1);
  return verdict ?? (end === false ? undefined : reader.end(end === 'reset' ? 'reset' : 'closed'));
}

function outcomeOf(text: string, reading: Reading): Outcome {
  const verdict = read(text, reading);
  if (verdict === undefined) return { kind: 'waits' };
  if (verdict.kind === 'broken') return { kind: 'broken', fault: verdict.fault, why: verdict.why };
  const { status, body, keepAlive, headers } = verdict;
  return { kind: 'answer', status, body, keepAlive, type: headers.get('type') };
}

function answerTo(text: string, reading: Reading): ReadAnswer {
  const verdict = read(text, reading);
  if (verdict?.kind !== 'answer') throw new Error(`no answer: ${JSON.stringify(verdict)}`);
  return verdict;
}

/** What HTTP makes of the forms that the Java node does not read as the others. */
const OURS: ReadonlyMap<string, Outcome> = new Map([
  ['no length, connection kept', { kind: 'waits' }],
  [
    'Content-Length too small',
    { kind: 'answer', status: 200, body: documentIn(answerForm('Content-Length')).slice(0, 131) },
  ],
  ['no HTTP at all', { kind: 'broken', fault: 'malformed' }],
  ['closed at once', { kind: 'broken', fault: 'silent' }],
  ['204 No Content', { kind: 'answer', status: 204, body: '' }],
  ['201 Created', { kind: 'answer', status: 201, body: documentIn(answerForm('201 Created')) }],
  ['302 Found', { kind: 'answer', status: 302, body: '' }],
  ['403 with a page', { kind: 'answer', status: 403, body: 'nope\n' }],
  ['404 with a page', { kind: 'answer', status: 404, body: 'nope\n' }],
  ['501 (MCMP not enabled)', { kind: 'answer', status: 501, body: 'nope\n' }],
  ['503, Retry-After', { kind: 'answer', status: 503, body: '' }],
  ['500, Type: SYNTAX', { kind: 'answer', status: 500, type: 'SYNTAX' }],
  ['500, type: SYNTAX (lower-case name)', { kind: 'answer', status: 500, type: 'SYNTAX' }],
  ['500, Type: syntax (lower-case value)', { kind: 'answer', status: 500, type: 'syntax' }],
  ['400, Type: SYNTAX', { kind: 'answer', status: 400, type: 'SYNTAX' }],
  ['500, Type: MEM', { kind: 'answer', status: 500, type: 'MEM' }],
]);

/** What the recorded verdict means for a reader, where more than HTTP was wrong with the answer or less was. */
const JAVA: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
  ['chunked with a chunk extension', { kind: 'broken', fault: 'malformed' }],
  ['Content-Length and Connection: close, kept open', { kind: 'waits' }],
  ['no HTTP at all', { kind: 'broken', fault: 'cut' }],
  ['closed at once', { kind: 'broken', fault: 'silent' }],
  ['Content-Length too small', { kind: 'answer', status: 200 }],
  ['the alias in upper case', { kind: 'answer', status: 200 }],
]);

function expectedOf(form: AnswerForm, manners: AnswerManners): Outcome {
  const named = (manners === 'mcmp' ? OURS : JAVA).get(form.case);
  if (named !== undefined) return named;
  const whole: Outcome = { kind: 'answer', status: 200, body: documentIn(form) };
  if (manners === 'mcmp' || form.verdict === 'read' || form.verdict.startsWith('then ')) return whole;
  if (form.verdict === 'empty') return { kind: 'answer', status: 200, body: '' };
  if (form.verdict === 'down') return { kind: 'answer', type: 'SYNTAX', keepAlive: false };
  return { kind: 'answer', keepAlive: false };
}

describe('the forms of an answer that were tried on a real Java node', () => {
  it('are fifty, and every name in the tables is one of them', () => {
    expect(ANSWER_FORMS).toHaveLength(50);
    for (const name of [...OURS.keys(), ...JAVA.keys()]) expect(answerForm(name).case).toBe(name);
  });

  describe.each(MANNERS)('read with the manners %s', (manners) => {
    describe.each(PIECES)('%s', (pieces) => {
      it.each(ANSWER_FORMS)('$case ($verdict)', (form) => {
        const outcome = outcomeOf(form.answer, { manners, pieces, end: closes(form) });
        expect(outcome).toMatchObject(expectedOf(form, manners));
      });
    });
  });

  it.each(ANSWER_FORMS.filter(({ verdict }) => verdict === 'error'))(
    'with Java manners $case is no success',
    (form) => {
      expect(outcomeOf(form.answer, { manners: 'java', end: closes(form) }).status).not.toBe(200);
    },
  );

  it.each(ANSWER_FORMS.filter(({ newConnection, verdict }) => newConnection !== null && verdict === 'read'))(
    'with Java manners $case leaves the connection as it was seen',
    (form) => {
      expect(outcomeOf(form.answer, { manners: 'java', end: closes(form) }).keepAlive).toBe(!form.newConnection);
    },
  );
});

const OK = 'HTTP/1.1 200 OK\r\n';

/** An answer for each point in which the manners differ. */
const EXAMPLES: Readonly<Record<keyof typeof ANSWER_RULES, { readonly text: string; readonly end?: boolean }>> = {
  lineEnd: { text: `${OK}X: a\rContent-Length: 0\r\n\r\n`, end: true },
  statusLine: { text: 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nab' },
  beforeStatusLine: { text: `hello\r\n${OK}Content-Length: 0\r\n\r\n` },
  interim: { text: `HTTP/1.1 103 Early Hints\r\n\r\n${OK}Content-Length: 2\r\n\r\nab` },
  unreadableHeader: { text: `${OK}no header\r\nContent-Length: 2\r\n\r\nab` },
  bodyEnd: { text: `${OK}Connection: close\r\nContent-Length: 2\r\n\r\nab` },
  chunkSize: { text: `${OK}Transfer-Encoding: chunked\r\n\r\n2;a="b"\r\nab\r\n0\r\n\r\n` },
  trailer: { text: `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nA: 1\r\n` },
  cutBody: { text: `${OK}Content-Length: 11\r\n\r\nRequests=1`, end: true },
  keptAfter: { text: 'HTTP/1.1 500 X\r\nType: MEM\r\nContent-Length: 0\r\n\r\n' },
  surplusBytes: { text: `${OK}Content-Length: 0\r\n\r\nmore` },
};

describe('each point in which the manners differ', () => {
  it.each(Object.entries(EXAMPLES))('%s can be seen', (_, { text, end = false }) => {
    const [ours, theirs] = MANNERS.map((manners) => outcomeOf(text, { manners, end }));
    expect(ours).not.toEqual(theirs);
  });

  it.each(Object.entries(ANSWER_RULES))('%s has its reason', (_, { mcmp, java, why }) => {
    expect(mcmp).not.toBe(java);
    expect(why).toMatch(/^[A-Z].*\.$/);
  });
});

describe('an answer that the peer cut', () => {
  const LENGTH = `${OK}Content-Length: 20\r\n\r\n`;

  it.each([
    ['whole lines of a body that is shorter than announced', `${LENGTH}one\ntwo\n`, true],
    ['half a line', `${LENGTH}one\ntw`, false],
    ['nothing of the body', LENGTH, false],
    ['whole lines in chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n`, false],
    ['all but the last empty line', `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n0\r\n`, true],
    ['an error, half of its text', 'HTTP/1.1 500 X\r\nType: MEM\r\nContent-Length: 20\r\n\r\nMEM: ', true],
    ['an error, half of its chunks', 'HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nMEM', true],
    ['an error without its head', 'HTTP/1.1 500 X\r\nType: MEM\r\n', false],
    ['a status line without its end', 'HTTP/1.1 200 OK', false],
  ])('%s', (_, text, taken) => {
    const outcome = outcomeOf(text, { manners: 'mcmp', end: true });
    expect(outcome).toMatchObject(taken ? { kind: 'answer' } : { kind: 'broken', fault: 'cut' });
  });

  it('by a reset is taken only when its verdict is in the head', () => {
    const [lines, error] = [`${LENGTH}one\n`, 'HTTP/1.1 500 X\r\nContent-Length: 20\r\n\r\nMEM: '].map((text) =>
      outcomeOf(text, { manners: 'mcmp', end: 'reset' }),
    );
    expect(lines).toMatchObject({ kind: 'broken', fault: 'cut' });
    expect(error).toMatchObject({ kind: 'answer', status: 500, body: 'MEM: ' });
  });

  it.each([
    ['in its body', `${LENGTH}one\ntw`, { kind: 'answer', status: 200, body: 'one\ntw' }],
    ['in its head', `${OK}Type: x`, { kind: 'answer', status: 200, body: '', type: 'x' }],
    ['in its status line', 'HTTP/1.1 200 O', { kind: 'answer', status: 200, body: '' }],
    ['in its chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n9\r\nabc`, { kind: 'broken', fault: 'cut' }],
  ])('%s, as the Java node takes it', (_, text, expected) => {
    expect(outcomeOf(text, { manners: 'java', end: true })).toMatchObject(expected);
  });
});

describe('an answer that HTTP allows', () => {
  it.each([
    ['repeats its headers', `${OK}A: 1\r\na:2\r\nContent-Length: 0\r\n\r\n`, { a: '1, 2' }],
    ['folds a header', `${OK}A: 1\r\n  2\r\nContent-Length: 0\r\n\r\n`, { a: '1 2' }],
    ['repeats its length', `${OK}Content-Length: 0, 0\r\n\r\n`, { 'content-length': '0, 0' }],
    ['has spaces before a colon', `${OK}A : 1\r\nContent-Length: 0\r\n\r\n`, { a: '1' }],
  ])('%s', (_, text, headers) => {
    expect(Object.fromEntries(answerTo(text, { manners: 'mcmp' }).headers)).toMatchObject(headers);
  });

  it.each([
    ['HEAD', `${OK}Content-Length: 20\r\n\r\n`, true],
    ['INFO', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 20\r\n\r\n', true],
    ['INFO', 'HTTP/1.1 101 Switching Protocols\r\n\r\n', false],
    ['INFO', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n', true],
    ['INFO', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['INFO', `${OK}Connection: x, Close\r\nContent-Length: 0\r\n\r\n`, false],
    ['INFO', `${OK}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`, false],
  ])('says with %s %j whether the connection is kept: %s', (method, text, keepAlive) => {
    expect(answerTo(text, { manners: 'mcmp', method })).toMatchObject({ body: '', keepAlive });
  });
});

describe('what is no answer', () => {
  it.each([
    ['a line that is no status line', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['the beginning of a TLS alert', '\u0015\u0003\u0003'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n'],
    ['a header without a name', `${OK}: x\r\n`],
    ['two lengths', `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`],
    ['a length that is no number', `${OK}Content-Length: 0x10\r\n\r\n`],
    ['a coding that nobody asked for', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    ['a size of a chunk that is no number', `${OK}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
    ['a chunk that is longer than it says', `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`],
  ])('%s', (_, text) => {
    expect(outcomeOf(text, { manners: 'mcmp' })).toMatchObject({ kind: 'broken', fault: 'malformed' });
  });

  it.each(MANNERS)('is refused when it is too long, with the manners %s', (manners) => {
    const tooLong = { kind: 'broken', fault: 'too-long' };
    const long = 'x'.repeat(70_000);
    const maxBytes = 10;
    expect(outcomeOf(`${OK}A: ${long}`, { manners })).toMatchObject(tooLong);
    expect(outcomeOf('\r\n'.repeat(40_000), { manners })).toMatchObject(tooLong);
    expect(outcomeOf(`${OK}Content-Length: 11\r\n\r\n`, { manners, maxBytes })).toMatchObject(tooLong);
    expect(outcomeOf(`${OK}Connection: close\r\n\r\n${long}`, { manners, maxBytes })).toMatchObject(tooLong);
    const chunked = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
    expect(outcomeOf(`${chunked}b\r\n12345678901\r\n`, { manners, maxBytes })).toMatchObject(tooLong);
    expect(outcomeOf(`${chunked}0\r\n${long}`, { manners })).toMatchObject(tooLong);
  });

  it('is refused when 1xx never ends', () => {
    const text = 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(4_000);
    expect(outcomeOf(text, { manners: 'mcmp' })).toMatchObject({ kind: 'broken', fault: 'too-long' });
  });
});

describe('two answers in a row', () => {
  const SECOND = 'HTTP/1.1 500 X\r\nType: MEM\r\nContent-Length: 0\r\n\r\n';

  it('are told apart, and what came too early is handed out', () => {
    const answer = answerTo(`${OK}Content-Length: 2\r\n\r\nab${SECOND}`, { manners: 'java' });
    expect(answer).toMatchObject({ body: 'ab', keepAlive: true });
    expect(outcomeOf(answer.leftover.toString('latin1'), { manners: 'java' }).status).toBe(500);
  });

  it('are confused by two trailer lines with Java manners only', () => {
    const text = `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\nB: 2\r\n\r\n`;
    expect(answerTo(text, { manners: 'java' }).leftover.toString()).toBe('B: 2\r\n\r\n');
    expect(answerTo(text, { manners: 'mcmp' }).leftover).toHaveLength(0);
  });
});

interface Printable {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly chunks: readonly string[];
  readonly framing: 'length' | 'chunks' | 'close';
  readonly lineEnd: string;
}

/** A printer of answers that both manners read. */
function print({ status, reason, headers, chunks, framing, lineEnd }: Printable): string {
  const body = chunks.join('');
  const frame = {
    length: `Content-Length: ${body.length}`,
    chunks: 'Transfer-Encoding: chunked',
    close: 'Connection: close',
  };
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${status} ${reason}`, ...lines, frame[framing], '', ''].join(lineEnd);
  if (framing !== 'chunks') return head + body;
  const sized = chunks.filter(Boolean).map((chunk) => `${chunk.length.toString(16)}${lineEnd}${chunk}${lineEnd}`);
  return `${head}${sized.join('')}0${lineEnd}${lineEnd}`;
}

const byteText = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const printable: fc.Arbitrary<Printable> = fc.record({
  status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
  reason: fc.stringMatching(/^[A-Za-z]{0,8}$/),
  headers: fc.uniqueArray(fc.tuple(fc.stringMatching(/^x-[a-z]{1,5}$/), fc.stringMatching(/^[a-zA-Z0-9:/=]{0,9}$/)), {
    selector: ([name]) => name,
    maxLength: 4,
  }),
  chunks: fc.array(byteText, { maxLength: 4 }),
  framing: fc.constantFrom('length', 'chunks', 'close'),
  lineEnd: fc.constantFrom('\r\n', '\n'),
});

describe('whatever comes', () => {
  it('what was printed is read back, in pieces of any size', () => {
    fc.assert(
      fc.property(printable, fc.constantFrom(...MANNERS), fc.integer({ min: 1, max: 50 }), (answer, manners, size) => {
        const reader = createAnswerReader({ manners, method: 'INFO', maxBytes: MAX_BYTES });
        const verdict = feed(reader, Buffer.from(print(answer), 'latin1'), size) ?? reader.end();
        if (verdict.kind !== 'answer') throw new Error(verdict.why);
        const { status, reason, body, headers } = verdict;
        expect({ status, reason, body }).toEqual({
          status: answer.status,
          reason: answer.reason,
          body: answer.chunks.join(''),
        });
        for (const [name, value] of answer.headers) expect(headers.get(name)).toBe(value);
      }),
      { seed: 4, numRuns: 400 },
    );
  });

  it('nothing makes it throw, and the pieces do not matter', () => {
    const mutated = fc
      .tuple(fc.constantFrom(...ANSWER_FORMS), fc.nat(400), fc.nat(20), byteText)
      .map(([{ answer }, at, cut, put]) => answer.slice(0, at) + put + answer.slice(at + cut));
    fc.assert(
      fc.property(
        fc.oneof(byteText, mutated),
        fc.constantFrom(...MANNERS),
        fc.integer({ min: 1, max: 30 }),
        (text, manners, size) => {
          const bytes = Buffer.from(text, 'latin1');
          const verdicts = [Math.max(1, bytes.length), size].map((pieceBytes) => {
            const reader = createAnswerReader({ manners, method: 'INFO', maxBytes: 200 });
            const verdict = feed(reader, bytes, pieceBytes) ?? reader.end();
            expect(reader.push(bytes)).toBe(verdict);
            expect(reader.end()).toBe(verdict);
            return verdict;
          });
          const [whole, pieces] = verdicts.map((verdict) =>
            verdict.kind === 'broken'
              ? { kind: verdict.kind, fault: verdict.fault }
              : { ...verdict, keepAlive: undefined, leftover: undefined },
          );
          expect(pieces).toEqual(whole);
        },
      ),
      { seed: 4, numRuns: 1500 },
    );
  });
});
