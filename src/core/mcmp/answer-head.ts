import { ANSWER_RULES, type AnswerManners } from './answer-rules.ts';

/** How the end of a body is found. */
export type BodyEnd = 'none' | 'length' | 'chunks' | 'close';

/** The head of an answer, line by line. Lines come without their line ends. */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  /** Names in lower case, values of repeated ones joined by `, `. */
  readonly headers: Map<string, string>;
  /** Takes a line where the status line may stand; says whether it was one, or why the answer is broken. */
  statusLine(line: string): 'taken' | 'skipped' | 'ends-the-head' | Broken;
  /** Takes a line behind it. */
  headerLine(line: string): 'taken' | 'ends-the-head' | Broken;
  /** To be asked at the end of the head. */
  framing(): Framing | Broken;
}

export interface Broken {
  readonly why: string;
}

export interface Framing {
  readonly bodyEnd: BodyEnd;
  readonly length: number;
  readonly keepAlive: boolean;
}

/** Up to the reason, which is cut by hand: one more repetition would cost the cube of a hostile line's length. */
const STATUS_LINE = /^HTTP\/(\d+(?:\.\d+)?)[ \t]+(\d{3})(?=[ \t]|$)/;
/** What `Integer.parseInt` takes. */
const JAVA_INTEGER = /^[+-]?\d{1,10}$/;
const JAVA_MAX_INTEGER = 0x7fff_ffff;

export function createAnswerHead(manners: AnswerManners, method: string): AnswerHead {
  return manners === 'java' ? new JavaHead() : new HttpHead(method);
}

/** For messages to people: the beginning of a line, control characters escaped. */
function quoted(line: string): string {
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line);
}

/** RFC 9112, as lenient as a client may be. */
class HttpHead implements AnswerHead {
  status = 0;
  reason = '';
  readonly headers = new Map<string, string>();
  readonly #method: string;
  #version = '';
  #lastName = '';

  constructor(method: string) {
    this.#method = method;
  }

  statusLine(line: string): 'taken' | 'skipped' | Broken {
    if (line.trim() === '') return 'skipped';
    const match = STATUS_LINE.exec(line);
    const reason = line.slice(match?.[0].length ?? 0);
    if (match === null || reason.includes('\r'))
      return { why: `it begins with ${quoted(line)} instead of a status line` };
    this.#version = match[1] ?? '';
    this.status = Number(match[2]);
    this.reason = reason.trim();
    this.headers.clear();
    this.#lastName = '';
    return 'taken';
  }

  headerLine(line: string): 'taken' | 'ends-the-head' | Broken {
    if (line === '') return 'ends-the-head';
    // Obsolete line folding: the line goes on (RFC 9112 §5.2).
    if (/^[ \t]/.test(line) && this.#lastName !== '') {
      this.headers.set(this.#lastName, `${this.headers.get(this.#lastName) ?? ''} ${line.trim()}`.trim());
      return 'taken';
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (name === '') return { why: `its head has the line ${quoted(line)}, which is no header` };
    // A CR inside of a line is a space (RFC 9112 §2.2).
    const value = line
      .slice(colon + 1)
      .replaceAll('\r', ' ')
      .trim();
    const before = this.headers.get(name);
    this.headers.set(name, before === undefined ? value : `${before}, ${value}`);
    this.#lastName = name;
    return 'taken';
  }

  framing(): Framing | Broken {
    const options = listOf(this.headers.get('connection'));
    const keepAlive = !options.includes('close') && (this.#version.startsWith('1.1') || options.includes('keep-alive'));
    // 101 was not asked for; whatever follows it is not for us.
    if (this.status < 200) return { bodyEnd: 'none', length: 0, keepAlive: false };
    if (this.#method === 'HEAD' || this.status === 204 || this.status === 304) {
      return { bodyEnd: 'none', length: 0, keepAlive };
    }
    const lengths = listOf(this.headers.get('content-length'));
    const codings = listOf(this.headers.get('transfer-encoding')).filter((coding) => coding !== 'identity');
    if (codings.length > 0) {
      if (codings.join() !== 'chunked')
        return { why: `its body has a coding that nobody asked for: ${codings.join()}` };
      // With both, one of two readers is being fooled: take the chunks, and no more from this connection (§6.3).
      return { bodyEnd: 'chunks', length: 0, keepAlive: keepAlive && lengths.length === 0 };
    }
    const [length] = lengths;
    if (length === undefined) return { bodyEnd: 'close', length: 0, keepAlive: false };
    if (!/^\d{1,15}$/.test(length) || lengths.some((other) => other !== length)) {
      return { why: `its Content-Length is ${quoted(lengths.join(', '))}` };
    }
    return { bodyEnd: 'length', length: Number(length), keepAlive };
  }
}

/** Elements of a comma-separated header value, in lower case. */
function listOf(value: string | undefined): string[] {
  if (value === undefined) return [];
  return value
    .toLowerCase()
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

/** As the Java node reads a head: see `ANSWER_RULES`. Of headers that are repeated the last one counts. */
class JavaHead implements AnswerHead {
  /** Until something better is read. */
  status = 500;
  reason = '';
  readonly headers = new Map<string, string>();

  statusLine(line: string): 'taken' | 'skipped' | 'ends-the-head' {
    const space = line.indexOf(' ');
    if (space < 0) return 'skipped';
    const secondSpace = line.indexOf(' ', space + 1);
    const code = secondSpace < 0 ? '' : line.slice(space + 1, secondSpace);
    if (!isJavaInteger(code)) return ANSWER_RULES.unreadableHeader.java;
    this.status = Number(code);
    this.reason = line.slice(secondSpace + 1);
    return 'taken';
  }

  headerLine(line: string): 'taken' | 'ends-the-head' {
    const colon = line.indexOf(':');
    if (colon < 0) return ANSWER_RULES.unreadableHeader.java;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'content-length' && !isJavaInteger(value)) return ANSWER_RULES.unreadableHeader.java;
    this.headers.set(name, value);
    return 'taken';
  }

  framing(): Framing {
    const closes = this.headers.get('connection')?.toLowerCase() === 'close';
    const keepAlive = this.status === 200 && !closes;
    if (this.headers.get('transfer-encoding')?.toLowerCase() === 'chunked') {
      return { bodyEnd: 'chunks', length: 0, keepAlive };
    }
    if (closes) return { bodyEnd: 'close', length: 0, keepAlive };
    const length = Number(this.headers.get('content-length') ?? 0);
    return length > 0 ? { bodyEnd: 'length', length, keepAlive } : { bodyEnd: 'none', length: 0, keepAlive };
  }
}

function isJavaInteger(text: string): boolean {
  return JAVA_INTEGER.test(text) && Math.abs(Number(text)) <= JAVA_MAX_INTEGER;
}
