import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../src/client/answer.ts';
import { notMcmp } from '../../src/client/recognise.ts';
import { asAnswer, BRAND_NAMES, recordingsOf } from './recordings.ts';

/** Methods that the brand does not know, so that its web server answered. */
const UNKNOWN_THERE = { 'httpd-2': ['NOSUCH'], undertow: ['NOSUCH', 'VERSION'], nginx: ['NOSUCH', 'VERSION'] } as const;

describe('recorded answers', () => {
  it.each(BRAND_NAMES)('of %s are those of an MCMP endpoint, unless it does not know the method', (brand) => {
    const unknown: readonly string[] = UNKNOWN_THERE[brand];
    const seen = { mcmp: 0, not: 0 };
    for (const one of recordingsOf(brand).filter(({ method }) => method !== 'GET')) {
      const answer = asAnswer(one);
      if (answer === undefined) continue;
      const stranger = notMcmp(answer, 'lb:1');
      expect([one.file, one.method, one.body, stranger === undefined]).toEqual([
        one.file,
        one.method,
        one.body,
        !unknown.includes(one.method),
      ]);
      seen[stranger === undefined ? 'mcmp' : 'not'] += 1;
    }
    expect(seen.mcmp).toBeGreaterThan(50);
    expect(seen.not).toBeGreaterThan(0);
  });

  it.each(BRAND_NAMES)('of %s to a GET are not taken for MCMP when they are pages', (brand) => {
    const pages = recordingsOf(brand).filter(
      ({ method, answer }) => method === 'GET' && answer?.headers['content-type']?.startsWith('text/html') === true,
    );
    expect(pages.length).toBeGreaterThan(0);
    for (const page of pages) {
      const answer = asAnswer(page);
      if (answer !== undefined) expect(notMcmp({ ...answer, method: 'INFO' }, 'lb:1')).toBeDefined();
    }
  });
});

function answer(status: number, headers: Record<string, string> = {}, body = '', method = 'INFO'): HttpAnswer {
  return {
    method,
    target: '/',
    status,
    statusText: 'Reason',
    headers: new Map(Object.entries(headers)),
    body,
    elapsedMs: 1,
  };
}

const HTML = { 'content-type': 'text/html; charset=iso-8859-1' };

describe('an answer that is not MCMP', () => {
  it.each([
    ['501', answer(501, HTML, '<html>'), 'protocol', 'MCMP_NOT_RECEIVED', 'EnableMCPMReceive'],
    ['a command of nobody', answer(501, {}, '', 'FOO'), 'protocol', 'MCMP_UNKNOWN_COMMAND', 'send INFO'],
    ['405', answer(405, HTML, '<html>'), 'protocol', 'MCMP_NOT_RECEIVED', 'EnableMCMPReceive'],
    ['404', answer(404), 'protocol', 'MCMP_NOT_RECEIVED', '--mcmp'],
    ['400', answer(400, HTML, '<html>'), 'protocol', 'MCMP_NOT_RECEIVED', 'EnableMCMPReceive'],
    ['a web page', answer(200, HTML, '<!DOCTYPE html>'), 'protocol', 'MCMP_NOT_RECEIVED', 'EnableMCMPReceive'],
    [
      'a page that says it is text',
      answer(200, { 'content-type': 'text/plain' }, ' <html>'),
      'protocol',
      'MCMP_NOT_RECEIVED',
      'MCMP',
    ],
    ['a page of an application', answer(500, HTML, 'stack trace'), 'protocol', 'MCMP_NOT_RECEIVED', 'MCMP'],
    ['403', answer(403, HTML, '<html>'), 'refused', 'MCMP_FORBIDDEN', 'Require ip'],
    ['401', answer(401, HTML, '<html>'), 'refused', 'MCMP_UNAUTHORIZED', 'passwords'],
    ['a redirect', answer(302, { location: 'https://lb/' }), 'protocol', 'MCMP_NOT_RECEIVED', 'https'],
    ['a TLS port', answer(400, HTML, 'plain HTTP request was sent to HTTPS port'), 'refused', 'MCMP_TLS', 'https://'],
    ['VERSION of Undertow', answer(404, {}, '', 'VERSION'), 'protocol', 'MCMP_UNKNOWN_COMMAND', 'send INFO'],
    ['a gateway', answer(502, HTML, '<html>'), 'protocol', 'MCMP_NOT_RECEIVED', 'MCMP'],
  ] as const)('such as %s is named, with what to do about it', (_, given, kind, code, hint) => {
    const failure = notMcmp(given, 'lb:6666');
    expect(failure).toMatchObject({ kind, code, message: expect.stringContaining('lb:6666') });
    expect(failure?.hint).toContain(hint);
  });
});
