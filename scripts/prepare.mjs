/**
 * Makes a fresh clone ready: installs what package-lock.json names when node_modules differs from it, and builds dist when
 * a source is newer. Runs before `npm start`, `npm test` and `npm run mcmp`, so it uses nothing but Node, and does nothing
 * in a fraction of a second when nothing has changed. Several may run at once; they wait for each other.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = [20, 19];
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCK_FILE = join(ROOT, '.prepare.lock');
const INSTALL_MARK = join(ROOT, 'node_modules', '.mcmp-lock');
const BUILD_MARK = join(ROOT, 'dist', '.built');
const PROGRAM = join(ROOT, 'dist', 'src', 'cli', 'main.js');
const LOCK_PATIENCE_MS = 10 * 60 * 1000;
const TAKEOVER_PATIENCE_MS = 10 * 1000;

/** Everything said here goes to stderr: stdout belongs to the program that runs next. */
function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exitCode = 1;
}

/** The text of a file, or nothing where there is none: others may remove it at any moment, so it is not asked for first. */
function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

function nodeIsTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
}

/** Packages that have to be there; optional ones are for other machines. */
function requiredPackages(lockText) {
  const packages = Object.entries(JSON.parse(lockText).packages);
  return packages.filter(([path, entry]) => path !== '' && entry.optional !== true && entry.link !== true);
}

function isInstalled(lockText, lockHash) {
  const required = requiredPackages(lockText);
  if (!required.every(([path]) => existsSync(join(ROOT, path)))) return false;
  if (readText(INSTALL_MARK) === lockHash) return true;
  // Someone called npm without us: its own record says whether that was this lockfile.
  const record = readText(join(ROOT, 'node_modules', '.package-lock.json'));
  if (record === '') return false;
  const installed = new Map(requiredPackages(record));
  return required.every(([path, entry]) => installed.has(path) && installed.get(path).version === entry.version);
}

function install() {
  const lockText = readText(join(ROOT, 'package-lock.json'));
  const lockHash = createHash('sha256').update(lockText).digest('hex');
  if (!isInstalled(lockText, lockHash)) {
    const modules = join(ROOT, 'node_modules');
    // `npm ci` empties the folder first, and behind a link it is somebody else's.
    if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
      fail(
        `mcmp: node_modules is a link to ${readlinkSync(modules)}, where packages of package-lock.json are missing.`,
      );
      say('mcmp: install them there with npm ci, or remove the link to have them here.');
      return false;
    }
    say('mcmp: installing dependencies (npm ci)');
    const npm = process.env.npm_execpath;
    const [command, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
    const result = spawnSync(command, [...first, 'ci', '--no-audit', '--no-fund'], {
      cwd: ROOT,
      stdio: ['ignore', 2, 2],
      shell: npm === undefined && process.platform === 'win32',
    });
    if (result.status !== 0) {
      fail('mcmp: npm ci failed, see above. Once npm can reach its registry, run: npm ci');
      return false;
    }
  }
  if (readText(INSTALL_MARK) !== lockHash) writeFileSync(INSTALL_MARK, lockHash);
  return true;
}

function filesBelow(folder) {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** One line for each file that the build reads: path, time of the last change, size. */
function sourceList() {
  const settings = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  return [...settings, ...filesBelow('src'), ...filesBelow('commands')].sort().map((path) => {
    const { mtimeMs, size } = statSync(join(ROOT, path));
    return `${path} ${mtimeMs} ${size}`;
  });
}

/** The last line of the mark of a build that went well. */
const COMPLETE = 'complete';

function isBuilt(sources) {
  return existsSync(PROGRAM) && readText(BUILD_MARK) === [...sources, COMPLETE].join('\n');
}

/** Whether dist may hold something built of a file that is gone. */
function hasLeftovers(sources) {
  const pathOf = (line) => line.split(' ')[0];
  const present = new Set(sources.map(pathOf));
  const before = readText(BUILD_MARK).split('\n');
  return before.some((line) => line !== COMPLETE && !present.has(pathOf(line)));
}

function build() {
  // Listed before the build: a file that changes meanwhile is newer at the next run.
  const sources = sourceList();
  if (isBuilt(sources)) return;
  say('mcmp: building');
  const dist = dirname(BUILD_MARK);
  if (hasLeftovers(sources)) rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  writeFileSync(BUILD_MARK, sources.join('\n'));
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const result = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) {
    fail('mcmp: the build failed, see above');
    return;
  }
  chmodSync(PROGRAM, 0o755);
  writeFileSync(BUILD_MARK, [...sources, COMPLETE].join('\n'));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The clone belongs to somebody else. */
class NotWritable extends Error {}

/**
 * Removes the lock of an owner that has died. Only one process does so at a time, and it looks again: one that had read the
 * dead owner's number a moment ago would else remove the lock of whoever took over meanwhile. False when it is another's turn.
 */
function removeLockOf(owner) {
  const turn = `${LOCK_FILE}.takeover`;
  try {
    writeFileSync(turn, '', { flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const ageMs = Date.now() - (statSync(turn, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > TAKEOVER_PATIENCE_MS) rmSync(turn, { force: true });
    return false;
  }
  if (Number(readText(LOCK_FILE)) === owner) rmSync(LOCK_FILE, { force: true });
  rmSync(turn, { force: true });
  return true;
}

/** Waits until no other process prepares; a lock whose owner has died is taken over. */
function lock() {
  const deadlineMs = Date.now() + LOCK_PATIENCE_MS;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      writeFileSync(LOCK_FILE, `${process.pid}`, { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code === 'EACCES' || error.code === 'EROFS' || error.code === 'EPERM') throw new NotWritable();
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(readText(LOCK_FILE));
    const isLeft = (owner > 0 && !isAlive(owner)) || Date.now() > deadlineMs;
    if (!isLeft || !removeLockOf(owner)) Atomics.wait(pause, 0, 0, 100);
  }
}

function prepare() {
  if (nodeIsTooOld()) {
    fail(
      `mcmp needs Node ${OLDEST_NODE.join('.')} or newer; this is Node ${process.versions.node} (${process.execPath}).`,
    );
    return;
  }
  const lockText = readText(join(ROOT, 'package-lock.json'));
  const lockHash = createHash('sha256').update(lockText).digest('hex');
  if (readText(INSTALL_MARK) === lockHash && isInstalled(lockText, lockHash) && isBuilt(sourceList())) return;
  try {
    lock();
  } catch (error) {
    if (!(error instanceof NotWritable)) throw error;
    fail(
      `mcmp: must be installed or built anew, but this user cannot write to ${ROOT}\n` +
        '      Let its owner run npm start there once, or make a clone of your own.',
    );
    return;
  }
  try {
    if (install()) build();
  } finally {
    rmSync(LOCK_FILE, { force: true });
  }
}

prepare();
