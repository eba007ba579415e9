/** One message to a real Undertow, and what it answers. */
export interface UndertowRow {
  readonly message: string;
  readonly status: number;
  /** Headers `Type` and `Mess` of a refusal. */
  readonly refusal?: readonly [type: string, mess: string];
  readonly body?: RegExp;
  /** What a node must make of it. */
  readonly lesson: string;
}

/**
 * A conversation in the order in which it is held; PORT is a port where a web server answers, CLOSED one where nobody does.
 * Everything here is said by Undertow 2.3.27.Final; docs/interop.md is what the lessons are for.
 */
export const UNDERTOW_SAYS: readonly UndertowRow[] = [
  {
    message: 'INFO /',
    status: 200,
    body: /^$/,
    lesson: 'No node: an empty body. Every answer says `Connection: close` and closes.',
  },
  {
    message: 'ENABLE-APP / JVMRoute=a&Alias=localhost&Context=/one',
    status: 500,
    refusal: ['MEM', "MEM: Can't update or insert context"],
    lesson: 'CONFIG comes first.',
  },
  {
    message: 'STATUS / JVMRoute=a&Load=100',
    status: 500,
    refusal: ['MEM', "MEM: Can't read node"],
    lesson: 'A balancer that forgot the node. The route is not named.',
  },
  {
    message: 'CONFIG / JVMRoute=a&Host=127.0.0.1&Port=PORT&Type=http&Unknown=1',
    status: 500,
    refusal: ['SYNTAX', 'SYNTAX: Invalid field Unknown in message'],
    lesson: 'Nothing may be said that is not in the table of fields.',
  },
  {
    message: 'CONFIG / JVMRoute=a&Host=127.0.0.1&Port=PORT&Type=http',
    status: 200,
    body: /^$/,
    lesson: 'The node is there with `Load: -1`: it gets no requests before its first STATUS.',
  },
  {
    message: 'ENABLE-APP / JVMRoute=a&Alias=localhost&Context=/one',
    status: 200,
    body: /^$/,
    lesson: 'Success has no body.',
  },
  {
    message: 'ENABLE-APP / JVMRoute=a&Alias=localhost&Context=/two,/three',
    status: 200,
    body: /^$/,
    lesson: 'One context of the name `/two,/three`: a context list is never for Undertow.',
  },
  {
    message: 'INFO /',
    status: 200,
    body: /^Node: \[1\],Name: a,.*Ping: 10000,Smax: 40,.*Load: -1\nVhost: \[1:1:-1\], Alias: localhost\nContext: \[1:1:1\], Context: \/one, Status: ENABLED\nContext: \[1:1:2\], Context: \/two,\/three, Status: ENABLED\n$/,
    lesson: 'Ids from 1, the third one of a virtual host is -1.',
  },
  {
    message: 'STATUS / JVMRoute=a&Load=100',
    status: 200,
    body: /^Type=STATUS-RSP&State=OK&JVMRoute=a&id=\d{13}$/,
    lesson: 'State before JVMRoute, no line end, the id is the time of the start in milliseconds.',
  },
  {
    message: 'CONFIG / JVMRoute=a&Host=127.0.0.1&Port=PORT&Type=http',
    status: 200,
    body: /^$/,
    lesson: 'The same again is welcome, but the node is without requests until its next STATUS: send one at once.',
  },
  {
    message: 'STATUS / JVMRoute=a&Load=100',
    status: 200,
    body: /State=OK/,
    lesson: 'That brings it back.',
  },
  {
    message: 'STOP-APP / JVMRoute=a&Alias=localhost&Context=/one',
    status: 200,
    body: /^Type=STOP-APP-RSP,JvmRoute=aAlias=localhostContext=\/oneRequests=0$/,
    lesson: 'The number of requests stands at the very end, with nothing before it: the Java node does not find it.',
  },
  {
    message: 'STOP-APP / JVMRoute=ghost&Alias=localhost&Context=/one',
    status: 200,
    body: /Requests=-1$/,
    lesson: 'A negative number: nothing is known, so nothing is waited for.',
  },
  {
    message: 'REMOVE-APP / JVMRoute=a&Alias=localhost&Context=/none',
    status: 500,
    refusal: ['MEM', "MEM: Can't update or insert context"],
    lesson: 'A context that is not there cannot be removed; that is no reason to register again.',
  },
  {
    message: 'CONFIG / JVMRoute=a&Host=127.0.0.1&Port=CLOSED&Type=http',
    status: 500,
    refusal: ['SYNTAX', 'MEM: Old node still exist'],
    lesson:
      'A node that comes back with another address while the old one counts as up. The header Type says SYNTAX, on which the ' +
      'Java node falls silent for ever; the text says MEM, and the old node is already gone:',
  },
  { message: 'INFO /', status: 200, body: /^$/, lesson: 'with all its contexts,' },
  {
    message: 'CONFIG / JVMRoute=a&Host=127.0.0.1&Port=CLOSED&Type=http',
    status: 200,
    body: /^$/,
    lesson: 'so the very same CONFIG is taken when it is said again.',
  },
  {
    message: 'STATUS / JVMRoute=a&Load=100',
    status: 200,
    body: /State=NOTOK/,
    lesson: 'Nobody answers at that address.',
  },
  {
    message: 'PING / JVMRoute=ghost',
    status: 200,
    body: /^Type=PING-RSP&State=NOTOK&id=\d{13}$/,
    lesson: 'No refusal, and no JVMRoute in the answer.',
  },
  {
    message: 'REMOVE-APP /* JVMRoute=a',
    status: 200,
    body: /^$/,
    lesson: 'The node is gone at once.',
  },
  {
    message: 'REMOVE-APP /* JVMRoute=a',
    status: 500,
    refusal: ['MEM', "MEM: Can't update or insert node"],
    lesson: 'Twice is once too often; for a node that leaves it is success.',
  },
  {
    message: 'VERSION /',
    status: 404,
    body: /^$/,
    lesson: 'No MCMP to Undertow: it goes to the applications.',
  },
];

/** The conversation as a table of `docs/interop.md`. */
export function undertowTable(): string {
  const rows = UNDERTOW_SAYS.map(({ message, status, refusal, lesson }) => {
    const answer = refusal === undefined ? String(status) : `${status} ${refusal[0]}, ${refusal[1]}`;
    return `| \`${message}\` | ${answer} | ${lesson} |`;
  });
  return ['| said | answered | lesson |', '|---|---|---|', ...rows, ''].join('\n');
}
