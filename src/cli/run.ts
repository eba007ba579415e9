import { Chalk, type ChalkInstance, type ColorInfo, supportsColor, supportsColorStderr } from 'chalk';
import { createLog } from '../observe/index.ts';
import { type ArgsOf, type Command, type CommandContext, typedArgs } from './command.ts';
import { readConfigFile } from './config-file.ts';
import { type Environment, strayVariables } from './environment.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { reportFailure } from './failure.ts';
import { FLAG_ONLY, GLOBAL_OPTIONS } from './global-options.ts';
import { createOutput, type Output, type TerminalStream } from './output.ts';
import { frontPage, versionPage } from './pages.ts';
import { type ParsedLine, parseLine } from './parse-line.ts';
import { printConfig } from './print-config.ts';
import { createProgress } from './progress.ts';
import { resolveSettings, type Setting, type Sources } from './settings.ts';
import type { Signals } from './signals.ts';

/** The world as the program sees it; the process's own in `main.ts`. */
export interface World {
  readonly environment: Environment;
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly signals: Signals;
  /** Ends the process quietly: the reader of stdout has gone. */
  readonly onReaderGone: () => void;
}

/**
 * Runs one command line to its end.
 *
 * @param words the words after `mcmp`
 * @returns the exit code
 */
export async function runLine(words: readonly string[], commands: readonly Command[], world: World): Promise<number> {
  const { stderr } = world;
  const out = createOutput(world.stdout, world.onReaderGone);
  // How to report a failure must be known before the line has been understood.
  let manners: Manners = { json: words.includes('--json'), color: 'auto' };
  try {
    const line = await parseLine(words, commands, Math.min(out.columns, 100));
    if (line.kind === 'text') {
      if (manners.json && line.text !== '') out.json({ schemaVersion: 1, help: line.text });
      else out.write(line.text);
      return EXIT_CODES.done.code;
    }
    if (line.kind !== 'run') {
      const globals = resolveGlobals({ flags: line.flags, environment: world.environment, file: undefined });
      if (line.kind === 'version') versionPage(out, globals.args.json);
      else if (globals.args.json) {
        out.json({ schemaVersion: 1, help: `${frontPage(commands, new Chalk({ level: 0 })).join('\n')}\n` });
      } else {
        const style = styleFor(globals.args.color, world.environment, world.stdout, supportsColor);
        for (const row of frontPage(commands, style)) out.line(row);
      }
      return EXIT_CODES.done.code;
    }
    const session = openSession(line, commands, out, world);
    manners = session.globals.args;
    return await runCommand(line, commands, session);
  } catch (error) {
    const style = styleFor(manners.color, world.environment, stderr, supportsColorStderr);
    const report = reportFailure(error, { json: manners.json, style });
    stderr.write(report.text);
    return report.exitCode;
  } finally {
    await out.flushed();
  }
}

type RunLine = Extract<ParsedLine, { kind: 'run' }>;
type GlobalArgs = ArgsOf<typeof GLOBAL_OPTIONS, Record<never, never>>;
type Manners = Pick<GlobalArgs, 'json' | 'color'>;

interface Globals {
  readonly args: GlobalArgs;
  readonly settings: ReadonlyMap<string, Setting>;
}

/** What one command line has settled, apart from the command's own options. */
interface Session {
  readonly globals: Globals;
  readonly sources: Sources;
  readonly out: Output;
  readonly world: World;
}

function resolveGlobals(sources: Sources): Globals {
  const settings = resolveSettings(GLOBAL_OPTIONS, undefined, sources);
  return { args: typedArgs(GLOBAL_OPTIONS, undefined, valuesOf(settings)), settings };
}

function valuesOf(settings: ReadonlyMap<string, Setting>): Map<string, unknown> {
  return new Map([...settings].map(([name, { value }]) => [name, value]));
}

function openSession(line: RunLine, commands: readonly Command[], out: Output, world: World): Session {
  const { environment } = world;
  const withoutFile = resolveGlobals({ flags: line.flags, environment, file: undefined });
  const sources = { flags: line.flags, environment, file: readConfigFile(withoutFile.args.config, commands) };
  return { globals: resolveGlobals(sources), sources, out, world };
}

async function runCommand(line: RunLine, commands: readonly Command[], session: Session): Promise<number> {
  const { globals, sources, out, world } = session;
  const { args } = globals;
  const { command } = line;
  const settings = resolveSettings(command.options, command, sources);
  if (args.printConfig) {
    const shown = [...settings.values(), ...globals.settings.values()].filter(({ name }) => !FLAG_ONLY.has(name));
    printConfig(out, args.json, command.name, sources.file?.path, shown);
    return EXIT_CODES.done.code;
  }

  const stderrStyle = styleFor(args.color, world.environment, world.stderr, supportsColorStderr);
  const logFormat = args.logFormat === 'auto' ? (world.stderr.isTTY === true ? 'pretty' : 'json') : args.logFormat;
  const logSettings = { format: logFormat, stream: world.stderr, color: stderrStyle.level > 0 } as const;
  const progress = createProgress(world.stderr, createLog({ ...logSettings, level: args.logLevel }));
  const besideProgress = { ...logSettings, beforeLine: progress.hide };
  const log = createLog({ ...besideProgress, level: args.logLevel });
  const { info: notice } = createLog({ ...besideProgress, level: 'info' });
  for (const { name, meant } of strayVariables(world.environment, commands)) {
    log.warn('an environment variable is not known and has no effect', { name, meant });
  }

  const context: CommandContext = {
    json: args.json,
    out,
    log,
    notice,
    style: styleFor(args.color, world.environment, world.stdout, supportsColor),
    signals: world.signals,
    progress,
  };
  let firstRead: ReadonlyMap<string, Setting> | undefined = settings;
  const outcome = await command.run(context, () => {
    const current = firstRead ?? openSessionSettings(line, commands, session);
    firstRead = undefined;
    return new Map([...valuesOf(current), ...line.positionals]);
  });
  return EXIT_CODES[outcome].code;
}

/** The command's settings as the environment and the file say them now. */
function openSessionSettings(
  line: RunLine,
  commands: readonly Command[],
  { out, world }: Session,
): ReadonlyMap<string, Setting> {
  return resolveSettings(line.command.options, line.command, openSession(line, commands, out, world).sources);
}

/** Colours for one stream. What the user says about colour is stronger than NO_COLOR, and that than the terminal. */
function styleFor(
  color: Manners['color'],
  environment: Environment,
  stream: TerminalStream,
  support: ColorInfo,
): ChalkInstance {
  const supported = support === false ? 0 : support.level;
  if (color === 'never') return new Chalk({ level: 0 });
  if (color === 'always') return new Chalk({ level: supported === 0 ? 1 : supported });
  const wanted = stream.isTTY === true && (environment['NO_COLOR'] ?? '') === '';
  return new Chalk({ level: wanted ? supported : 0 });
}
