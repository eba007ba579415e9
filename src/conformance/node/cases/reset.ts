import { outcome } from '../../case.ts';
import { demand } from '../../verdict.ts';
import { forNodes, type PerKind } from '../kinds.ts';
import type { Reaction } from '../reactions.ts';
import { reply } from '../reactions.ts';
import { type NodeRequest, outline } from '../request.ts';
import { aboutContext, isWhole, methodsOf, ofMethod, since } from '../sayings.ts';
import { type NodeCase, nodeCase } from '../stage.ts';
import { infoText, type ReportedNode } from '../tables.ts';
import { infoOf, OLD_CONTEXT, registerAgain } from './situation.ts';

/** What follows an INFO, from it to the next good STATUS. */
interface Follows {
  /** Methods, with `/*` for the whole node, of what comes before CONFIG. */
  readonly beforeConfig: RegExp;
  /** Commands about the first context after CONFIG. */
  readonly first: RegExp;
  /** The same about the other contexts. */
  readonly others: RegExp;
}

function resetCase(
  facts: Pick<NodeCase, 'id' | 'requirement' | 'lines' | 'level'>,
  expected: PerKind<{ readonly words: string; readonly value: Follows }>,
  answer: (own: ReportedNode) => Reaction,
): NodeCase {
  return nodeCase({
    ...facts,
    spec: '9.4',
    expected,
    async run(stage, { value, words }) {
      const { balancer, before, info, news } = await registerAgain(stage, answer);
      await stage.registered(balancer, info);
      // What it has still to tell comes before it only reports.
      await stage.settled(balancer);
      const config = ofMethod(news(), 'CONFIG')[0];
      const after = since(balancer.requests, config);
      demand(config !== undefined, words, () => outline(news()));
      const inFront = news().slice(0, news().indexOf(config));
      const tells = (fact: boolean): void => demand(fact, words, () => outline(news()));
      tells(value.beforeConfig.test(outlineOfCommands(inFront)));
      for (const [index, path] of [...before.contexts.keys()].entries()) {
        const methods = methodsOf(aboutContext(after, path));
        tells((index === 0 ? value.first : value.others).test(methods));
      }
    },
  });
}

function outlineOfCommands(requests: readonly NodeRequest[]): string {
  const commands = requests.filter(({ method }) => method.endsWith('-APP'));
  return commands.map((one) => (isWhole(one) ? `${one.method}/*` : one.method)).join(' ');
}

const NOTHING = /^$/;
const ENABLED = /^ENABLE-APP$/;

/** What a node does when INFO shows it already (reference §9.4). */
export const RESET_CASES = [
  resetCase(
    {
      id: 'reset/other-routes',
      requirement: 'INFO that lists other nodes only is like an empty one.',
      lines: ['NODE-50'],
      level: 'must',
    },
    forNodes(
      outcome('CONFIG and ENABLE-APP, nothing removed', { beforeConfig: NOTHING, first: ENABLED, others: ENABLED }),
    ),
    (own) => infoOf({ ...own, route: 'cf-another', port: '1', contexts: new Map([[OLD_CONTEXT, 'ENABLED']]) }),
  ),
  resetCase(
    {
      id: 'reset/enabled-already',
      requirement: 'Contexts that INFO shows as ENABLED need not be enabled.',
      lines: ['NODE-46'],
      level: 'may',
    },
    {
      mcmp: outcome('enabled again', { beforeConfig: NOTHING, first: ENABLED, others: ENABLED }),
      java: outcome('not enabled again', { beforeConfig: NOTHING, first: NOTHING, others: NOTHING }),
    },
    (own) => infoOf(own),
  ),
  resetCase(
    {
      id: 'reset/administrator-disabled',
      requirement: 'A context that INFO shows as DISABLED was disabled by an administrator.',
      lines: ['NODE-46'],
      level: 'may',
    },
    {
      mcmp: outcome('it is left so', { beforeConfig: NOTHING, first: NOTHING, others: ENABLED }),
      java: outcome('it is enabled', { beforeConfig: NOTHING, first: ENABLED, others: NOTHING }),
    },
    (own) => {
      const [first] = own.contexts.keys();
      const contexts = [...own.contexts].map(([path, status]) => [path, path === first ? 'DISABLED' : status] as const);
      return infoOf({ ...own, contexts: new Map(contexts) });
    },
  ),
  resetCase(
    {
      id: 'reset/obsolete',
      requirement: 'A context of an earlier life that INFO still shows is removed.',
      lines: ['NODE-47'],
      level: 'should',
    },
    {
      mcmp: outcome('REMOVE-APP for it before CONFIG', {
        beforeConfig: /^REMOVE-APP$/,
        first: ENABLED,
        others: ENABLED,
      }),
      java: outcome('REMOVE-APP for it before CONFIG', {
        beforeConfig: /^REMOVE-APP$/,
        first: NOTHING,
        others: NOTHING,
      }),
    },
    (own) => infoOf({ ...own, contexts: new Map([...own.contexts, [OLD_CONTEXT, 'ENABLED']]) }),
  ),
  resetCase(
    {
      id: 'reset/all-obsolete',
      requirement: 'When INFO shows nothing but contexts of an earlier life, all of them are removed.',
      lines: ['NODE-47'],
      level: 'should',
    },
    {
      mcmp: outcome('REMOVE-APP for each before CONFIG', {
        beforeConfig: /^REMOVE-APP$/,
        first: ENABLED,
        others: ENABLED,
      }),
      java: outcome('REMOVE-APP /* before CONFIG', {
        beforeConfig: /\bREMOVE-APP\/\*/,
        first: ENABLED,
        others: ENABLED,
      }),
    },
    (own) => infoOf({ ...own, contexts: new Map([[OLD_CONTEXT, 'ENABLED']]) }),
  ),
  resetCase(
    {
      id: 'reset/other-names',
      requirement: 'When INFO shows other names of the host than the node has, everything is removed first.',
      lines: ['NODE-48'],
      level: 'may',
    },
    {
      mcmp: outcome('REMOVE-APP /* before CONFIG, and all contexts again', {
        beforeConfig: /^REMOVE-APP\/\*$/,
        first: ENABLED,
        others: ENABLED,
      }),
      java: outcome('REMOVE-APP /* before CONFIG, and what INFO showed as ENABLED is not said again', {
        beforeConfig: /^REMOVE-APP\/\*$/,
        first: NOTHING,
        others: NOTHING,
      }),
    },
    (own) => infoOf({ ...own, aliases: [...own.aliases, 'other.cf.test'] }),
  ),
  nodeCase({
    id: 'reset/unreadable',
    requirement: 'An INFO that cannot be read must not keep a node from its balancer for good.',
    level: 'must',
    lines: ['NODE-49'],
    spec: '9.7',
    expected: {
      ...forNodes(outcome('registered in the end', /\bCONFIG\b/)),
      mcmp: outcome('CONFIG all the same', /^(?:REMOVE-APP )?CONFIG\b/),
      java: outcome('no CONFIG until a STATUS is refused', /^STATUS INFO CONFIG\b/),
    },
    async run(stage, { value, words }) {
      const { balancer, info, news } = await registerAgain(stage, (own) =>
        reply(200, infoText([own]).replaceAll(/^(Vhost: \[\d+:\d+):\d+\]/gm, '$1]')),
      );
      await stage.registered(balancer, info);
      demand(value.test(methodsOf(news())), words, () => outline(news()));
    },
  }),
];
