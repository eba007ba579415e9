import { isSwitch } from './command.ts';
import type { Output } from './output.ts';
import type { Setting } from './settings.ts';

/** What is shown instead of a secret. */
const HIDDEN = '(set, not shown)';

/** Prints every setting that would be used, and where it comes from. */
export function printConfig(
  out: Output,
  json: boolean,
  commandName: string,
  configFile: string | undefined,
  settings: readonly Setting[],
): void {
  if (json) {
    out.json({
      schemaVersion: 1,
      command: commandName,
      configFile: configFile ?? null,
      settings: settings.map((setting) => ({
        name: setting.name,
        value: jsonValue(setting),
        origin: setting.origin,
        where: setting.where,
      })),
    });
    return;
  }
  const rows = settings.map((setting) => [setting.name, shownValue(setting), shownOrigin(setting)] as const);
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const valueWidth = Math.min(30, Math.max(...rows.map(([, value]) => value.length)));
  for (const [name, value, origin] of rows) {
    out.line(`${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${origin}`);
  }
}

function shownValue({ spec, texts }: Setting): string {
  if (texts.length === 0) return isSwitch(spec) ? 'false' : '-';
  return spec.secret === true ? HIDDEN : texts.join(', ') || '-';
}

function shownOrigin({ origin, where }: Setting): string {
  return where === '' ? origin : `${origin} (${where})`;
}

/** Texts, as a configuration file takes them; numbers and booleans as such. */
function jsonValue({ spec, texts, value }: Setting): unknown {
  if (spec.secret === true) return texts.length === 0 ? null : HIDDEN;
  if (spec.repeatable === true) return texts;
  if (spec.kind === 'list' || spec.kind === 'number' || typeof value === 'boolean') return value ?? null;
  return texts[0] ?? null;
}
