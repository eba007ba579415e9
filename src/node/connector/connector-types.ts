import { UsageError } from '../../core/errors.ts';
import { CONNECTOR_TYPES, type ConnectorTypeRow } from '../../core/mcmp/connector-types.ts';
import { closestName } from '../../core/suggest.ts';
import type { ConnectorOptions } from './types.ts';

/** @throws UsageError when there is no such type, or what it needs is missing, or it has no use for what was given */
export function connectorTypeOf({ type = 'http', tls, ajp }: ConnectorOptions): ConnectorTypeRow {
  const row = CONNECTOR_TYPES.get(type);
  if (row === undefined) {
    const names = [...CONNECTOR_TYPES.keys()];
    const hint = `The types: ${names.join(', ')}.`;
    const meant = closestName(type, names);
    throw new UsageError(`there is no connector of type ${JSON.stringify(type)}`, {
      hint: meant === undefined ? hint : `Did you mean ${meant}? ${hint}`,
    });
  }
  if (row.isEncrypted && tls === undefined) {
    throw new UsageError(`a connector of type ${type} needs a certificate and its key`, {
      hint: 'mcmp certs dev DIR makes some for trying things out.',
    });
  }
  if (!row.isEncrypted && tls !== undefined) {
    throw new UsageError(`a connector of type ${type} has no use for a certificate`, { hint: 'https and wss do.' });
  }
  if (row.speaks !== 'ajp' && ajp !== undefined) {
    throw new UsageError(`a connector of type ${type} has no use for settings of AJP`, { hint: 'ajp does.' });
  }
  return row;
}
