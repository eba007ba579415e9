import { headerValue } from '../../core/http/find-header.ts';
import { RELEASE } from '../../core/mcmp/release.ts';
import { type ManagementRoute, textAnswer } from './route.ts';

/** `GET /`: what there is at this address. Browsers are sent to the manager page, when there is one. */
export const indexRoute: ManagementRoute = {
  methods: ['GET'],
  describe: 'this list; browsers are sent to the manager page',
  onMcmpAlone: true,
  answer({ shared, head }) {
    const { managerPath } = shared.options;
    if (shared.routes.has(managerPath) && headerValue(head, 'accept').includes('text/html')) {
      const headers = [
        ['Location', managerPath],
        ['Cache-Control', 'no-store'],
        ['Vary', 'Accept'],
      ] as const;
      return { kind: 'whole', status: 302, headers, body: '' };
    }
    const rows = [...shared.routes].map(
      ([path, { methods, describe }]) => [methods.join(', '), path, describe] as const,
    );
    const methodWidth = Math.max(...rows.map(([methods]) => methods.length));
    const pathWidth = Math.max(...rows.map(([, path]) => path.length));
    const lines = rows.map(
      ([methods, path, describe]) => `${methods.padEnd(methodWidth)}  ${path.padEnd(pathWidth)}  ${describe}\n`,
    );
    return textAnswer(200, `${RELEASE}: MCMP, and these paths\n\n${lines.join('')}`);
  },
};
