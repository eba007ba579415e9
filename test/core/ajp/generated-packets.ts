import fc from 'fast-check';
import {
  AJP_METHODS,
  AJP_REQUEST_HEADERS,
  AJP_RESPONSE_HEADERS,
  type AjpAttribute,
  type AjpForwardRequest,
  type AjpHeader,
} from '../../../src/core/ajp/index.ts';

/** Generated requests and answers: everything that can be written. */

const characters = (allowed: (byte: number) => boolean): fc.Arbitrary<string> =>
  fc.constantFrom(
    ...Array.from({ length: 256 }, (_, byte) => byte)
      .filter(allowed)
      .map((byte) => String.fromCharCode(byte)),
  );

const textOf = (character: fc.Arbitrary<string>, minLength: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: character, minLength, maxLength: 12 }),
    fc.string({ unit: character, minLength, maxLength: 60 }),
  );

const token = textOf(
  characters((byte) => /[\w!#$%&'*+.^`|~-]/.test(String.fromCharCode(byte))),
  1,
);
const value = textOf(
  characters((byte) => byte === 9 || (byte >= 32 && byte !== 127)),
  0,
);
const path = textOf(
  characters((byte) => byte > 32 && byte < 127 && byte !== 0x23),
  1,
);
const attributeValue = textOf(
  characters((byte) => byte > 0),
  0,
);

const header = (known: readonly string[]): fc.Arbitrary<AjpHeader> =>
  fc.tuple(
    fc.oneof(
      fc.constantFrom(...known),
      // Known ones come back in the spelling of the table.
      token.filter((name) => known.every((each) => each.toLowerCase() !== name.toLowerCase())),
    ),
    value,
  );

const requestHeader = header(AJP_REQUEST_HEADERS).filter(
  // What says how long the body is must make sense.
  ([name]) => !/^(content-length|transfer-encoding)$/i.test(name),
);
export const responseHeaders = fc.array(header(AJP_RESPONSE_HEADERS), { maxLength: 12 });

const attribute: fc.Arbitrary<AjpAttribute> = fc.oneof(
  fc.record({
    name: fc.constantFrom(
      'context' as const,
      'servlet_path' as const,
      'remote_user' as const,
      'auth_type' as const,
      'query_string' as const,
      'jvm_route' as const,
      'ssl_cert' as const,
      'ssl_cipher' as const,
      'ssl_session' as const,
      'secret' as const,
    ),
    value: attributeValue,
  }),
  fc.record({ name: fc.constant('req_attribute' as const), key: attributeValue, value: attributeValue }),
  fc.record({ name: fc.constant('ssl_key_size' as const), value: fc.nat({ max: 0xffff }).map(String) }),
  fc.record({
    name: fc.constant('ssl_key_size' as const),
    value: fc.nat({ max: 99_999 }).map(String),
    form: fc.constant('string' as const),
  }),
);

const bare = fc.record({
  protocol: fc.oneof(fc.constant('HTTP/1.1'), value),
  uri: path,
  remoteAddress: value,
  remoteHost: fc.option(value),
  serverName: value,
  serverPort: fc.nat({ max: 0xffff }),
  isSsl: fc.boolean(),
  headers: fc.array(requestHeader, { maxLength: 12 }),
});
const attributes = fc.array(attribute, { maxLength: 6 });

/** With a method of the table, or with another one and its attribute at any place. */
export const forwardRequest: fc.Arbitrary<AjpForwardRequest> = fc.oneof(
  fc
    .tuple(bare, attributes, fc.constantFrom(...AJP_METHODS))
    .map(([fields, all, method]) => ({ ...fields, method, attributes: all })),
  fc
    .tuple(
      bare,
      attributes,
      token.filter((method) => !AJP_METHODS.some((known) => known === method)),
      attributes,
    )
    .map(([fields, before, method, behind]) => ({
      ...fields,
      method,
      attributes: [...before, { name: 'stored_method' as const, value: method }, ...behind],
    })),
);
