import { hostname } from 'node:os';
import { defineCommand } from '../src/cli/command.ts';

export const command = defineCommand({
  name: 'certs dev',
  summary: 'Make a CA and certificates for trying TLS out',
  description:
    'Writes an authority and certificates of it into a directory: for a balancer, for nodes, for who operates them; each as certificate and key (PEM), for Java nodes also as a key store and a trust store (PKCS#12). What is there already stays: the same authority signs what is new. For tests and trials, not for production: nobody can revoke these certificates, and the key of the authority lies beside them.',
  positionals: { directory: { describe: 'where the files go; it is made if need be, for you alone' } },
  options: {
    host: {
      kind: 'list',
      placeholder: 'NAME,..',
      describe:
        'names and addresses of balancer and nodes; default localhost, 127.0.0.1, ::1 and the name of this machine',
    },
    node: {
      kind: 'list',
      default: 'node',
      placeholder: 'ROUTE,..',
      describe: 'a certificate for each of these nodes, by JVMRoute',
    },
    client: {
      kind: 'list',
      default: 'operator',
      placeholder: 'NAME,..',
      describe: 'a certificate for each of these clients of the balancer',
    },
    days: {
      kind: 'number',
      integer: true,
      min: 1,
      max: 397,
      default: 365,
      describe: 'for how long certificates are valid; the authority is for ten years',
    },
    key: {
      kind: 'choice',
      choices: ['ec', 'rsa'],
      default: 'ec',
      describe: 'kind of the keys: P-256, or RSA of 2048 bits',
    },
    force: { kind: 'boolean', describe: 'make certificates anew that are there; the authority stays' },
  },
  examples: [
    ['certs dev tls', 'everything to try TLS on this machine'],
    ['certs dev tls --host lb.example,10.0.0.1 --node node1,node2', 'for a balancer and two nodes elsewhere'],
    ['certs dev tls --force', 'renew the certificates, with the same authority'],
  ],
  async run({ json, out }, args) {
    const { devDocument, devLines, makeDevCertificates, planDevCertificates } = await import('../src/certs/index.ts');
    const certificates = await makeDevCertificates(planDevCertificates(args, hostname()));
    if (json) out.json(devDocument(certificates));
    else for (const line of devLines(certificates)) out.line(line);
  },
});
