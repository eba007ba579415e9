import { allIn, DIGIT } from '../http/grammar.ts';
import { AJP_ATTRIBUTE, type AjpAttribute, END_OF_ATTRIBUTES, textAttributeName } from './attributes.ts';
import { AJP_REQUEST_HEADERS } from './header-codes.ts';
import { METHOD_IN_ATTRIBUTE, methodOfCode } from './methods.ts';
import type { PacketCursor } from './packet-cursor.ts';
import { ATTRIBUTE_TEXT, TOKEN_TEXT, VALUE_TEXT } from './texts.ts';
import type { AjpForwardRequest, AjpHeader } from './types.ts';
import { AJP_VIOLATION } from './violations.ts';

/** A request and how long its body is. */
export interface ReadForwardRequest {
  readonly request: AjpForwardRequest;
  /** Its Content-Length; -1: it has none. */
  readonly contentLength: number;
}

/**
 * Reads the payload of a FORWARD_REQUEST behind its type.
 * @param cursor set on it; has the violation afterwards, if there is one
 * @returns null at a violation
 */
export function readForwardRequest(cursor: PacketCursor, maxHeaders: number): ReadForwardRequest | null {
  const code = cursor.byte();
  const protocol = cursor.text(VALUE_TEXT, AJP_VIOLATION.text);
  const uri = cursor.text(VALUE_TEXT, AJP_VIOLATION.uri);
  if (uri === '') cursor.refuse(AJP_VIOLATION.uri);
  const remoteAddress = cursor.text(VALUE_TEXT, AJP_VIOLATION.text);
  const remoteHost = cursor.nullableText(VALUE_TEXT, AJP_VIOLATION.text);
  const serverName = cursor.text(VALUE_TEXT, AJP_VIOLATION.text);
  const serverPort = cursor.integer();
  const isSsl = cursor.flag();
  const headers = readHeaders(cursor, maxHeaders);
  const attributes = readAttributes(cursor);
  const method = readMethod(cursor, code, attributes);
  const contentLength = readContentLength(cursor, headers);
  if (!cursor.finish()) return null;
  return {
    request: {
      method,
      protocol,
      uri,
      remoteAddress,
      remoteHost,
      serverName,
      serverPort,
      isSsl,
      headers,
      attributes,
    },
    contentLength,
  };
}

function readHeaders(cursor: PacketCursor, maxHeaders: number): AjpHeader[] {
  const headers: AjpHeader[] = [];
  const count = cursor.integer();
  if (count > maxHeaders) cursor.refuse(AJP_VIOLATION.tooManyHeaders);
  for (let i = 0; i < count && cursor.violation === null; i++) {
    const name = cursor.headerName(AJP_REQUEST_HEADERS);
    headers.push([name, cursor.headerValue()]);
  }
  return headers;
}

function readAttributes(cursor: PacketCursor): AjpAttribute[] {
  const attributes: AjpAttribute[] = [];
  for (let code = cursor.byte(); code !== END_OF_ATTRIBUTES && cursor.violation === null; code = cursor.byte()) {
    if (code === AJP_ATTRIBUTE.req_attribute) {
      const key = cursor.text(ATTRIBUTE_TEXT, AJP_VIOLATION.text);
      attributes.push({ name: 'req_attribute', key, value: cursor.text(ATTRIBUTE_TEXT, AJP_VIOLATION.text) });
    } else if (code === AJP_ATTRIBUTE.ssl_key_size) {
      attributes.push(readKeySize(cursor));
    } else {
      const name = textAttributeName(code);
      if (name === undefined) cursor.refuse(AJP_VIOLATION.attribute);
      else attributes.push({ name, value: cursor.text(ATTRIBUTE_TEXT, AJP_VIOLATION.text) });
    }
  }
  return attributes;
}

/**
 * A number, or its digits as a string. Behind a number stands the code of the next attribute, and no code is a digit: so a
 * digit two bytes on says that these two are the length of a string.
 */
function readKeySize(cursor: PacketCursor): AjpAttribute {
  const behind = cursor.peekByte(2);
  if (cursor.peekInteger() > 0 && behind >= 0x30 && behind <= 0x39) {
    const value = cursor.text(TOKEN_TEXT, AJP_VIOLATION.text);
    if (!allIn(DIGIT, value)) cursor.refuse(AJP_VIOLATION.text);
    return { name: 'ssl_key_size', value, form: 'string' };
  }
  return { name: 'ssl_key_size', value: String(cursor.integer()) };
}

/** One method: by code or by attribute. Nodes take the attribute even beside a code, so that is no request to believe. */
function readMethod(cursor: PacketCursor, code: number, attributes: readonly AjpAttribute[]): string {
  const stored = attributes.filter((attribute) => attribute.name === 'stored_method');
  const [only] = stored;
  const coded = methodOfCode(code);
  if (coded !== undefined && stored.length === 0) return coded;
  const method = only?.value ?? '';
  if (code !== METHOD_IN_ATTRIBUTE || stored.length !== 1 || method === '' || TOKEN_TEXT.refused.test(method)) {
    cursor.refuse(AJP_VIOLATION.method);
  }
  return method;
}

/**
 * AJP knows no transfer codings, and yet balancers pass the header on. Beside a Content-Length it would leave open where the
 * body ends (the class of CVE-2022-26377).
 * @returns bytes of the body; -1 without Content-Length
 */
function readContentLength(cursor: PacketCursor, headers: readonly AjpHeader[]): number {
  let length = -1;
  let isEncoded = false;
  for (const [name, value] of headers) {
    if (isNamed(name, 'transfer-encoding')) isEncoded = true;
    if (!isNamed(name, 'content-length')) continue;
    const isNumber = value.length > 0 && value.length <= 16 && allIn(DIGIT, value);
    if (!isNumber || length !== -1 || Number(value) > Number.MAX_SAFE_INTEGER) {
      cursor.refuse(AJP_VIOLATION.contentLength);
    }
    length = Number(value);
  }
  if (isEncoded && length !== -1) cursor.refuse(AJP_VIOLATION.lengthAndEncoding);
  return length;
}

function isNamed(name: string, lowerCase: string): boolean {
  return name.length === lowerCase.length && name.toLowerCase() === lowerCase;
}
