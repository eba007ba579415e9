import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import type { ChalkInstance } from 'chalk';
import { PROTOCOL_VERSION } from '../core/mcmp/release.ts';
import { inColumns } from './columns.ts';
import type { Command, Example } from './command.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import type { Output } from './output.ts';

const WHAT_PEOPLE_DO: readonly Example[] = [
  ['mcmp demo', 'watch a balancer and three nodes at work'],
  ['mcmp serve', 'balance for WildFly, EAP or Tomcat'],
  ['mcmp serve --dialect httpd-2', 'try a node against the manners of httpd'],
  ['mcmp send INFO --balancer lb:6666', 'ask any balancer what it knows'],
  ['mcmp explain GET http://shop/cart', 'learn why a request goes where it goes'],
];

/** The page that introduces the program: `mcmp`, `mcmp --help`. */
export function frontPage(commands: readonly Command[], style: ChalkInstance): readonly string[] {
  const flags = Object.entries(GLOBAL_OPTIONS).map(([name, { describe }]) => [`--${name}`, describe] as const);
  const codes = Object.values(EXIT_CODES).map(({ code, meaning }) => [`${code}`, meaning] as const);
  const section = (heading: string, rows: readonly string[]): readonly string[] => ['', style.bold(heading), ...rows];
  return [
    `${style.bold('mcmp')}: tools for the Mod-Cluster Management Protocol`,
    '',
    'A load balancer that application servers register with by themselves, and what is',
    'needed to look into any other one: httpd with mod_proxy_cluster, Undertow, nginx.',
    ...section('What people do with it', inColumns(WHAT_PEOPLE_DO, style.cyan)),
    ...section('Commands', inColumns(commands.map(({ name, summary }) => [name, summary]))),
    ...section('Everywhere', inColumns(flags)),
    ...section('Exit codes', inColumns([...codes, ['128+n', 'ended by signal n']])),
    '',
    'mcmp COMMAND --help has examples and every option. README.md and docs/ say more.',
  ];
}

/** Answers `mcmp --version`. */
export function versionPage(out: Output, json: boolean): void {
  const mcmp = packageVersion();
  const node = process.versions.node;
  if (json) out.json({ schemaVersion: 1, mcmp, node, protocol: PROTOCOL_VERSION });
  else out.line(`mcmp ${mcmp}, Node ${node}, protocol ${PROTOCOL_VERSION}`);
}

/** Found through the package's own name, so that it is the same from the sources and from what was built of them. */
function packageVersion(): string {
  const path = createRequire(import.meta.url).resolve('mcmp/package.json');
  const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(version);
}
