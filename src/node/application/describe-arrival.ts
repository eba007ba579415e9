import type { AjpAttribute } from '../../core/ajp/index.ts';
import { textOf } from '../../core/mcmp/bytes.ts';
import type { Arrival } from '../connector/arrival.ts';

/** What a balancer said besides HTTP, for the JSON of an answer; nothing when there was nothing besides. */
export function describeArrival(arrival: Arrival | undefined): object {
  if (arrival === undefined) return {};
  if (arrival.kind === 'tls') {
    const { kind: _kind, ...tls } = arrival;
    return { tls };
  }
  const { request, secret } = arrival;
  return {
    ajp: {
      protocol: textOf(request.protocol),
      uri: textOf(request.uri),
      remoteAddress: textOf(request.remoteAddress),
      remoteHost: request.remoteHost === null ? null : textOf(request.remoteHost),
      serverName: textOf(request.serverName),
      serverPort: request.serverPort,
      isSsl: request.isSsl,
      secret,
      attributes: request.attributes.filter(({ name }) => name !== 'secret').map(describeAttribute),
    },
  };
}

/** In the order in which they came; those with names of their own have these. */
function describeAttribute(attribute: AjpAttribute): readonly [name: string, value: string] {
  const name = attribute.name === 'req_attribute' ? textOf(attribute.key) : attribute.name;
  return [name, textOf(attribute.value)];
}
