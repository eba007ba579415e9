import { dirname, join } from 'node:path';
import { makeFolder } from '../../cli/whole-file.ts';
import { McmpError } from '../../core/errors.ts';
import type { CaseResult, Reporter, TargetFacts } from '../result.ts';
import { isCut, type RecordedExchange } from '../wire/recorded.ts';
import { actualWords, expectedWords, needsWords } from './facts.ts';
import { writeReport } from './files.ts';

/** Exchanges hold what the peer holds: session ids, cookies, addresses. */
const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const LONGEST_NAME = 100;

/**
 * Keeps the exchanges of cases that deviate: for each a file `TOPIC/CASE.json`, and what was sent to the peer, to the byte,
 * in `TOPIC/CASE.N.sent`; below a folder for each target where there are several. What is made can be read by its owner
 * alone. Files of earlier runs are replaced, never removed.
 *
 * @param several whether there is more than one target
 */
export async function createSavingReporter(folder: string, several: boolean): Promise<Reporter> {
  await privateFolder(folder);
  return {
    async runEnds({ targets }) {
      const names = createNames();
      let saved = 0;
      for (const { target, results } of targets) {
        const ofTarget = several ? names(target.dialect, target.name) : '';
        for (const result of results.filter(needsWords)) {
          if (result.exchanges.length === 0) continue;
          saved += 1;
          const path = join(folder, ofTarget, names(ofTarget, result.facts.id));
          await saveCase(folder, path, target, result);
        }
      }
      if (saved > 0) await write(join(folder, 'README.md'), README);
    },
  };
}

async function saveCase(folder: string, path: string, target: TargetFacts, result: CaseResult): Promise<void> {
  for (let inner = dirname(path); inner.length > folder.length; inner = dirname(inner)) await privateFolder(inner);
  const { facts, verdict, exchanges } = result;
  const document = {
    schemaVersion: 1,
    case: facts.id,
    requirement: facts.requirement,
    target: target.name,
    dialect: target.dialect,
    verdict,
    expected: expectedWords(target, result),
    actual: actualWords(result),
    exchanges: exchanges.map((exchange) => ({ ...exchange, ...readable(exchange) })),
  };
  await write(`${path}.json`, `${JSON.stringify(document, undefined, 1)}\n`);
  for (const [at, { with: whom, sent }] of exchanges.entries()) {
    if (whom === 'node' || sent === '' || isCut(sent)) continue;
    await write(`${path}.${at + 1}.sent`, Buffer.from(sent, 'latin1'));
  }
}

/** Request and response in the form of `fixtures/recordings`, where the bytes have the form of HTTP. */
function readable({ with: whom, sent, received }: RecordedExchange): object {
  // At a node of ours the peer asks, and we answer.
  const [asked, answered] = whom === 'node' ? [received, sent] : [sent, received];
  const request = messageOf(asked);
  const response = messageOf(answered);
  const line = /^(\S+) (\S+) HTTP\/\d\.\d$/.exec(request?.line ?? '');
  const status = /^HTTP\/\d\.\d (\d{3})/.exec(response?.line ?? '');
  return {
    ...(request === undefined || line === null
      ? {}
      : { request: { method: line[1], uri: line[2], headers: request.headers, body: request.body } }),
    ...(response === undefined || status === null
      ? {}
      : { response: { status: Number(status[1]), headers: response.headers, body: response.body } }),
  };
}

function messageOf(bytes: string): { line: string; headers: Record<string, string>; body: string } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line = '', ...lines] = bytes.slice(0, end).split('\r\n');
  const headers = new Map<string, string>();
  for (const header of lines) {
    const colon = header.indexOf(':');
    if (colon <= 0) return undefined;
    const name = header.slice(0, colon).toLowerCase();
    const value = header.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  // Only to be written: `fromEntries` makes a member of any name, also of `__proto__`.
  return { line, headers: Object.fromEntries(headers), body: bytes.slice(end + 4) };
}

/**
 * File names made of ids and addresses: letters, digits, dots, hyphens and underscores, and the folders that slashes make;
 * so that none leads out of the folder whatever a case is called. Each is given once in each folder.
 */
function createNames(): (folder: string, text: string) => string {
  const given = new Set<string>();
  return (folder, text) => {
    const parts = text
      .split('/')
      .map((part) => part.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, ''))
      .filter((part) => part !== '')
      .map((part) => part.slice(0, LONGEST_NAME));
    const plain = parts.length === 0 ? 'unnamed' : parts.join('/');
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? plain : `${plain}-${count}`;
      // Some file systems do not tell upper from lower case.
      const key = `${folder}/${name}`.toLowerCase();
      if (given.has(key)) continue;
      given.add(key);
      return name;
    }
  };
}

async function write(path: string, text: string | Buffer): Promise<void> {
  await writeReport(path, text, PRIVATE_FILE);
}

/** @throws McmpError when it is something else, or cannot be made */
async function privateFolder(path: string): Promise<void> {
  try {
    await makeFolder(path, PRIVATE_FOLDER);
  } catch (error) {
    throw new McmpError(
      'usage',
      'MCMP_SAVE_FOLDER',
      `${path} cannot hold the exchanges: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error, hint: 'Name a folder of your own; it is made if it does not exist.' },
    );
  }
}

const README = `# Exchanges of cases that deviated

\`TOPIC/CASE.json\` holds what was expected, what was, and every exchange of the case. \`sent\` and \`received\` are the
bytes, one character a byte (latin1): \`jq -j .exchanges[0].received CASE.json | iconv -f utf-8 -t latin1\` gives them back.
Where they have the form of HTTP, \`request\` and \`response\` say the same more readably. An exchange \`with\` \`node\` was seen
from a node that the suite played: there the peer asked, and \`sent\` is our answer.

\`TOPIC/CASE.N.sent\` is what exchange N sent to the peer. To send it again:

    nc 127.0.0.1 8090 < TOPIC/CASE.N.sent

over TLS:

    openssl s_client -quiet -connect 127.0.0.1:8443 < TOPIC/CASE.N.sent

Exchanges of a case build on each other: send them in the order of their numbers. The names of routes and contexts are those
of that run, and nodes that it registered are gone. Requests of more than 64 KiB were cut, and have no \`.sent\` file.

The files may hold cookies and session ids; only you can read them.
`;
