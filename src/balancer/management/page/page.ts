import type { ManagementRoute } from '../route.ts';
import { answerForm } from './answer-form.ts';
import { answerLook } from './answer-look.ts';
import { Notices } from './notices.ts';
import { createSecrets } from './secrets.ts';

/**
 * The manager page: GET shows, POST changes. Every balancer has its own, with its own secrets.
 *
 * Who may see it is in `--mcmp-allow`; who may change something is for `whyNotChange` to say.
 */
export function createManagerPage(): ManagementRoute {
  const secrets = createSecrets();
  const notices = new Notices();
  return {
    methods: ['GET', 'POST'],
    describe: 'the manager page, for people',
    answer: (request) =>
      request.method === 'POST' ? answerForm(request, secrets, notices) : answerLook(request, secrets, notices),
  };
}
