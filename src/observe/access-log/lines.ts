import type { AccessEntry } from './entry.ts';
import { commonLogTimes, isoTimes, jsonText, millisecondsText, quotedText } from './values.ts';

/** Prints an entry as one line with its line end. Lines are pure ASCII. */
export type AccessLine = (entry: AccessEntry) => string;

/** One JSON object with the same names in the same order in each line; `docs/access-log.md` is its schema. */
export function jsonLines(): AccessLine {
  const times = isoTimes();
  return (entry) =>
    `{"time":"${times.print(entry.startedAtMs)}","client":${jsonText(entry.client)},"forwardedFor":${jsonText(
      entry.forwardedFor,
    )},"method":${jsonText(entry.method)},"target":${jsonText(entry.target)},"version":${jsonText(
      entry.version,
    )},"host":${jsonText(entry.host)},"status":${entry.status === 0 ? 'null' : entry.status},"complete":${
      entry.complete
    },"sentBytes":${entry.sentBytes},"receivedBytes":${entry.receivedBytes},"referer":${jsonText(
      entry.referer,
    )},"userAgent":${jsonText(entry.userAgent)},"route":${jsonText(entry.route)},"context":${jsonText(
      entry.context,
    )},"code":"${entry.code}","attempts":${entry.attempts},"session":${jsonText(
      entry.session,
    )},"totalMs":${millisecondsText(entry.totalMs, 'null')},"sentAfterMs":${millisecondsText(
      entry.sentAfterMs,
      'null',
    )},"firstByteAfterMs":${millisecondsText(entry.firstByteAfterMs, 'null')}}\n`;
}

/** The combined format of the NCSA server, as web servers write it, and our fields behind it as `name=value`. */
export function combinedLines(): AccessLine {
  const times = commonLogTimes();
  return (entry) => {
    const request =
      entry.method === '' ? '-' : `${quotedText(entry.method)} ${quotedText(entry.target)} HTTP/${entry.version}`;
    const status = entry.status === 0 ? '000' : entry.status;
    return `${entry.client} - - [${times.print(entry.startedAtMs)}] "${request}" ${status} ${
      entry.sentBytes
    } "${quotedText(entry.referer)}" "${quotedText(entry.userAgent)}" for="${quotedText(
      entry.forwardedFor,
    )}" host="${quotedText(entry.host)}" route="${quotedText(entry.route)}" context="${quotedText(
      entry.context,
    )}" code=${entry.code} attempts=${entry.attempts} session=${entry.session === '' ? '-' : entry.session} complete=${
      entry.complete ? 'yes' : 'no'
    } received=${entry.receivedBytes} total=${millisecondsText(entry.totalMs, '-')} sent=${millisecondsText(
      entry.sentAfterMs,
      '-',
    )} first-byte=${millisecondsText(entry.firstByteAfterMs, '-')}\n`;
  };
}
