import { UsageError } from '../../core/errors.ts';
import { type FaultConnector, type FaultName, faultRow } from './table.ts';

/** What the types of connectors (CONFIG, reference §2.1) have in common, as far as faults go. */
const SPOKEN_BY: ReadonlyMap<string, ReadonlySet<FaultConnector>> = new Map<string, ReadonlySet<FaultConnector>>([
  ['http', new Set(['http'])],
  ['ws', new Set(['http'])],
  ['https', new Set(['http', 'tls'])],
  ['wss', new Set(['http', 'tls'])],
  ['ajp', new Set(['ajp'])],
]);

const ABOUT: Readonly<Record<FaultConnector, string>> = {
  http: 'is about HTTP',
  ajp: 'is about AJP',
  tls: 'is about TLS',
};

/**
 * A fault that can never strike would be waited for in vain.
 *
 * @param type of the nodes' connectors
 * @throws UsageError `MCMP_FAULT` when nodes of that type cannot have the fault
 */
export function checkFaultFits(fault: FaultName, type: string): void {
  const { connector } = faultRow(fault);
  if (connector === undefined || SPOKEN_BY.get(type)?.has(connector) !== false) return;
  const types = [...SPOKEN_BY].filter(([, spoken]) => spoken.has(connector)).map(([name]) => name);
  throw new UsageError(`the fault ${fault} ${ABOUT[connector]}, and the nodes are of type ${type}`, {
    code: 'MCMP_FAULT',
    hint: `It is for nodes of type ${types.join(', ')}.`,
  });
}
