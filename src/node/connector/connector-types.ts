import { UsageError } from '../../core/errors.ts';
import { closestName } from '../../core/suggest.ts';

interface ConnectorTypeRow {
  /** What the connector needs beside a host and a port; a type that needs something cannot be opened here. */
  readonly needs: string;
}

/** The types that CONFIG knows (reference §2.1), and what a connector of each takes. */
const CONNECTOR_TYPES = {
  http: { needs: '' },
  ws: { needs: '' },
  https: { needs: 'a certificate and TLS in front of HTTP' },
  wss: { needs: 'a certificate and TLS in front of HTTP' },
  ajp: { needs: '' },
} as const satisfies Record<string, ConnectorTypeRow>;

const TYPES = new Map<string, ConnectorTypeRow>(Object.entries(CONNECTOR_TYPES));

/** @throws UsageError when a node of this program cannot serve that type */
export function checkConnectorType(type: string): void {
  const row = TYPES.get(type);
  const served = [...TYPES].filter(([, { needs }]) => needs === '').map(([name]) => name);
  const hint = `Types that can be served: ${served.join(', ')}.`;
  if (row === undefined) {
    const meant = closestName(type, [...TYPES.keys()]);
    throw new UsageError(`there is no connector of type ${JSON.stringify(type)}`, {
      hint: meant === undefined ? hint : `Did you mean ${meant}? ${hint}`,
    });
  }
  if (row.needs !== '') {
    throw new UsageError(`a node of this program cannot serve ${type}: that takes ${row.needs}`, { hint });
  }
}
