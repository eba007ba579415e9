import { UsageError } from '../../core/errors.ts';
import { CONNECTOR_TYPES } from '../../core/mcmp/connector-types.ts';
import { type FaultConnector, type FaultName, faultRow } from './table.ts';

/** What the types of connectors have in common, as far as faults go. */
const SPOKEN_BY: ReadonlyMap<string, ReadonlySet<FaultConnector>> = new Map(
  Array.from(CONNECTOR_TYPES, ([name, { speaks, isEncrypted }]) => [
    name,
    new Set<FaultConnector>(isEncrypted ? [speaks, 'tls'] : [speaks]),
  ]),
);

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
