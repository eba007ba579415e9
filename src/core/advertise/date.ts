const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Tue, 03 Nov 2026 10:00:00 GMT`; Undertow writes the day with one digit and the zone as `+0000` (reference §7.2). */
const FORM =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) (GMT|UTC|[+-]\d{4})$/;

/**
 * Reads the Date of a datagram. English names only: one written in another language is what broke digests (need A12).
 * @returns ms since 1970, or undefined when it cannot be read
 */
export function readAdvertiseDate(text: string): number | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, day = '', month = '', year = '', hours = '', minutes = '', seconds = '', zone = ''] = match;
  const monthIndex = MONTHS.indexOf(month);
  if (monthIndex < 0 || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  const ms = Date.UTC(Number(year), monthIndex, Number(day), Number(hours), Number(minutes), Number(seconds));
  // A 31st of a shorter month would have become the next month's first.
  if (new Date(Date.UTC(Number(year), monthIndex, Number(day))).getUTCDate() !== Number(day)) return undefined;
  return ms - offsetMs(zone);
}

function offsetMs(zone: string): number {
  if (zone === 'GMT' || zone === 'UTC') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/**
 * As httpd writes it: IMF-fixdate (RFC 9110 §5.6.7); or as Undertow does, with a numeric zone (here always that of GMT) and
 * no zero before the day (reference §7.2).
 */
export function printAdvertiseDate(ms: number, form: 'gmt' | 'numeric-zone' = 'gmt'): string {
  const text = new Date(ms).toUTCString();
  return form === 'gmt' ? text : text.replace(', 0', ', ').replace('GMT', '+0000');
}
