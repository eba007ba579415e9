import type { AccessEntry } from './entry.ts';
import { commonLogTimes, isoTimes, jsonText, millisecondsText, quotedText, remembered } from './values.ts';

/** Prints an entry as one line with its line end. Lines are pure ASCII. */
export type AccessLine = (entry: AccessEntry) => string;

/** One JSON object with the same names in the same order in each line; `docs/access-log.md` is its schema. */
export function jsonLines(): AccessLine {
  const time = isoTimes();
  const [forwardedFor, method, host, referer, agent] = fiveTimes(() => remembered(jsonText));
  const [route, context] = fiveTimes(() => remembered(jsonText));
  return (entry) => {
    const { status, session, totalMs, firstByteAfterMs } = entry;
    const total = millisecondsText(totalMs, 'null');
    // Of a response that came as a whole, the first byte came with the last.
    const firstByte = firstByteAfterMs === totalMs ? total : millisecondsText(firstByteAfterMs, 'null');
    const sent = millisecondsText(entry.sentAfterMs, 'null');
    const version = entry.version === '' ? 'null' : `"${entry.version}"`;
    const who = `{"time":"${time(entry.startedAtMs)}","client":"${entry.client}","forwardedFor":${forwardedFor(entry.forwardedFor)}`;
    const request = `,"method":${method(entry.method)},"target":${jsonText(entry.target)},"version":${version},"host":${host(entry.host)}`;
    const answer = `,"status":${status === 0 ? 'null' : status},"complete":${entry.complete},"sentBytes":${entry.sentBytes},"receivedBytes":${entry.receivedBytes}`;
    const said = `,"referer":${referer(entry.referer)},"userAgent":${agent(entry.userAgent)}`;
    const way = `,"route":${route(entry.route)},"context":${context(entry.context)},"code":"${entry.code}","attempts":${entry.attempts},"session":${session === '' ? 'null' : `"${session}"`}`;
    return `${who}${request}${answer}${said}${way},"totalMs":${total},"sentAfterMs":${sent},"firstByteAfterMs":${firstByte}}\n`;
  };
}

/** The combined format of the NCSA server, as web servers write it, and our fields behind it as `name=value`. */
export function combinedLines(): AccessLine {
  const time = commonLogTimes();
  const [method, host, agent, route, context] = fiveTimes(() => remembered(quotedText));
  return (entry) => {
    const { session } = entry;
    const status = entry.status === 0 ? '000' : entry.status;
    const line =
      entry.method === '' ? '-' : `${method(entry.method)} ${quotedText(entry.target)} HTTP/${entry.version}`;
    const ncsa = `${entry.client} - - [${time(entry.startedAtMs)}] "${line}" ${status} ${entry.sentBytes} "${quotedText(entry.referer)}" "${agent(entry.userAgent)}"`;
    const names = `for="${quotedText(entry.forwardedFor)}" host="${host(entry.host)}" route="${route(entry.route)}" context="${context(entry.context)}"`;
    const end = `code=${entry.code} attempts=${entry.attempts} session=${session === '' ? '-' : session} complete=${entry.complete ? 'yes' : 'no'} received=${entry.receivedBytes}`;
    const total = millisecondsText(entry.totalMs, '-');
    const sent = millisecondsText(entry.sentAfterMs, '-');
    const firstByte = millisecondsText(entry.firstByteAfterMs, '-');
    return `${ncsa} ${names} ${end} total=${total} sent=${sent} first-byte=${firstByte}\n`;
  };
}

function fiveTimes<T>(make: () => T): [T, T, T, T, T] {
  return [make(), make(), make(), make(), make()];
}
