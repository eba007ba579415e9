/** What is believed of an application: it has never been well yet, it is well, or it is sick. */
export type Health = 'starting' | 'well' | 'sick';

/** What one probe says. */
export type ProbeResult = 'good' | 'bad';

export interface Verdict {
  readonly health: Health;
  /** Probes in a row, up to now, that speak against it. */
  readonly streak: number;
}

export interface VerdictRules {
  /** Bad probes in a row that make a well application sick. */
  readonly fall: number;
  /** Good probes in a row that make a sick application well. */
  readonly rise: number;
}

/** What changes each belief: how many results of one kind in a row, and into what. The other kind begins the count anew. */
const CHANGES: Readonly<
  Record<Health, { readonly by: ProbeResult; readonly needs: keyof VerdictRules | 1; readonly becomes: Health }>
> = {
  // The first good answer is what everybody waits for; a bad one is only what starting looks like.
  starting: { by: 'good', needs: 1, becomes: 'well' },
  well: { by: 'bad', needs: 'fall', becomes: 'sick' },
  sick: { by: 'good', needs: 'rise', becomes: 'well' },
};

export const FIRST_VERDICT: Verdict = { health: 'starting', streak: 0 };

/** What is believed after one more probe. */
export function nextVerdict({ health, streak }: Verdict, result: ProbeResult, rules: VerdictRules): Verdict {
  const { by, needs, becomes } = CHANGES[health];
  if (result !== by) return { health, streak: 0 };
  const enough = needs === 1 ? 1 : rules[needs];
  return streak + 1 >= enough ? { health: becomes, streak: 0 } : { health, streak: streak + 1 };
}
