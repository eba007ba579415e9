import { expect, it } from 'vitest';
import { balancerOptions, options } from '../../commands/serve.ts';
import { DEFAULT_OPTIONS } from '../../src/balancer/options.ts';
import { typedArgs } from '../../src/cli/command.ts';
import { resolveSettings } from '../../src/cli/settings.ts';

it('mcmp serve without flags is the balancer of a library user who changes nothing', () => {
  const settings = resolveSettings(options, undefined, { flags: new Map(), environment: {}, file: undefined });
  const values = new Map([...settings].map(([name, { value }]) => [name, value]));
  expect(balancerOptions(typedArgs(options, undefined, values), () => undefined)).toEqual(DEFAULT_OPTIONS);
});
