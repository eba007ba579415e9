import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { balancerOptions, options } from '../../commands/serve.ts';
import type { BalancerOptions } from '../../src/balancer/options.ts';
import { typedArgs } from '../../src/cli/command.ts';
import { resolveSettings } from '../../src/cli/settings.ts';
import { freeAfter } from '../support/cleanup.ts';

function secretFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'mcmp-secret-'));
  freeAfter(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'secret');
  writeFileSync(file, text);
  return file;
}

function optionsOf(flags: Record<string, string>): BalancerOptions {
  const given = new Map(Object.entries(flags).map(([name, text]) => [name, [text]]));
  const settings = resolveSettings(options, undefined, { flags: given, environment: {}, file: undefined });
  const values = new Map([...settings].map(([name, { value }]) => [name, value]));
  return balancerOptions(typedArgs(options, undefined, values), () => undefined);
}

it.each([
  ['s3cret\n', 's3cret'],
  ['with spaces \r\nand a second line\n', 'with spaces '],
  ['gehéim\n', 'geh\u00c3\u00a9im'],
])('takes the first line of %j as the bytes of the AJP secret', (text, secret) => {
  expect(optionsOf({ 'ajp-secret-file': secretFile(text) }).ajpSecret).toBe(secret);
});

it.each(['', '\n', 'a\u0000b\n', `${'x'.repeat(2000)}\n`])('refuses a file that begins with %j', (text) => {
  expect(() => optionsOf({ 'ajp-secret-file': secretFile(text) })).toThrow('is no secret of AJP');
});

it('says what to do when there is no file with the AJP secret', () => {
  expect(() => optionsOf({ 'ajp-secret-file': '/nonexistent/secret' })).toThrow(
    expect.objectContaining({ code: 'MCMP_BAD_SECRET', hint: expect.stringContaining('first line') }),
  );
});

it('takes packet sizes that AJP has, and no others', () => {
  expect(optionsOf({ 'ajp-packet-size': '65536' }).ajpPacketBytes).toBe(65_536);
  for (const size of ['8191', '65537', '9000.5']) {
    expect(() => optionsOf({ 'ajp-packet-size': size })).toThrow('ajp-packet-size');
  }
});
