import type { McmpClientTls } from '../../client/index.ts';
import { createMcmpClient } from '../../client/index.ts';
import { McmpError } from '../../core/errors.ts';
import { JUDGED_DIALECTS, type JudgedDialect } from '../dialects.ts';

/** Rows that are about to go: nodes of an earlier run, and what httpd calls a node that was removed. */
const LEFT_BEHIND = /^(cfr-[0-9a-z]+-\d+-\d+|REMOVED)$/;

/** What a balancer is, before it is judged. */
export interface Recognised {
  readonly dialect: JudgedDialect;
  /** False: its brand is not known, and it is judged as `mcmp`, leniently where dialects differ. */
  readonly certain: boolean;
  /** How it calls itself; empty when it does not. */
  readonly calls: string;
  readonly isEmpty: boolean;
  /** Routes of the nodes that others use. */
  readonly nodes: readonly string[];
}

/**
 * Asks a balancer who it is, and looks whether it is in use. Only INFO, DUMP and VERSION are sent.
 * @param wanted the dialect that was asked for; undefined: the one that is recognised
 * @throws McmpError when it cannot be reached or does not receive MCMP
 */
export async function recogniseBalancer(
  url: URL,
  wanted: JudgedDialect | undefined,
  options: { readonly tls: McmpClientTls; readonly timeoutMs: number },
): Promise<Recognised> {
  const client = createMcmpClient(url, options);
  try {
    const { brand, version, info, dump } = await client.readState();
    const recognised = JUDGED_DIALECTS.find((name) => name === brand);
    return {
      dialect: wanted ?? recognised ?? 'mcmp',
      certain: wanted !== undefined || recognised !== undefined,
      calls: brand === 'unknown' ? '' : `${brand}${version === '' ? '' : ` ${version}`}`,
      isEmpty: info.nodes.length === 0 && dump.balancers.length === 0,
      nodes: info.nodes.map(({ name }) => name).filter((name) => !LEFT_BEHIND.test(name)),
    };
  } catch (error) {
    // An INFO that nobody can read is for the cases to find; anything else is no MCMP at all.
    if (!(error instanceof McmpError) || error.code !== 'MCMP_BROKEN_ANSWER') throw error;
    return { dialect: wanted ?? 'mcmp', certain: wanted !== undefined, calls: '', isEmpty: false, nodes: [] };
  } finally {
    await client.close();
  }
}
