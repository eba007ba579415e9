import { ACTIONS } from '../../../src/node/control/actions.ts';
import {
  DEFAULT_CONTROL,
  ROUTE_NAMES,
  type RouteRow,
  routeRow,
  type ValueRow,
} from '../../../src/node/control/routes.ts';

/** The page about the control API, from the tables that the API itself reads; `example` is an answer of it. */
export function controlPage(example: object): string {
  return [
    INTRODUCTION,
    '## Words of `mcmp node-sim ctl`\n',
    '```text',
    ...Object.entries(ACTIONS).map(([name, { words, describe }]) => `${`${name} ${words}`.padEnd(38)} ${describe}`),
    '```\n',
    ANSWERS,
    '```json',
    JSON.stringify(example, null, 2),
    '```\n',
    STATUSES,
    '## Routes\n',
    'In the order of the table in `src/node/control/routes.ts`; each is shown once for programs and once for people. Those of\none kind work when they are pasted one after the other.\n',
    ...ROUTE_NAMES.map((name) => section(routeRow(name))),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function section({ method, path, describe, query = {}, body = {}, conditions, curl, ctl }: RouteRow): string {
  const values = [...rowsOf('query', query), ...rowsOf('body', body)];
  return [
    `### ${method} ${path}\n`,
    `${describe.charAt(0).toUpperCase()}${describe.slice(1)}.${conditions === undefined ? '' : ` For nodes that are ${conditions.join(' or ')}.`}\n`,
    ...(values.length === 0 ? [] : ['| where | name | meaning |', '|---|---|---|', ...values, '']),
    '```sh',
    curlLine(curl),
    ...(ctl === undefined ? [] : [`mcmp node-sim ctl ${ctl}`]),
    '```\n',
  ].join('\n');
}

/** The whole command of a row's `curl`. */
function curlLine(curl: string): string {
  const [target = '', ...rest] = curl.split(' ');
  return ['curl', ...rest, `'http://${DEFAULT_CONTROL}${target}'`].join(' ');
}

function rowsOf(where: string, rows: Readonly<Record<string, ValueRow>>): readonly string[] {
  return Object.entries(rows).map(
    ([name, { describe, required }]) =>
      `| ${where}${required === true ? '' : ', optional'} | \`${name}\` | ${describe} |`,
  );
}

const INTRODUCTION = `# The control API of \`mcmp node-sim\`

While simulated nodes run, tests and people change them: set a load, switch a fault, take a context out, kill a node and
bring it back. \`mcmp node-sim --control ${DEFAULT_CONTROL}\` opens a small JSON API over HTTP for that, and
\`mcmp node-sim ctl\` speaks to it. This page is made from the table that the API itself reads, which
\`GET /v1\` also answers; \`npx vitest run test/node/control/page.test.ts --update\` writes it anew.

\`\`\`sh
mcmp serve                                            # first terminal
mcmp node-sim --nodes 3 --control ${DEFAULT_CONTROL}      # second terminal
mcmp node-sim ctl list                                # third terminal
mcmp node-sim ctl kill node2
\`\`\`

The address is the default of \`ctl\`; another one is named with \`--control\`, or in \`MCMP_NODE_SIM_CTL_CONTROL\`.

## Who may use it

Without a token every program of this machine, and nobody else: the API then listens on loopback addresses only. With
\`--control-token-file FILE\` it takes any address, and wants the first line of that file (16 characters or more) as
\`Authorization: Bearer TOKEN\`; \`ctl\` has \`--token-file FILE\`. The token goes over the network as it is: between machines,
use a tunnel. Loads that read files or run commands (\`replay:\`, \`cmd:\`) are never taken from here.

A web page in a browser of the machine can do nothing: requests with \`Origin\` or from another site, by a name that is
neither \`localhost\` nor an address, or with a body that is not \`application/json\`, are refused, and there is no CORS.
Requests that change something therefore need \`Content-Type: application/json\`, also when their body is \`{}\`; the \`--json\`
of curl 7.82 and later sends it.
`;

const ANSWERS = `## Answers

Every document has a \`schemaVersion\`. \`{route}\` may be a pattern such as \`node*\`, which in \`ctl\` stands in quotes; then the
action is done to each node that matches, and what one of them could not do stands in \`failures\` without keeping the others
from it. An action that is not done when \`wait\` is over goes on, and its nodes stand in \`pending\`. All routes about nodes
answer like this one, with what is so afterwards:
`;

const STATUSES = `\`condition\` is \`starting\`, \`running\`, \`leaving\`, \`gone\` or \`killed\`; \`state\` at a balancer \`registering\`, \`registered\`,
\`retrying\`, \`rejected\`, \`silent\`, \`leaving\` or \`gone\`, and \`reportedState\` what the balancer thinks of the node. Routes about contexts
have \`contexts\` in place of \`nodes\`, \`say\` has \`answers\`, and routes about faults have \`faults\` alone.

| status | meaning |
|---|---|
| 200, 201 | done |
| 202 | not all done yet; see \`pending\` |
| 207 | some nodes could not do it; see \`failures\` |
| 400 | the request is not understood; \`error.hint\` says what would be |
| 401, 403, 421 | not allowed: token, web page, foreign name |
| 404 | no such route, node, context or fault |
| 405 | the path takes other methods, named in \`Allow\` |
| 409 | the node is in no condition for it |
| 413, 415 | the body is longer than 64 KiB, or not JSON |
| 500, 502, 504 | the action failed: \`error.message\` says where |
| 503 | too many readers of events, or actions that balancers hold up |

A refusal is \`{"schemaVersion":1,"error":{"code":"MCMP_...","kind":"...","message":"...","hint":"..."}}\`.

\`GET /v1/events\` begins with an event \`snapshot\` (\`nodes\` and \`faults\`); then come \`node\` (one \`node\`, as it is now) and
\`faults\`. Counters of traffic alone are no change. A reader that is too slow misses changes, and then gets another snapshot.
`;
