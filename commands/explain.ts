import { defineCommand } from '../src/cli/command.ts';
import { CLIENT_OPTIONS, clientOptionsOf, readText } from '../src/client/command-options.ts';

export const command = defineCommand({
  name: 'explain',
  summary: 'Say why a request goes where it goes',
  description:
    'Which virtual host, context and session a request has, which nodes could take it, with their scores, and which one does. mcmp serve is asked for its own word; of any other balancer it is worked out from INFO and DUMP, live or saved. Nothing is counted or changed. Exit code 1: no node would get it.',
  positionals: {
    method: { describe: 'GET, POST, ...', suggestions: ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'] },
    url: { describe: 'a path, or a URL whose host becomes the Host header' },
  },
  options: {
    ...CLIENT_OPTIONS,
    header: {
      kind: 'string',
      repeatable: true,
      placeholder: 'NAME: VALUE',
      describe: 'header of the request, such as Host',
    },
    cookie: { kind: 'string', repeatable: true, placeholder: 'NAME=VALUE', describe: 'cookie of the request' },
    from: { kind: 'string', placeholder: 'FILE', describe: 'a saved INFO, DUMP, or both, in place of a balancer' },
    'use-alias': { kind: 'boolean', describe: 'the balancer (not mcmp serve, which knows) matches the Host header' },
  },
  examples: [
    ['explain GET /shop', 'of the balancer on this machine'],
    ['explain GET http://shop.example/cart --cookie JSESSIONID=ABC.node1', 'with a session'],
    ['explain POST /api --balancer http://lb:6666', 'of an httpd or Undertow'],
    ['explain GET /shop --from dump.txt', 'from what somebody sent you'],
  ],
  async run(context, args) {
    const { explainFromBalancer, explainFromText, explainRequest } = await import('../src/client/explain.ts');
    const { explanationLines } = await import('../src/client/explain-lines.ts');
    const request = explainRequest(args.method, args.url, args.header, args.cookie);
    const report =
      args.from === undefined
        ? await explainFromBalancer(args.balancer, request, { ...clientOptionsOf(args), useAlias: args.useAlias })
        : explainFromText(readText(args.from), request, { useAlias: args.useAlias });
    if (context.json) context.out.json({ schemaVersion: 1, request, ...report });
    else for (const line of explanationLines(request, report)) context.out.line(line);
    return report.explanation.winner === null ? 'check-failed' : 'done';
  },
});
