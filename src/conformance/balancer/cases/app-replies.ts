import { outcome, said } from '../../case.ts';
import { inAll } from '../../dialects.ts';
import { Deviation, demandEqual } from '../../verdict.ts';
import { accepted, answerWords } from '../answers.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';

/** What a command was about, as its answer may name it. */
interface About {
  readonly method: string;
  readonly route: string;
  readonly alias: string;
  readonly context: string;
}

const EMPTY = outcome<(about: About) => string>('an empty body', () => '');
const REPORT = outcome<(about: About) => string>(
  '`Type=COMMAND-RSP` `JvmRoute=R` `Alias=A Contexts=C`, each on a line, and an empty line',
  ({ method, route, alias, context }) =>
    `Type=${method}-RSP\nJvmRoute=${route}\nAlias=${alias} Contexts=${context}\n\n`,
);

/** Requests in flight, as the answer to STOP-APP counts them. */
async function requestsInFlight(trial: BalancerTrial, about: Omit<About, 'method'>): Promise<number> {
  const fields = { JVMRoute: about.route, Alias: about.alias, Context: about.context };
  const answer = await trial.must('STOP-APP', fields);
  const [, count] = /Requests=(-?[0-9]+)\s*$/.exec(answer.body) ?? [];
  if (count === undefined) throw new Deviation('fail', 'a body that ends with Requests=N', answerWords(answer));
  return Number(count);
}

/** The answers to commands for applications (reference §2.2, checklist §11.3). */
export const APP_REPLY_CASES = [
  balancerCase({
    id: 'app/report',
    requirement: 'The answer to ENABLE-APP, DISABLE-APP and REMOVE-APP: a report of what was done, or nothing.',
    level: 'may',
    lines: ['MCMP-APP-24', 'MCMP-APP-25'],
    spec: '2.2',
    expected: { mcmp: REPORT, 'httpd-2': REPORT, 'httpd-1.3': EMPTY, undertow: EMPTY, nginx: EMPTY },
    async run(trial, { value }) {
      const { route } = await trial.node({ contexts: [] });
      const [alias, context] = [trial.alias(), trial.context()];
      for (const method of ['ENABLE-APP', 'DISABLE-APP', 'REMOVE-APP']) {
        const body = value({ method, route, alias, context });
        await trial.expect(accepted(body), method, { JVMRoute: route, Alias: alias, Context: context });
      }
    },
  }),
  balancerCase({
    id: 'app/report-of-lists',
    requirement: 'The report names each alias with all contexts that were enabled under it.',
    level: 'may',
    lines: ['MCMP-APP-24'],
    spec: '2.2',
    expected: {
      mcmp: said('a block for each alias, each with an empty line behind it'),
      'httpd-2': said('a block for each alias, each with an empty line behind it'),
    },
    async run(trial) {
      const { route } = await trial.node({ contexts: [] });
      const aliases = [trial.alias(), trial.alias()];
      const contexts = [trial.context(), trial.context()].join(',');
      const blocks = aliases.map((alias) => `\nAlias=${alias} Contexts=${contexts}\n`).join('');
      const body = `Type=ENABLE-APP-RSP\nJvmRoute=${route}${blocks}\n`;
      await trial.expect(accepted(body), 'ENABLE-APP', {
        JVMRoute: route,
        Alias: aliases.join(','),
        Context: contexts,
      });
    },
  }),
  balancerCase({
    id: 'app/report-of-nothing',
    requirement: 'The report of a REMOVE-APP that had nothing to remove names no alias.',
    level: 'may',
    lines: [],
    spec: '2.2',
    expected: {
      mcmp: said('`Type=REMOVE-APP-RSP` and `JvmRoute=R`, each on a line'),
      'httpd-2': said('`Type=REMOVE-APP-RSP` and `JvmRoute=R`, each on a line'),
    },
    async run(trial) {
      const { route } = await trial.node({ contexts: [] });
      const body = `Type=REMOVE-APP-RSP\nJvmRoute=${route}\n`;
      await trial.expect(accepted(body), 'REMOVE-APP', {
        JVMRoute: route,
        Alias: trial.alias(),
        Context: trial.context(),
      });
    },
  }),
  balancerCase({
    id: 'app/stop-reply',
    requirement: 'The answer to STOP-APP.',
    level: 'may',
    lines: ['MCMP-APP-26', 'MCMP-APP-27', 'MCMP-APP-29'],
    spec: '2.2',
    expected: {
      ...inAll(
        outcome<(about: About) => string>(
          '`Type=STOP-APP-RSP&JvmRoute=R&Alias=A&Context=C&Requests=0` and LF',
          ({ route, alias, context }) =>
            `Type=STOP-APP-RSP&JvmRoute=${route}&Alias=${alias}&Context=${context}&Requests=0\n`,
        ),
      ),
      'httpd-2': REPORT,
      'httpd-1.3': outcome<(about: About) => string>(
        '`Type=STOP-APP-RSP&JvmRoute=R&Alias=A&Context=C&Requests=0` and LF, A and C cut to 8 characters',
        ({ route, alias, context }) =>
          `Type=STOP-APP-RSP&JvmRoute=${route}&Alias=${alias.slice(0, 8)}&Context=${context.slice(0, 8)}&Requests=0\n`,
      ),
      undertow: outcome<(about: About) => string>(
        '`Type=STOP-APP-RSP,JvmRoute=RAlias=AContext=CRequests=0` without a line end',
        ({ route, alias, context }) => `Type=STOP-APP-RSP,JvmRoute=${route}Alias=${alias}Context=${context}Requests=0`,
      ),
    },
    async run(trial, { value }) {
      const { route, alias, context } = await trial.node({ alias: 'localhost' });
      const body = value({ method: 'STOP-APP', route, alias, context });
      await trial.expect(accepted(body), 'STOP-APP', { JVMRoute: route, Alias: alias, Context: context });
    },
  }),
  balancerCase({
    id: 'app/requests-in-flight',
    requirement: 'The answer to STOP-APP counts the requests for the context that the node has not answered yet.',
    level: 'may',
    lines: ['MCMP-APP-28'],
    spec: '2.2',
    needs: ['traffic'],
    expected: {
      mcmp: said('Requests=1 while the request runs, Requests=0 when it is over'),
      'httpd-1.3': said('Requests=1 while the request runs, Requests=0 when it is over'),
      undertow: said('Requests=1 while the request runs, Requests=0 when it is over'),
    },
    async run(trial) {
      const held: (() => void)[] = [];
      const node = await trial.node({
        backend: {
          answer: (_request, response) => {
            held.push(() => response.end('done'));
          },
        },
      });
      const client = await trial.openTraffic();
      client.write(`GET ${node.context}/ HTTP/1.1\r\nHost: ${trial.webHost}\r\n\r\n`);
      await trial.until('the request has reached the node', async () => held.length === 1);
      demandEqual('Requests while the request runs', await requestsInFlight(trial, node), 1);
      for (const finish of held) finish();
      const answer = await client.answer('GET');
      demandEqual('status of the request that was running', answer.status, 200);
      client.close();
      await trial.until('Requests=0 after the request', async () => (await requestsInFlight(trial, node)) === 0, 5_000);
    },
  }),
];
