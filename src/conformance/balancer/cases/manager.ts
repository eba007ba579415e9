import { readInfo } from '../../../core/mcmp/info.ts';
import { outcome, said } from '../../case.ts';
import type { JudgedDialect, PerDialect } from '../../dialects.ts';
import { inHttpd } from '../../dialects.ts';
import { NEEDS } from '../../needs.ts';
import { Deviation, demand, demandEqual, NotHere } from '../../verdict.ts';
import { statusInInfo } from '../looks.ts';
import { askPage, isHtml, pageNonce, pageWords } from '../manager-page.ts';
import { type BalancerTrial, balancerCase, type TrialNode } from '../trial.ts';

const PAGE = { tags: ['manager'], needs: ['manager'] } as const;
const COMMANDS = { tags: ['manager'], needs: ['manager', 'manager-commands'] } as const;

const REFRESH = outcome('Refresh: 10 for 0, and 30 for 30', 'Refresh');

const DISABLED = outcome('every context of the node is DISABLED', { status: 'DISABLED', failed: false });

/** The manager page (reference §8, checklist §11.14). */
export const MANAGER_CASES = [
  balancerCase({
    id: 'manager/page',
    requirement:
      'GET of the manager page is answered with HTML that names each node; the page takes nothing from MCMP.',
    level: 'may',
    lines: ['MCMP-MGR-01', 'MCMP-MGR-09'],
    spec: '8.1',
    ...PAGE,
    expected: {
      mcmp: outcome('HTML with the JVMRoute; PUT is refused', 'PUT'),
      ...inHttpd(outcome('HTML with the JVMRoute; PUT is refused', 'PUT')),
      undertow: outcome('HTML with the JVMRoute; MCMP goes on at the same address', 'INFO'),
    },
    async run(trial, { value }) {
      const node = await trial.node();
      // A page of ours has room for so many nodes, and takes a filter; others read over an argument without nonce.
      const page = await askPage(trial, { query: `filter=${node.route}` });
      demand(isHtml(page) && page.body.includes(node.route), `200, HTML with ${node.route}`, () => pageWords(page));
      const other = await askPage(trial, { method: value });
      if (value === 'PUT') demand(other.status >= 400, 'PUT refused', () => pageWords(other));
      else demandShown(other.body, node, () => pageWords(other));
    },
  }),
  balancerCase({
    id: 'manager/info-without-nonce',
    requirement:
      'Without a nonce, INFO by the page is what the dialect says: the page as if nothing had been asked, or INFO.',
    level: 'may',
    lines: ['MCMP-MGR-02', 'MCMP-MGR-10'],
    spec: '8.1',
    ...PAGE,
    expected: {
      mcmp: outcome('INFO, as it changes nothing', 'INFO'),
      ...inHttpd(outcome('the page', 'page')),
      undertow: outcome('the page', 'page'),
    },
    async run(trial, { words, value }) {
      const node = await trial.node();
      const answer = await askPage(trial, { query: 'Cmd=INFO' });
      if (value === 'page') demand(isHtml(answer), words, () => pageWords(answer));
      else demandShown(answer.body, node, () => pageWords(answer));
    },
  }),
  balancerCase({
    id: 'manager/info-with-nonce',
    requirement: 'With the nonce of the page, `Cmd=INFO` is answered with INFO, in the form that Accept asks for.',
    level: 'may',
    lines: ['MCMP-MGR-03'],
    spec: '8.1',
    ...PAGE,
    expected: {
      mcmp: outcome('INFO as text, and as XML for Accept: text/xml; no nonce is needed', { nonce: false, xml: true }),
      ...inHttpd(outcome('INFO as text, and as XML for Accept: text/xml', { nonce: true, xml: true })),
      undertow: outcome('INFO as text, whatever Accept says', { nonce: true, xml: false }),
    },
    async run(trial, { value }, dialect) {
      readsArguments(trial, dialect);
      const node = await trial.node();
      const nonce = await pageNonce(trial);
      if (value.nonce) demand(nonce !== '', 'a nonce in the links of the page', 'there is none');
      const query = `${nonce}Cmd=INFO`;
      const text = await askPage(trial, { query });
      demandShown(text.body, node, () => pageWords(text));
      const other = await askPage(trial, { query, headers: [['Accept', 'text/xml']] });
      if (value.xml) demand(/^<\?xml /.test(other.body), 'XML for Accept: text/xml', () => pageWords(other));
      else demandShown(other.body, node, () => pageWords(other));
    },
  }),
  balancerCase({
    id: 'manager/range-node',
    requirement: 'With the nonce, DISABLE-APP for Range=NODE disables every context of the node.',
    level: 'may',
    lines: ['MCMP-MGR-04'],
    spec: '8.1',
    ...COMMANDS,
    expected: {
      mcmp: DISABLED,
      'httpd-2': outcome('`Command failed` on the page, and nothing changes', { status: 'ENABLED', failed: true }),
      'httpd-1.3': DISABLED,
      undertow: DISABLED,
    },
    async run(trial, { value }) {
      const contexts = [trial.context(), trial.context()];
      const node = await trial.node({ contexts });
      const query = `Cmd=DISABLE-APP&Range=NODE&JVMRoute=${node.route}`;
      const answer = await askPage(trial, { query: `${await neededNonce(trial)}${query}` });
      if (value.failed) demand(/Command failed/.test(answer.body), 'Command failed', () => pageWords(answer));
      for (const context of contexts) {
        demandEqual(`status of ${context}`, await statusInInfo(trial, node.route, context), value.status);
      }
    },
  }),
  balancerCase({
    id: 'manager/range-context',
    requirement: 'With the nonce, DISABLE-APP for Range=CONTEXT disables that context and no other.',
    level: 'may',
    lines: ['MCMP-MGR-05'],
    spec: '8.1',
    ...COMMANDS,
    expected: commands(said('that context is DISABLED, the other one stays ENABLED')),
    async run(trial) {
      const [one, other] = [trial.context(), trial.context()];
      const node = await trial.node({ contexts: [one, other] });
      await askPage(trial, { query: `${await neededNonce(trial)}${disabling(node)}` });
      demandEqual(`status of ${one}`, await statusInInfo(trial, node.route, one), 'DISABLED');
      demandEqual(`status of ${other}`, await statusInInfo(trial, node.route, other), 'ENABLED');
    },
  }),
  balancerCase({
    id: 'manager/wrong-nonce',
    requirement: 'A command with a nonce that is wrong, or with none, changes nothing.',
    level: 'may',
    lines: [],
    spec: '8.1',
    tags: ['manager', 'security'],
    needs: ['manager', 'manager-commands'],
    expected: commands(said('the context stays ENABLED')),
    async run(trial) {
      const node = await trial.node();
      for (const nonce of ['', 'nonce=&', 'nonce=00000000-0000-4000-8000-000000000000&']) {
        await askPage(trial, { query: `${nonce}${disabling(node)}` });
        demandEqual(
          `status after ${nonce || 'no nonce'}`,
          await statusInInfo(trial, node.route, node.context),
          'ENABLED',
        );
      }
    },
  }),
  balancerCase({
    id: 'manager/read-only',
    requirement: 'Where commands by the page are not allowed, they change nothing, whatever nonce they have.',
    level: 'may',
    lines: ['MCMP-MGR-06'],
    spec: '8.1',
    tags: ['manager', 'security'],
    needs: ['manager', 'manager-read-only'],
    expected: { mcmp: said('the context stays ENABLED'), ...inHttpd(said('the context stays ENABLED')) },
    async run(trial) {
      const node = await trial.node();
      const nonce = await pageNonce(trial);
      await askPage(trial, { query: `${nonce}${disabling(node)}` });
      await askPage(trial, { query: `${nonce}Cmd=DISABLE-APP&Range=NODE&JVMRoute=${node.route}` });
      demandEqual('status of the context', await statusInInfo(trial, node.route, node.context), 'ENABLED');
    },
  }),
  balancerCase({
    id: 'manager/refresh',
    requirement: '`Refresh` makes the page load itself anew, not more often than every second that makes sense.',
    level: 'may',
    lines: ['MCMP-MGR-07'],
    spec: '8.1',
    ...PAGE,
    // Undertow knows this argument in lower case only (measured).
    expected: { mcmp: REFRESH, ...inHttpd(REFRESH), undertow: outcome(REFRESH.words, 'refresh') },
    async run(trial, { value }, dialect) {
      readsArguments(trial, dialect);
      const nonce = await pageNonce(trial);
      for (const [asked, given] of [
        ['0', '10'],
        ['30', '30'],
      ] as const) {
        const answer = await askPage(trial, { query: `${nonce}${value}=${asked}` });
        demandEqual(`Refresh of ?${value}=${asked}`, answer.headers.get('refresh') ?? 'no such header', given);
      }
    },
  }),
  balancerCase({
    id: 'manager/argument-without-equals',
    requirement: 'An argument of the page without `=` is a bad request.',
    level: 'may',
    lines: ['MCMP-MGR-08'],
    spec: '8.1',
    ...PAGE,
    expected: { mcmp: said('400'), ...inHttpd(said('400')) },
    async run(trial) {
      const answer = await askPage(trial, { query: 'Cmd' });
      if (answer.status === 400) return;
      throw new Deviation(answer.status > 400 ? 'wrong-code' : 'fail', '400', pageWords(answer));
    },
  }),
];

/** Dialects whose page carries commands out. */
function commands<E>(expectation: E): PerDialect<E> {
  return { mcmp: expectation, ...inHttpd(expectation), undertow: expectation };
}

function disabling({ route, alias, context }: TrialNode): string {
  return `Cmd=DISABLE-APP&Range=CONTEXT&JVMRoute=${route}&Alias=${alias}&Context=${context}`;
}

/** @throws NotHere for Undertow with `checkNonce` off, which then reads no argument at all (reference §12.3.13) */
function readsArguments(trial: BalancerTrial, dialect: JudgedDialect): void {
  if (dialect === 'undertow' && !trial.features.has('manager-commands')) {
    throw new NotHere(
      `Undertow reads arguments of the page with checkNonce on alone: ${NEEDS['manager-commands'].how}`,
    );
  }
}

async function neededNonce(trial: BalancerTrial): Promise<string> {
  const nonce = await pageNonce(trial);
  demand(nonce !== '', 'a nonce in the links of the page', 'there is none');
  return nonce;
}

/** @throws Deviation unless the text is INFO and names the node */
function demandShown(text: string, { route }: TrialNode, actual: () => string): void {
  const { info, problems } = readInfo(text);
  const isInfo = problems.length === 0 && info.nodes.some(({ name }) => name === route);
  demand(isInfo, `INFO that names ${route}`, actual);
}
