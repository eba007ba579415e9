import type { JudgedDialect } from '../../src/conformance/dialects.ts';
import type { CaseResult } from '../../src/conformance/result.ts';
import type { Verdict } from '../../src/conformance/verdict.ts';

/** Something that our emulation of another dialect does not do as that one does, on purpose. */
interface DeliberateDifference {
  readonly id: string;
  readonly dialects: readonly JudgedDialect[];
  readonly verdict: Verdict;
  readonly why: string;
}

const ONE_PAGE =
  'The manager page is for people, and the same in every dialect; docs/manager-page.md says where it differs.';

/**
 * What `--dialect` leaves as it is: it changes what a node under test can observe, not how web requests are carried. Our
 * own dialect has no row here.
 */
const DELIBERATE: readonly DeliberateDifference[] = [
  { id: 'manager/info-without-nonce', dialects: ['httpd-2', 'httpd-1.3', 'undertow'], verdict: 'fail', why: ONE_PAGE },
  { id: 'manager/info-with-nonce', dialects: ['httpd-2', 'httpd-1.3'], verdict: 'fail', why: ONE_PAGE },
  { id: 'manager/range-node', dialects: ['httpd-2'], verdict: 'fail', why: ONE_PAGE },
  {
    id: 'routing/only-node-in-error',
    dialects: ['nginx'],
    verdict: 'wrong-code',
    why: 'The balancer answers clients in its own words: 503 says what 502 of nginx does not, that nobody was asked.',
  },
  {
    id: 'fail-over/only-node-dead',
    dialects: ['nginx'],
    verdict: 'wrong-code',
    why: 'As above.',
  },
  {
    id: 'fail-over/get-repeated',
    dialects: ['httpd-2', 'httpd-1.3'],
    verdict: 'non-strict',
    why: 'A GET may be repeated (RFC 9110 §9.2.2); that no client sees the failure is worth more than httpd says.',
  },
  {
    id: 'proxy/x-forwarded',
    dialects: ['httpd-2', 'httpd-1.3', 'undertow'],
    verdict: 'fail',
    why: 'The node is told the same in every dialect: -For, -Proto and -Host; -Port and -Server say nothing more.',
  },
  {
    id: 'proxy/x-forwarded-for-of-client',
    dialects: ['httpd-2', 'httpd-1.3'],
    verdict: 'non-strict',
    why: 'What a client claims about itself is believed of the proxies in --trust-proxy alone.',
  },
  {
    id: 'proxy/expect-added',
    dialects: ['httpd-2', 'httpd-1.3'],
    verdict: 'non-strict',
    why: 'A request goes on as the client wrote it; whether the node lives is found out by pings.',
  },
  {
    id: 'proxy/upgrade-to-h2c',
    dialects: ['undertow'],
    verdict: 'non-strict',
    why: 'Requests inside such a tunnel would pass the balancer unseen.',
  },
  {
    id: 'proxy/ajp-key-size',
    dialects: ['undertow'],
    verdict: 'fail',
    why: 'The integer of httpd is what Tomcat reads, and is sent in every dialect.',
  },
  {
    id: 'proxy/other-upgrade',
    dialects: ['httpd-2', 'httpd-1.3', 'nginx'],
    verdict: 'non-strict',
    why: 'The node decides what it switches to, as with WSUpgradeHeader `*` of httpd.',
  },
];

/** Whether a result is one of the deliberate differences. */
export function isDeliberate(dialect: JudgedDialect, { facts, verdict }: CaseResult): boolean {
  return DELIBERATE.some((row) => row.id === facts.id && row.dialects.includes(dialect) && row.verdict === verdict);
}

/** Whether a case passed although a row says that it must not. */
export function isOutdated(dialect: JudgedDialect, { facts, verdict }: CaseResult): boolean {
  return verdict === 'pass' && DELIBERATE.some((row) => row.id === facts.id && row.dialects.includes(dialect));
}
