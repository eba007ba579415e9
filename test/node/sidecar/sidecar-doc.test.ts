import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { parseDuration } from '../../../src/cli/units.ts';
import { DEFAULT_BLIND_DRAIN_MS, PROBE_DEFAULTS, probeSettings } from '../../../src/node/sidecar/settings.ts';
import { SIDECAR_FLAGS, type SidecarArgs, sidecarSettings } from '../../../src/node/sidecar/sidecar-flags.ts';

const page = readFileSync(new URL('../../../docs/sidecar.md', import.meta.url), 'utf8');

function defaultOf(flag: object): string {
  return 'default' in flag ? `\`${String(flag.default)}\`` : '';
}

test('docs/sidecar.md has a row for every flag of a sidecar, with its default and what it does', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `--'));
  const expected = Object.entries(SIDECAR_FLAGS).map(([name, flag]) => {
    const placeholder = 'placeholder' in flag ? ` ${flag.placeholder}` : '';
    return `| \`--${name}${placeholder}\` | ${defaultOf(flag)} | ${flag.describe} |`;
  });
  expect(rows.map((row) => row.replace('|  |', '| |'))).toEqual(expected.map((row) => row.replace('|  |', '| |')));
});

test('docs/sidecar.md shows a pod that is YAML and whose variables belong to flags', () => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const document = parseDocument(yaml);
  expect([document.errors, document.warnings]).toEqual([[], []]);
  const ofNodes = ['ROUTE', 'HOST', 'CONTEXTS', 'BALANCER'];
  const ofSidecars = Object.keys(SIDECAR_FLAGS).map((name) => name.toUpperCase().replaceAll('-', '_'));
  const named = [...page.matchAll(/MCMP_NODE_SIM_([A-Z_]+)/g)].map(([, name]) => name);
  expect(named.filter((name) => ![...ofNodes, ...ofSidecars].includes(name ?? ''))).toEqual([]);
});

const ARGS: SidecarArgs = {
  upstream: 'http://127.0.0.1:3000',
  probePath: undefined,
  probeStatus: SIDECAR_FLAGS['probe-status'].default,
  probeInterval: Number(parseDuration(SIDECAR_FLAGS['probe-interval'].default, 's')),
  probeTimeout: Number(parseDuration(SIDECAR_FLAGS['probe-timeout'].default, 's')),
  probeFall: SIDECAR_FLAGS['probe-fall'].default,
  probeRise: SIDECAR_FLAGS['probe-rise'].default,
  onSick: SIDECAR_FLAGS['on-sick'].default,
  blindDrain: Number(parseDuration(SIDECAR_FLAGS['blind-drain'].default, 's')),
};

test('the flags say the same as the settings when nothing is said', () => {
  const settings = sidecarSettings(ARGS);
  expect(settings?.blindDrainMs).toBe(DEFAULT_BLIND_DRAIN_MS);
  expect(probeSettings(settings?.probe ?? {}, ['/app'])).toEqual(probeSettings({}, ['/app']));
  expect(probeSettings({}, ['/app'])).toMatchObject({
    intervalMs: PROBE_DEFAULTS.intervalMs,
    fall: PROBE_DEFAULTS.fall,
  });
});

test('what the flags say arrives in the settings', () => {
  const said = { ...ARGS, probePath: '/health', probeStatus: '204', probeInterval: 1, probeTimeout: 2, probeFall: 4 };
  expect(sidecarSettings({ ...said, probeRise: 5, onSick: 'stop', blindDrain: 6 })).toEqual({
    upstream: ARGS.upstream,
    probe: { path: '/health', status: [[204, 204]], intervalMs: 1, timeoutMs: 2, fall: 4, rise: 5 },
    onSick: 'stop',
    blindDrainMs: 6,
  });
  expect(sidecarSettings({ ...ARGS, upstream: undefined })).toBeUndefined();
});
