import type { NodeKind } from '../../../src/conformance/node/kinds.ts';
import type { StartNode } from '../../../src/conformance/node/node-under-test.ts';
import type { Manners } from '../../../src/node/index.ts';
import { type Fault, startRelay } from './relay.ts';

/** A node of ours that is made to do one thing wrong: proof that cases can fail. */
export interface BadNode {
  /** Stable words, `topic/what-is-wrong`. */
  readonly id: string;
  /** What it does wrong, as a sentence. */
  readonly fault: string;
  readonly manners: Manners;
  readonly kind: NodeKind;
  /** Cases that must catch it. */
  readonly aims: readonly string[];
  /** Default 250. */
  readonly statusIntervalMs?: number;
  /** Made of a node of the library, in the place of a simulated one. */
  readonly isLibrary?: true;
  /** Makes the bad node of a good one. */
  readonly spoil: (good: StartNode) => StartNode;
}

/** What it says or hears goes through somebody who gets it wrong. */
export function through(fault: Fault): BadNode['spoil'] {
  return (good) => async (wishes) => {
    const relays = await Promise.all(wishes.balancers.map((url, index) => startRelay(url, index, fault)));
    const balancers = wishes.balancers.map((url, index) => {
      const instead = new URL(url);
      instead.hostname = '127.0.0.1';
      instead.port = String(relays[index]?.port ?? 0);
      return instead;
    });
    const node = await good({ ...wishes, balancers });
    return {
      ...node,
      async end() {
        await node.end();
        for (const relay of relays) relay.close();
      },
    };
  };
}

/** Rewrites the head of a message, up to its empty line. */
export function withHead(raw: string, rewrite: (head: string) => string): string {
  const at = raw.indexOf('\r\n\r\n') + 2;
  return rewrite(raw.slice(0, at)) + raw.slice(at);
}

/** Rewrites the body of a message; the length follows. */
export function withBody(raw: string, rewrite: (body: string) => string): string {
  const at = raw.indexOf('\r\n\r\n') + 4;
  const body = rewrite(raw.slice(at));
  return raw.slice(0, at).replace(/Content-Length: \d+/, `Content-Length: ${body.length}`) + body;
}
