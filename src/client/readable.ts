import { textOf } from '../core/mcmp/bytes.ts';

/** The same data with every byte string as people read it; names of members stay as they are. */
export function readable<Data>(data: Data): Data {
  return mapped(data) as Data;
}

function mapped(value: unknown): unknown {
  if (typeof value === 'string') return textOf(value);
  if (Array.isArray(value)) return value.map(mapped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapped(member)]));
}
