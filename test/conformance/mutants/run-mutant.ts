import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BalancerCase } from '../../../src/conformance/balancer/trial.ts';
import type { JudgedDialect } from '../../../src/conformance/dialects.ts';
import type { CaseResult } from '../../../src/conformance/result.ts';
import { VERDICTS } from '../../../src/conformance/verdict.ts';
import { testCertificates } from '../../support/certificates.ts';
import { judge } from '../judge.ts';
import type { Mutant } from './mutant.ts';
import { createMutatedProgram, startBalancerProcess } from './mutated-program.ts';

/** A mutant may leave every case without an answer: then each costs its whole deadline. */
const DEADLINE_FACTOR = 1;

/** How a balancer is started and what is said of it: mutants that agree in it are compared with the same healthy one. */
export interface Setting {
  /** Expectations of another dialect than the one that is served. */
  readonly judgedAs?: JudgedDialect;
  readonly dialect: JudgedDialect;
  readonly flags: readonly string[];
  readonly features: readonly (readonly [string, string])[];
  readonly oneAddress: boolean;
  readonly encrypted: boolean;
}

export function settingOf({
  dialect = 'mcmp',
  flags = [],
  features = [],
  oneAddress,
  encrypted,
}: Pick<Mutant, 'dialect' | 'flags' | 'features' | 'oneAddress' | 'encrypted'>): Setting {
  const known = [
    ['manager', '/mod_cluster-manager'],
    ['websocket', ''],
  ] as const;
  return {
    dialect,
    flags,
    oneAddress: oneAddress === true,
    encrypted: encrypted === true,
    features: [...known, ...features],
  };
}

/**
 * Judges a balancer in a process of its own: a mutant, or without one the healthy program.
 * @returns the results of the cases, in their order
 */
export async function judgeMutant(
  mutant: Mutant | undefined,
  { dialect, judgedAs = dialect, flags, features, oneAddress, encrypted }: Setting,
  cases: readonly BalancerCase[],
): Promise<readonly CaseResult[]> {
  const program = createMutatedProgram(mutant);
  try {
    const words = ['--dialect', dialect, ...flags, ...(encrypted ? tlsFlags(program.folder) : [])];
    const balancer = await startBalancerProcess(program.main, words, oneAddress);
    try {
      return await judge(
        {
          mcmpUrl: new URL(`http://${balancer.mcmp}`),
          trafficUrl: new URL(`${encrypted ? 'https' : 'http'}://${balancer.listen}`),
          tls: encrypted ? { ca: testCertificates().ca } : {},
          features: new Map(features),
          restart: balancer.restart,
        },
        judgedAs,
        cases,
        DEADLINE_FACTOR,
      );
    } finally {
      await balancer.stop();
    }
  } finally {
    program.remove();
  }
}

/** Writes a certificate and its key into the folder. */
function tlsFlags(folder: string): readonly string[] {
  const { certPem, keyPem } = testCertificates().server;
  const [cert, key] = [join(folder, 'server.pem'), join(folder, 'server.key')];
  writeFileSync(cert, certPem);
  writeFileSync(key, keyPem, { mode: 0o600 });
  return ['--listen-tls', `${cert},${key}`];
}

/** Ids of the cases that found something. */
export function caught(results: readonly CaseResult[]): string[] {
  return results
    .filter(({ verdict }) => VERDICTS[verdict].fails || verdict === 'non-strict')
    .map(({ facts }) => facts.id);
}
