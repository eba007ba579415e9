/** Methods that travel as one byte: the first has the code 1 (reference §6.5). */
export const AJP_METHODS = [
  'OPTIONS',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'TRACE',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'ACL',
  'REPORT',
  'VERSION-CONTROL',
  'CHECKIN',
  'CHECKOUT',
  'UNCHECKOUT',
  'SEARCH',
  'MKWORKSPACE',
  'UPDATE',
  'LABEL',
  'MERGE',
  'BASELINE-CONTROL',
  'MKACTIVITY',
] as const;

/** Stands for every other method; its name is the attribute `stored_method`. */
export const METHOD_IN_ATTRIBUTE = 0xff;

const CODES: ReadonlyMap<string, number> = new Map(AJP_METHODS.map((method, index) => [method, index + 1]));

/** The byte for a method. Methods are told apart by case (RFC 9110 §9.1). */
export function methodCode(method: string): number {
  return CODES.get(method) ?? METHOD_IN_ATTRIBUTE;
}

/** The method of a code from 1 to 27; undefined for all others. */
export function methodOfCode(code: number): string | undefined {
  return AJP_METHODS[code - 1];
}
