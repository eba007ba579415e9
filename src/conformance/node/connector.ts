import { CPING, CPONG } from '../../core/ajp/index.ts';
import { NotHere } from '../verdict.ts';
import type { NodeStage } from './stage.ts';

/** Where a node says that its connector is, and what is spoken there. */
export interface ConnectorAddress {
  /** `host:port`. */
  readonly place: string;
  /** In lower case. */
  readonly type: string;
}

/** What CONFIG says of it; what it leaves out is what httpd takes for granted (reference §2.1). */
export function connectorOf(config: ReadonlyMap<string, string>): ConnectorAddress {
  const place = `${config.get('Host') ?? 'localhost'}:${config.get('Port') ?? '8009'}`;
  return { place, type: (config.get('Type') ?? 'ajp').toLowerCase() };
}

/** The address as a URL. @throws NotHere when a node of this type does not speak HTTP */
export function httpUrlOf({ place, type }: ConnectorAddress): URL {
  if (type === 'ajp') throw new NotHere('the node speaks ajp');
  return new URL(`${type === 'https' || type === 'wss' ? 'https' : 'http'}://${place}`);
}

/**
 * Whether somebody answers CPING at an address (reference §5.2). A node does so whatever its secret is.
 * @throws Deviation `fail` when no connection can be had, or nothing comes
 */
export async function answersCping(stage: NodeStage, { place }: ConnectorAddress): Promise<boolean> {
  const connection = await stage.open(new URL(`http://${place}`));
  connection.write(CPING);
  const answer = await connection.until('CPONG (41 42 00 01 09)', (received) => received.length >= CPONG.length);
  connection.close();
  return answer === CPONG.toString('latin1');
}
