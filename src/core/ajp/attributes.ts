/**
 * Attributes of a request and their codes (reference §6.5). The value is a string, but for two: `req_attribute` has a name
 * and a value, and `ssl_key_size` is a number of 16 bits as httpd and Tomcat write and read it, a string as Undertow does.
 */
export const AJP_ATTRIBUTE = {
  context: 1,
  servlet_path: 2,
  remote_user: 3,
  auth_type: 4,
  query_string: 5,
  jvm_route: 6,
  ssl_cert: 7,
  ssl_cipher: 8,
  ssl_session: 9,
  req_attribute: 10,
  ssl_key_size: 11,
  secret: 12,
  stored_method: 13,
} as const;

export const END_OF_ATTRIBUTES = 0xff;

export type AjpAttributeName = keyof typeof AJP_ATTRIBUTE;
/** Those whose value is one string. */
export type AjpTextAttributeName = Exclude<AjpAttributeName, 'req_attribute' | 'ssl_key_size'>;

/** One attribute; texts are byte strings. */
export type AjpAttribute =
  | { readonly name: AjpTextAttributeName; readonly value: string }
  | {
      readonly name: 'ssl_key_size';
      /** Decimal. */
      readonly value: string;
      /** It travels as a string instead of the number that it is. */
      readonly form?: 'string';
    }
  | { readonly name: 'req_attribute'; readonly key: string; readonly value: string };

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(AJP_ATTRIBUTE).map(([name, code]) => [code, name]));

/** The name of an attribute whose value is one string; undefined for all other codes. */
export function textAttributeName(code: number): AjpTextAttributeName | undefined {
  if (code === AJP_ATTRIBUTE.req_attribute || code === AJP_ATTRIBUTE.ssl_key_size) return undefined;
  return NAMES.get(code) as AjpTextAttributeName | undefined;
}
