import { describe, expect, test } from 'vitest';
import {
  createRequestWriteOptions,
  createResponseWriteOptions,
  describeClient,
  type RequestWriteOptions,
  simpleResponse,
  writeRequestHead,
  writeResponseHead,
} from '../../src/core/http/index.ts';
import { driveChunks, driveRequest, driveResponse } from '../core/http/drive.ts';

const CLIENT = describeClient('192.0.2.7', 'https');

function toNode(bytes: string, changes: Partial<RequestWriteOptions> = {}): string {
  const { code, head } = driveRequest(bytes);
  if (code !== 'ok') return code;
  return writeRequestHead(head, {
    ...createRequestWriteOptions(CLIENT),
    forwardedHeaders: 'both',
    via: 'mcmp',
    ...changes,
  });
}

function get(lines: string): string {
  return `GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
}

describe('CVE-2022-31813: Connection cannot strip headers that a proxy adds, or that say who is meant', () => {
  test.each(['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'Forwarded', 'Via', 'Host'])('%s', (name) => {
    expect(toNode(get(`Connection: close, ${name}\r\n`))).toMatch(new RegExp(`\r\n${name}: `));
    const own = name === 'Host' ? '' : `${name}: a\r\n`;
    expect(toNode(get(`Connection: ${name.toLowerCase()}\r\n${own}`))).toMatch(new RegExp(`\r\n${name}: `));
  });

  test.each(['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'Forwarded'])(
    '%s of a trusted proxy',
    (name) => {
      const written = toNode(get(`Connection: ${name}\r\n${name}: said-before\r\n`), { trusted: true });
      expect(written).toContain(`${name}: said-before`);
    },
  );

  test.each([
    'Content-Length: 0',
    'Cookie: a=b',
    'Authorization: Basic YTpi',
    'Content-Type: a/b',
    'Cache-Control: no-store',
  ])('%s', (line) => {
    const name = line.slice(0, line.indexOf(':'));
    expect(toNode(get(`Connection: ${name}\r\n${line}\r\n`))).toContain(`\r\n${line}\r\n`);
  });

  test('Transfer-Encoding', () => {
    const bytes = `${get('Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n')}0\r\n\r\n`;
    expect(toNode(bytes)).toContain('\r\nTransfer-Encoding: chunked\r\n');
  });
});

describe('CVE-2016-4993: nobody breaks out of a header line', () => {
  const breaks = ['\r\n', '\n', '\r', '\r\r\n', '\n\r'];
  test.each(breaks)('with %j in a request header', (lineBreak) => {
    const injected = driveRequest(get(`X: a${lineBreak}Injected: yes${lineBreak}\r\n`)).code;
    if (lineBreak === '\r\n') expect(injected).toBe('ok');
    else expect(injected).toMatch(/^HTTP_BARE_(CR|LF)$/);
  });
  test.each(breaks.slice(1))('with %j in the Location or Set-Cookie of a node', (lineBreak) => {
    for (const name of ['Location', 'Set-Cookie']) {
      const bytes = `HTTP/1.1 302 Found\r\nContent-Length: 0\r\n${name}: a${lineBreak}Injected: yes\r\n\r\n`;
      expect(driveResponse(bytes).code).toMatch(/^HTTP_BARE_(CR|LF)$/);
    }
  });
  test.each(breaks)('with %j in a value of an answer of our own', (lineBreak) => {
    const bytes = simpleResponse(500, [['Mess', `a${lineBreak}Injected: yes`]], '');
    expect(driveResponse(bytes).head.count).toBe(2);
  });
});

describe('CVE-2025-12543: a bad Host is refused', () => {
  test.each(['a b', 'a/../b', 'a@b', 'a:b', 'a,b', 'a%00', 'a\\b', '[::1', 'a?x', '"a"', '<a>', 'a..b', '\xe4', ''])(
    '%j',
    (host) => {
      expect(driveRequest(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`).code).toBe('HTTP_HOST_INVALID');
      expect(driveRequest(`GET / HTTP/1.0\r\nHost: ${host}\r\n\r\n`).code).toBe('HTTP_HOST_INVALID');
    },
  );
  test('two of them', () => {
    expect(driveRequest('GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n').code).toBe('HTTP_HOST_REPEATED');
  });
  test('one that is not the host of the target', () => {
    expect(driveRequest('GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n').code).toBe('HTTP_HOST_MISMATCH');
  });
  test('none in HTTP/1.1', () => {
    expect(driveRequest('GET / HTTP/1.1\r\nX: y\r\n\r\n').code).toBe('HTTP_HOST_MISSING');
  });
});

describe('CVE-2026-28367: the header block ends with CRLF CRLF only', () => {
  test.each(['\n\n', '\r\n\n', '\n\r\n', '\r\r', '\r\n\r', '\r\r\n\r\n', '\r\n\0\r\n'])('not with %j', (end) => {
    for (const pieceBytes of [1, 1000]) {
      const { code } = driveRequest(
        `GET / HTTP/1.1\r\nHost: a${end}GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n`,
        pieceBytes,
      );
      expect(code).toMatch(/^HTTP_(BARE_LF|BARE_CR|HEADER_NAME|HEADER_VALUE)$/);
    }
  });
});

describe('CVE-2026-28368: a header name is a token and stands directly before its colon', () => {
  test.each([
    'Transfer-Encoding ',
    'Transfer-Encoding\t',
    'Transfer-Encoding\x0b',
    'Transfer Encoding',
    '\xa0Transfer-Encoding',
    '(X)',
    '',
  ])('not %j', (name) => {
    expect(driveRequest(get(`${name}: chunked\r\n`)).code).toMatch(/^HTTP_(HEADER_NAME|SPACE_BEFORE_COLON)$/);
  });
});

describe('CVE-2026-28369: a line does not begin with white space', () => {
  test.each([' ', '\t', '  '])('not with %j', (space) => {
    expect(driveRequest(`GET / HTTP/1.1\r\n${space}X: y\r\nHost: a\r\n\r\n`).code).toBe('HTTP_FOLDED_LINE');
    expect(driveRequest(get(`X: y\r\n${space}z\r\n`)).code).toBe('HTTP_FOLDED_LINE');
    expect(driveRequest(get(`${space}\r\n`)).code).toBe('HTTP_FOLDED_LINE');
    expect(driveRequest(`${space}GET / HTTP/1.1\r\nHost: a\r\n\r\n`).code).toBe('HTTP_NOT_HTTP');
  });
});

describe('CVE-2017-2666, CVE-2017-7559, CVE-2020-10687, CVE-2020-10719: no character that another reader skips', () => {
  test.each(['\0', '\x01', '\x0b', '\x0c', '\x1f', '\x7f', '\x85', '\xa0', ' ', '\t', '#'])(
    '%j in the target',
    (byte) => {
      expect(driveRequest(`GET /a${byte}b HTTP/1.1\r\nHost: a\r\n\r\n`).code).toMatch(/^HTTP_(TARGET|REQUEST_LINE)$/);
    },
  );
  test.each(['\0', '\x01', '\x0b', '\x0c', '\x1f', '\x7f'])('%j in a value', (byte) => {
    expect(driveRequest(get(`X: a${byte}b\r\n`)).code).toBe('HTTP_HEADER_VALUE');
  });
  test.each(['\0', '\x0b', '\x7f', '\x80', '\xa0', '(', '/', '@', '{'])('%j in a name', (byte) => {
    expect(driveRequest(get(`X${byte}Y: b\r\n`)).code).toBe('HTTP_HEADER_NAME');
  });
});

describe('GHSA-ggv3-7p47-pfv8: a chunked body belongs to its request, whatever the method', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE', 'ENABLE-APP'])('%s', (method) => {
    const hidden = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n';
    const bytes = `${method} / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
    expect(driveRequest(bytes)).toMatchObject({ code: 'ok', body: hidden, rest: '' });
    expect(toNode(bytes)).toContain('\r\nTransfer-Encoding: chunked\r\n');
  });
});

describe('CVE-2023-4639: quotes do not hide a cookie that must go', () => {
  test.each(['a="x; SID=1; y"', 'a="; SID=1', "a='; SID=1; '", 'SID="1; SID=2"', 'SID = 1', 'a=b;\tSID=1'])(
    '%s',
    (cookies) => {
      expect(toNode(get(`Cookie: ${cookies}\r\n`), { removeCookie: 'SID' })).not.toMatch(/SID/);
    },
  );
});

describe('CVE-2016-5385: a client cannot set the proxy of a CGI program', () => {
  test('Proxy goes', () => {
    expect(toNode(get('Proxy: http://evil.example/\r\n'))).not.toContain('evil');
  });
});

describe('CVE-2023-39326: chunk extensions cannot outweigh the data', () => {
  test('many of them are refused', () => {
    const chunk = `1;a=${'b'.repeat(200)}\r\nx\r\n`;
    expect(driveChunks(chunk.repeat(1000)).code).toBe('HTTP_CHUNK_OVERHEAD');
  });
});

describe('h2c smuggling: an upgrade to HTTP/2 or TLS is not passed on', () => {
  test.each(['h2c', 'H2C', 'websocket, h2c', 'TLS/1.3', 'HTTP/2.0'])('%s', (protocol) => {
    const bytes = get(`Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMA\r\n`);
    expect(toNode(bytes, { upgrade: true })).not.toMatch(/upgrade|http2-settings/i);
  });
});

describe('client-supplied X-Forwarded headers', () => {
  test.each(['X-Forwarded-For', 'x-forwarded-proto', 'X-Forwarded-Ssl', 'X-Forwarded-Client-Cert', 'Forwarded'])(
    '%s of a stranger goes',
    (name) => {
      expect(toNode(get(`${name}: forged\r\n`))).not.toContain('forged');
    },
  );
});

describe('a response that is written', () => {
  test('is never framed twice', () => {
    const bodies = ['Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', 'transfer-encoding: CHUNKED\r\n', ''];
    for (const framing of ['keep', 'chunk', 'close'] as const) {
      for (const lines of bodies) {
        const { head } = driveResponse(`HTTP/1.1 200 OK\r\n${lines}\r\n`);
        const written = writeResponseHead(head, { ...createResponseWriteOptions(), framing });
        expect(written.match(/content-length|transfer-encoding/gi)?.length ?? 0).toBeLessThanOrEqual(1);
        expect(driveResponse(written).code).toBe('ok');
      }
    }
  });
});
