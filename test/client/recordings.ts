import type { HttpAnswer } from '../../src/client/answer.ts';
import { type Balancer, balancerRecordings, bodyOf } from '../support/recordings.ts';
import { type BalancerReaction, type ScriptedBalancer, startScriptedBalancer } from '../support/scripted-balancer.ts';

export const BRAND_NAMES = ['httpd-2', 'undertow', 'nginx'] as const;

const RECORDED: Readonly<Record<RecordedBrand, Balancer>> = {
  'httpd-2': 'mod_proxy_cluster-2.0.0.Dev',
  undertow: 'undertow-2.3.27.Final',
  nginx: 'nginx_mod_cluster_module',
};

export type RecordedBrand = (typeof BRAND_NAMES)[number];

/** What a real balancer was asked and what it said. */
export interface Recorded {
  readonly file: string;
  readonly method: string;
  readonly target: string;
  readonly accept: string;
  readonly body: string;
  /** Undefined: it closed the connection without a word. */
  readonly answer:
    | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
    | undefined;
}

/** All exchanges recorded with one brand, in their order. */
export function recordingsOf(brand: RecordedBrand): Recorded[] {
  return balancerRecordings(RECORDED[brand]).flatMap(({ file, exchanges }) =>
    exchanges.map(({ request, response }) => ({
      file,
      method: request.method,
      target: request.uri,
      accept: request.headers?.['Accept'] ?? '',
      body: bodyOf(request),
      answer:
        response.status === undefined
          ? undefined
          : { status: response.status, headers: response.headers ?? {}, body: response.body ?? '' },
    })),
  );
}

/** A recorded answer as the client returns it. */
export function asAnswer({ method, target, answer }: Recorded): HttpAnswer | undefined {
  if (answer === undefined) return undefined;
  const headers = new Map(Object.entries(answer.headers));
  return { method, target, status: answer.status, statusText: '', headers, body: answer.body, elapsedMs: 1 };
}

/**
 * A real server that says what a brand said in one recorded file, each answer the way that brand sends it (Undertow closes
 * after each). A command that was asked several times gets the answers in turn, the last one for good.
 */
export async function startRecordedBalancer(
  brand: RecordedBrand,
  file: string,
  only?: (one: Recorded) => boolean,
): Promise<ScriptedBalancer> {
  const exchanges = recordingsOf(brand).filter((one) => one.file === file && (only?.(one) ?? true));
  const turns = new Map<string, number>();
  return startScriptedBalancer(({ method, headers }): BalancerReaction => {
    const accept = headers.get('accept') === 'text/xml' ? 'text/xml' : '';
    const known = exchanges.filter((one) => one.method === method && one.accept === accept);
    const turn = turns.get(method + accept) ?? 0;
    turns.set(method + accept, turn + 1);
    const { answer } = known[Math.min(turn, known.length - 1)] ?? {};
    if (known.length === 0) return { status: 404 };
    if (answer === undefined) return 'close';
    const { 'content-length': _, ...sent } = answer.headers;
    return { ...answer, headers: { ...sent, ...(brand === 'undertow' ? { Connection: 'close' } : {}) } };
  });
}

/** The same, saying of its tables only what it said last in that file. */
export function startLastRecorded(
  brand: RecordedBrand,
  file = '05-two-nodes-many-contexts.json',
): Promise<ScriptedBalancer> {
  const told = recordingsOf(brand).filter((one) => one.file === file && one.accept === '' && one.answer?.body !== '');
  const kept = ['INFO', 'DUMP'].map((method) => JSON.stringify(told.findLast((one) => one.method === method)));
  return startRecordedBalancer(brand, file, (one) => kept.includes(JSON.stringify(one)));
}
