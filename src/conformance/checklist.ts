/** How many lines each group of the reference's checklist has (§11); its lines are called `GROUP-01`, `GROUP-02`, … */
const GROUPS = {
  'MCMP-WIRE': 41,
  'MCMP-CONFIG': 57,
  'MCMP-APP': 41,
  'MCMP-STATUS': 22,
  'MCMP-PING': 13,
  'MCMP-VER': 3,
  'MCMP-INFO': 13,
  'MCMP-DUMP': 7,
  'MCMP-ROUTE': 21,
  'MCMP-STICKY': 22,
  'MCMP-LB': 10,
  'MCMP-FAIL': 12,
  'MCMP-HEALTH': 8,
  'MCMP-PROXY': 18,
  'MCMP-ADV': 15,
  'MCMP-MGR': 10,
  'MCMP-STATE': 9,
  NODE: 64,
} as const;

function linesOf(isOne: (group: string) => boolean): readonly string[] {
  return Object.entries(GROUPS)
    .filter(([group]) => isOne(group))
    .flatMap(([group, count]) =>
      Array.from({ length: count }, (_, index) => `${group}-${String(index + 1).padStart(2, '0')}`),
    );
}

/** Lines about balancers. */
export const BALANCER_LINES: readonly string[] = linesOf((group) => group !== 'NODE');

/** Lines about nodes. */
export const NODE_LINES: readonly string[] = linesOf((group) => group === 'NODE');
