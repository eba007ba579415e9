import { defineCommand } from '../src/cli/command.ts';
import { CLIENT_OPTIONS, clientOptionsOf } from '../src/client/command-options.ts';
import { COMMANDS } from '../src/core/mcmp/commands.ts';

export const command = defineCommand({
  name: 'send',
  summary: 'Send one MCMP command to a balancer and show its answer',
  description:
    'curl for MCMP: sends one command to a balancer of any brand (httpd, Undertow, WildFly, nginx, mcmp) and shows what it answers. Names of commands and fields are checked first. Exit code 1: the balancer refused, or State is NOTOK.',
  positionals: {
    command: {
      describe: 'CONFIG, ENABLE-APP, DISABLE-APP, STOP-APP, REMOVE-APP, STATUS, PING, INFO, DUMP or VERSION',
      suggestions: Object.keys(COMMANDS),
    },
    fields: { describe: 'Name=value, and the target if it is not /', variadic: true },
  },
  options: {
    ...CLIENT_OPTIONS,
    wildcard: { kind: 'boolean', describe: 'the target is /*: the whole node is meant' },
    force: { kind: 'boolean', describe: 'send unknown commands and fields as they are' },
    xml: { kind: 'boolean', describe: 'ask for XML, which httpd and mcmp speak, and print it' },
    raw: { kind: 'boolean', describe: 'print the very bytes of the answer, head and all' },
  },
  examples: [
    ['send INFO', 'what the balancer on this machine knows'],
    ['send DUMP --balancer http://lb:6666 --json', 'its settings, as JSON'],
    ['send CONFIG JVMRoute=node1 Host=127.0.0.1 Port=8080 Type=http', 'register a node'],
    ['send ENABLE-APP JVMRoute=node1 Alias=localhost Context=/app', 'send it requests for /app'],
    ["send REMOVE-APP JVMRoute=node1 '/*'", 'forget the node'],
  ],
  async run(context, args) {
    const { composeMessage } = await import('../src/client/compose.ts');
    const { exchangeRaw } = await import('../src/client/raw.ts');
    const { createMcmpClient } = await import('../src/client/client.ts');
    const { answerDocument, outcomeOf } = await import('../src/client/report.ts');
    const { answerLines } = await import('../src/client/show.ts');
    const { log, out, style } = context;
    const message = composeMessage(args.command, args.fields, args);
    for (const warning of message.warnings) log.warn(warning);
    const options = clientOptionsOf(args);
    const accept = args.xml ? { accept: 'text/xml' } : {};
    if (args.raw && !context.json) {
      const answer = await exchangeRaw(args.balancer, message, { ...options, ...accept });
      await out.flushed();
      process.stdout.write(answer.bytes);
      if (!answer.ended) log.warn('the balancer kept the connection open although it was asked to close it');
      return 'done';
    }
    const client = createMcmpClient(args.balancer, options);
    try {
      const answer = await client.send(message.method, message.pairs, { target: message.target, ...accept });
      if (context.json) out.json(answerDocument(client.address, message, answer));
      else {
        const { headline, lines } = answerLines(answer, args.xml);
        out.line(style.dim(headline));
        for (const line of lines) out.line(line);
      }
      return outcomeOf(answer);
    } finally {
      await client.close();
    }
  },
});
