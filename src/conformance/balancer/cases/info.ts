import { outcome, said } from '../../case.ts';
import { inAll, inHU } from '../../dialects.ts';
import { Deviation, demand, demandEqual } from '../../verdict.ts';
import { answerWords } from '../answers.ts';
import { loadInInfo } from '../looks.ts';
import { type BalancerTrial, balancerCase, WHOLE_NODE } from '../trial.ts';

const LINE_KINDS = ['Node: ', 'Vhost: ', 'Context: '];

/** The line of a node as INFO writes it (reference §2.6); names that could hold a comma are ours. */
function nodeGrammar(route: string, balancer: string): RegExp {
  const number = '-?[0-9]+';
  const settings = `Flushpackets: (On|Off|Auto),Flushwait: ${number},Ping: ${number},Smax: ${number},Ttl: ${number}`;
  const counters = `Elected: ${number},Read: ${number},Transfered: ${number},Connected: ${number},Load: ${number}`;
  const place = `LBGroup: [^,]*,Host: [^,]*,Port: ${number},Type: [a-z]+`;
  return new RegExp(`^Node: \\[[0-9]+\\],Name: ${route},Balancer: ${balancer},${place},${settings},${counters}$`);
}

/** Lines of INFO, without their ends. */
async function infoLines(trial: BalancerTrial): Promise<readonly string[]> {
  return (await trial.must('INFO')).body.split('\n').filter((line) => line !== '');
}

/** INFO as text (reference §2.6, checklist §11.6). */
export const INFO_CASES = [
  balancerCase({
    id: 'info/node-line',
    requirement: 'INFO begins with Node lines, each with 17 fields in their order.',
    level: 'should',
    lines: ['MCMP-INFO-01'],
    spec: '2.6',
    expected: inAll(
      said(
        'Node: [id],Name,Balancer,LBGroup,Host,Port,Type,Flushpackets,Flushwait,Ping,Smax,Ttl,Elected,Read,Transfered,Connected,Load',
      ),
    ),
    async run(trial, { words }) {
      const { route } = await trial.node();
      const lines = await infoLines(trial);
      const [first = ''] = lines;
      demand(first.startsWith('Node: ['), 'a first line that begins with `Node: [`', `the first line ${first}`);
      const mine = lines.find((line) => line.includes(`,Name: ${route},`)) ?? 'no line of the node';
      demand(nodeGrammar(route, trial.balancer).test(mine), words, mine);
    },
  }),
  balancerCase({
    id: 'info/line-ends',
    requirement: 'Every line of INFO ends with LF alone.',
    level: 'should',
    lines: ['MCMP-INFO-02'],
    spec: '2.6',
    expected: inAll(said('LF behind every line, and no CR')),
    async run(trial, { words }) {
      await trial.node();
      const answer = await trial.must('INFO');
      demand(answer.body.endsWith('\n') && !answer.body.includes('\r'), words, () => answerWords(answer));
    },
  }),
  balancerCase({
    id: 'info/order-of-lines',
    requirement: 'INFO has all Node lines before all Vhost lines, and those before all Context lines.',
    level: 'should',
    lines: ['MCMP-INFO-03'],
    spec: '2.6',
    expected: inAll(said('Node lines, then Vhost lines, then Context lines')),
    async run(trial, { words }) {
      const routes = [(await trial.node()).route, (await trial.node()).route];
      const lines = await infoLines(trial);
      const kinds = lines.map((line) => LINE_KINDS.findIndex((kind) => line.startsWith(kind)));
      const unknown = lines[kinds.indexOf(-1)];
      demand(unknown === undefined, `lines that begin with ${LINE_KINDS.join(', ')}`, `the line ${unknown}`);
      const isSorted = kinds.every((kind, index) => index === 0 || kind >= (kinds[index - 1] ?? 0));
      demand(isSorted, words, () => lines.join('\n'));
      for (const route of routes) {
        demand((await trial.contextLines(route)).length === 1, `a Context line of ${route}`, () => lines.join('\n'));
      }
    },
  }),
  balancerCase({
    id: 'info/ids-join-lines',
    requirement:
      'The first two ids of a Context line are those of its Vhost line, and the first is that of its Node line.',
    level: 'should',
    lines: ['MCMP-INFO-04'],
    spec: '2.6',
    expected: inAll(said('the same ids in the three lines')),
    async run(trial) {
      const alias = trial.alias();
      await trial.node();
      const { route, context } = await trial.node({ alias });
      const info = await trial.info();
      const node = info.nodes.find(({ name }) => name === route);
      const vhost = info.vhosts.find((one) => one.alias === alias);
      const line = info.contexts.find(({ path }) => path === context);
      demandEqual('node id of the Vhost line', vhost?.node ?? 'no line', node?.id ?? 'no Node line');
      const joined = vhost === undefined ? 'no Vhost line' : `${vhost.node}:${vhost.vhost}`;
      demandEqual('ids of the Context line', line === undefined ? 'no line' : `${line.node}:${line.vhost}`, joined);
    },
  }),
  balancerCase({
    id: 'info/vhost-slot',
    requirement: 'The third id of a Vhost line.',
    level: 'may',
    lines: ['MCMP-INFO-06'],
    spec: '2.6',
    expected: {
      mcmp: outcome('0 or more: the row', (slot: number) => slot >= 0),
      'httpd-2': outcome('0 or more: the row', (slot: number) => slot >= 0),
      'httpd-1.3': outcome('1 or more: the row', (slot: number) => slot >= 1),
      undertow: outcome('always -1', (slot: number) => slot === -1),
      nginx: outcome('1 or more: the row', (slot: number) => slot >= 1),
    },
    async run(trial, { words, value }) {
      const alias = trial.alias();
      await trial.node({ alias });
      const vhost = (await trial.info()).vhosts.find((one) => one.alias === alias);
      demand(vhost !== undefined && value(vhost.slot), words, `the third id ${vhost?.slot ?? '(no Vhost line)'}`);
    },
  }),
  balancerCase({
    id: 'info/elected',
    requirement: 'Elected grows by one with each request that the node got.',
    level: 'should',
    lines: ['MCMP-INFO-07'],
    spec: '2.6',
    needs: ['traffic'],
    expected: inHU(said('Elected grows by 5 with 5 requests')),
    async run(trial) {
      const { route, context, backend } = await trial.node();
      const before = (await trial.nodeLine(route))?.elected ?? 0;
      for (let count = 0; count < 5; count++) await trial.web(`${context}/`);
      demandEqual('requests at the node', backend.requests.length, 5);
      demandEqual('growth of Elected', ((await trial.nodeLine(route))?.elected ?? 0) - before, 5);
    },
  }),
  balancerCase({
    id: 'info/bytes',
    requirement: 'Read and Transfered never become less while requests with bodies are served.',
    level: 'should',
    lines: ['MCMP-INFO-08'],
    spec: '2.6',
    needs: ['traffic'],
    expected: inHU(said('numbers that never become less')),
    async run(trial) {
      const { route, context } = await trial.node();
      let [read, transferred] = [0, 0];
      for (let count = 0; count < 3; count++) {
        await trial.web(`${context}/`, { method: 'POST', body: 'x'.repeat(1000) });
        const line = await trial.nodeLine(route);
        const [nowRead, nowTransferred] = [line?.readBytes ?? -1, line?.transferredBytes ?? -1];
        demand(nowRead >= read, `Read: ${read} or more after request ${count + 1}`, `Read: ${nowRead}`);
        demand(
          nowTransferred >= transferred,
          `Transfered: ${transferred} or more after request ${count + 1}`,
          `Transfered: ${nowTransferred}`,
        );
        [read, transferred] = [nowRead, nowTransferred];
      }
    },
  }),
  balancerCase({
    id: 'info/load-before-status',
    requirement: 'The load that INFO shows of a node that has not sent a STATUS.',
    level: 'may',
    lines: ['MCMP-INFO-09'],
    spec: '2.6',
    expected: {
      mcmp: outcome('Load: 0', 0),
      'httpd-2': outcome('Load: 0', 0),
      undertow: outcome('Load: -1', -1),
      nginx: outcome('Load: 0', 0),
    },
    async run(trial, { value }) {
      const { route } = await trial.node({ contexts: [], load: null });
      demandEqual('Load in INFO', await loadInInfo(trial, route), value);
    },
  }),
  balancerCase({
    id: 'info/removed-node',
    requirement: 'The line of a removed node is called REMOVED, without a group, until its row is free.',
    level: 'may',
    lines: ['MCMP-INFO-10'],
    spec: '3.6',
    needs: ['patience'],
    deadlineMs: 60_000,
    expected: { 'httpd-2': said('Name: REMOVED and an empty LBGroup in the row that was its') },
    async run(trial) {
      const { route } = await trial.node({ config: { Domain: trial.domain() } });
      const id = (await trial.nodeLine(route))?.id;
      await trial.must('REMOVE-APP', { JVMRoute: route }, WHOLE_NODE);
      const removed = await trial.until(
        'the row of the removed node is called REMOVED',
        async () => (await trial.info()).nodes.find((node) => node.id === id && node.name === 'REMOVED'),
        45_000,
      );
      demandEqual('LBGroup of the row', removed.domain, '');
    },
  }),
  balancerCase({
    id: 'info/one-node',
    requirement: 'INFO with the header MCMP-Route tells of that node alone.',
    level: 'may',
    lines: [],
    spec: '2.6',
    expected: { mcmp: said('the lines of the node that the header names, and no others') },
    async run(trial, { words }) {
      await trial.node();
      const { route, context, alias } = await trial.node();
      const answer = await trial.must('INFO', '', { headers: [['MCMP-Route', route]] });
      const lines = answer.body.split('\n');
      const isMine =
        lines.length === 4 &&
        nodeGrammar(route, trial.balancer).test(lines[0] ?? '') &&
        (lines[1] ?? '').endsWith(`, Alias: ${alias}`) &&
        (lines[2] ?? '').endsWith(`, Context: ${context}, Status: ENABLED`);
      if (!isMine) throw new Deviation('fail', words, answerWords(answer));
    },
  }),
];
