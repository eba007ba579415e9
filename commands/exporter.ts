import { defineCommand } from '../src/cli/command.ts';
import { announceReady, runUntilStopped } from '../src/cli/lifetime.ts';
import { CLIENT_OPTIONS, clientOptionsOf } from '../src/client/command-options.ts';

const { balancer: _, timeout: __, ...TLS_OPTIONS } = CLIENT_OPTIONS;

export const command = defineCommand({
  name: 'exporter',
  summary: 'Show metrics of any MCMP balancer to Prometheus',
  description:
    'Asks balancers of any brand (httpd, Undertow, WildFly, nginx, mcmp serve) for INFO and DUMP whenever Prometheus scrapes it, and shows their nodes and contexts under the names that mcmp serve has. It changes nothing. A balancer that cannot be read is one metric; the others are as they are. Ctrl-C ends it.',
  options: {
    target: {
      kind: 'url',
      repeatable: true,
      default: 'http://127.0.0.1:8090',
      placeholder: 'URL',
      describe: 'MCMP address of a balancer; may be repeated',
    },
    listen: {
      kind: 'address',
      repeatable: true,
      default: '127.0.0.1:9404',
      describe: 'where Prometheus scrapes; may be repeated',
    },
    allow: {
      kind: 'list',
      placeholder: 'CIDR,..',
      describe: 'who may scrape, or any; without it programs on this machine',
    },
    timeout: { kind: 'duration', default: '5s', describe: 'for one balancer to answer everything' },
    cache: {
      kind: 'duration',
      zero: true,
      default: '1s',
      describe: 'scrapes within this time share one reading of a balancer',
    },
    'metrics-nodes': {
      kind: 'number',
      integer: true,
      min: 0,
      default: 1000,
      describe: 'nodes of each balancer with metrics of their own',
    },
    'metrics-contexts': {
      kind: 'number',
      integer: true,
      min: 0,
      default: 1000,
      describe: 'contexts of each balancer with metrics of their own',
    },
    ...TLS_OPTIONS,
  },
  examples: [
    ['exporter --target http://lb1:6666 --target http://lb2:6666', 'metrics at http://127.0.0.1:9404/metrics'],
    ['exporter --target https://lb:8443 --ca ca.pem --cert me.pem --key me.key', 'over TLS'],
    ['exporter --target http://lb:6666 --listen :9404 --allow 10.0.0.5', 'Prometheus runs on another machine'],
  ],
  async run(context, args) {
    const { log } = context;
    const { startExporter } = await import('../src/exporter/index.ts');
    const options = {
      targets: args.target,
      listen: args.listen,
      allow: args.allow,
      cacheMs: args.cache,
      nodes: args.metricsNodes,
      contexts: args.metricsContexts,
      client: { ...clientOptionsOf(args), userAgent: 'mcmp-exporter' },
    };
    await runUntilStopped(context, () => startExporter(options, { log }), {
      onReady: ({ addresses }) => announceReady(context, { listen: addresses }),
      onReload: () => log.info('an exporter has nothing to read again; start it anew'),
    });
  },
});
