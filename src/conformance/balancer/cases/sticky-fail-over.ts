import { outcome, said } from '../../case.ts';
import { inHttpd, inHU } from '../../dialects.ts';
import { demand } from '../../verdict.ts';
import { breakNode, sessionCase, sessionCookie, sessionOf, tellContext, twoNodes } from '../situations.ts';
import { demandAllRefused, demandOnly, demandServed, tally } from '../web-demands.ts';

/** What becomes of a session whose node cannot serve (reference §4.5, checklist §11.8). */

/** Requests of one session that are sent in each situation. */
const REQUESTS = 4;

export const STICKY_FAIL_OVER_CASES = [
  sessionCase({
    id: 'session/forced',
    requirement: 'With StickySessionForce=Yes a session whose node is in error is refused, if the node has no domain.',
    level: 'should',
    lines: ['MCMP-STICKY-13'],
    spec: '4.5',
    needs: ['traffic'],
    expected: inHU(said('503, although another node could serve')),
    async run(trial) {
      const [one, other] = await twoNodes(trial, { StickySessionForce: 'Yes' });
      await breakNode(trial, other);
      demandAllRefused(await tally(trial, other.context, REQUESTS, sessionCookie(sessionOf(other))), 503);
      demandOnly(await tally(trial, one.context, 1), one);
    },
  }),
  sessionCase({
    id: 'session/not-forced',
    requirement: 'With StickySessionForce=No another node serves a session whose node is in error.',
    level: 'should',
    lines: ['MCMP-STICKY-14'],
    spec: '4.5',
    needs: ['traffic'],
    expected: inHU(said('200 from the other node')),
    async run(trial) {
      const [one, other] = await twoNodes(trial, { StickySessionForce: 'No' });
      await breakNode(trial, other);
      demandOnly(await tally(trial, other.context, REQUESTS, sessionCookie(sessionOf(other))), one);
    },
  }),
  sessionCase({
    id: 'session/forced-in-domain',
    requirement:
      'With StickySessionForce=Yes a session whose node is in error goes to another node of its domain only.',
    level: 'should',
    lines: ['MCMP-STICKY-15'],
    spec: '4.5',
    needs: ['traffic'],
    expected: inHU(said('200 from the other node of the domain')),
    async run(trial) {
      const [domain, elsewhere] = [trial.domain(), trial.domain()];
      const force = { StickySessionForce: 'Yes' };
      const [mate, broken] = await twoNodes(trial, { ...force, Domain: domain });
      await trial.node({ contexts: [mate.context], config: { ...force, Domain: elsewhere } });
      await breakNode(trial, broken);
      demandOnly(await tally(trial, mate.context, REQUESTS, sessionCookie(sessionOf(broken))), mate);
    },
  }),
  sessionCase({
    id: 'session/forced-alone-in-domain',
    requirement: 'With StickySessionForce=Yes a session is refused when no other node of its domain can serve.',
    level: 'should',
    lines: ['MCMP-STICKY-16'],
    spec: '4.5',
    needs: ['traffic'],
    expected: inHU(said('503, although a node of another domain could serve')),
    async run(trial) {
      const force = { StickySessionForce: 'Yes' };
      const one = await trial.node({ config: { ...force, Domain: trial.domain() } });
      const broken = await trial.node({ contexts: [one.context], config: { ...force, Domain: trial.domain() } });
      await breakNode(trial, broken);
      demandAllRefused(await tally(trial, one.context, REQUESTS, sessionCookie(sessionOf(broken))), 503);
    },
  }),
  sessionCase({
    id: 'session/domain-first',
    requirement: 'With StickySessionForce=No the other nodes of the domain come first, and then any node.',
    level: 'should',
    lines: [],
    spec: '4.5',
    needs: ['traffic'],
    expected: inHU(said('200 from the domain; when nobody is left there, from the other domain')),
    async run(trial) {
      const free = { StickySessionForce: 'No' };
      const [mate, broken] = await twoNodes(trial, { ...free, Domain: trial.domain() });
      const other = await trial.node({ contexts: [mate.context], config: { ...free, Domain: trial.domain() } });
      await breakNode(trial, broken);
      const cookie = sessionCookie(sessionOf(broken));
      demandOnly(await tally(trial, mate.context, REQUESTS, cookie), mate);
      await breakNode(trial, mate);
      demandOnly(await tally(trial, mate.context, REQUESTS, cookie), other);
    },
  }),
  sessionCase({
    id: 'session/stopped-context',
    requirement:
      'A stopped context serves no session of its node any more: with StickySessionForce=No another one does.',
    level: 'should',
    lines: ['MCMP-STICKY-18'],
    spec: '4.5',
    needs: ['traffic'],
    expected: inHU(said('200 from the other node')),
    async run(trial) {
      const [one, stopped] = await twoNodes(trial, { StickySessionForce: 'No' });
      await tellContext(trial, 'STOP-APP', stopped);
      demandOnly(await tally(trial, one.context, REQUESTS, sessionCookie(sessionOf(stopped))), one);
    },
  }),
  sessionCase({
    id: 'session/stopped-context-forced',
    requirement: 'With StickySessionForce=Yes a session whose context is stopped on its node is refused.',
    level: 'should',
    lines: ['MCMP-STICKY-18'],
    spec: '4.5',
    needs: ['traffic'],
    expected: inHU(said('503')),
    async run(trial) {
      const [one, stopped] = await twoNodes(trial, { StickySessionForce: 'Yes' });
      await tellContext(trial, 'STOP-APP', stopped);
      demandAllRefused(await tally(trial, one.context, REQUESTS, sessionCookie(sessionOf(stopped))), 503);
    },
  }),
  sessionCase({
    id: 'session/removed-on-fail-over',
    requirement: 'Whether StickySessionRemove keeps the session id from a node of another domain.',
    level: 'may',
    lines: ['MCMP-STICKY-21'],
    spec: '4.5',
    needs: ['traffic'],
    expected: {
      mcmp: outcome('the node sees the other cookies only', 'a=1; b=2'),
      ...inHttpd(outcome('the node sees the id (a known defect)', undefined)),
      undertow: outcome('the node sees the id (not implemented)', undefined),
    },
    async run(trial, { value }) {
      const config = { StickySessionForce: 'No', StickySessionRemove: 'Yes' };
      const one = await trial.node({ config: { ...config, Domain: trial.domain() } });
      const broken = await trial.node({ contexts: [one.context], config: { ...config, Domain: trial.domain() } });
      await breakNode(trial, broken);
      const cookie = `a=1; JSESSIONID=${sessionOf(broken)}; b=2`;
      demandServed(await trial.web(one.context, { headers: [['Cookie', cookie]] }), one);
      const seen = one.backend.requests[0]?.header('cookie') ?? 'no Cookie';
      demand(seen === (value ?? cookie), `Cookie: ${value ?? cookie}`, `Cookie: ${seen}`);
    },
  }),
];
