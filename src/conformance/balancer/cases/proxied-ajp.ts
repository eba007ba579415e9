import { AJP_ATTRIBUTE, type AjpForwardRequest } from '../../../core/ajp/index.ts';
import { outcome, said } from '../../case.ts';
import { inHttpd } from '../../dialects.ts';
import { demand, demandEqual, NotHere } from '../../verdict.ts';
import { ajpBackend, nothingSeen } from '../ajp-backend.ts';
import { sessionOf } from '../situations.ts';
import { type BalancerTrial, balancerCase } from '../trial.ts';

/** Requests to AJP nodes (reference §6.5, checklist §11.12). */

const AGENT = 'conformance/1';

/** Registers an AJP node, sends one GET with a session of it, and returns the FORWARD_REQUEST that it got. */
async function forwarded(trial: BalancerTrial): Promise<{ request: AjpForwardRequest; target: string; route: string }> {
  const seen = nothingSeen();
  const { requests, problems } = seen;
  const route = trial.route();
  const backend = ajpBackend(seen, () => route);
  const node = await trial.node({ route, config: { Type: 'ajp' }, backend });
  const target = `${node.context}/x`;
  const answer = await trial.web(`${target}?q=1`, {
    headers: [
      ['Cookie', `JSESSIONID=${sessionOf(node)}`],
      ['User-Agent', AGENT],
      ['X-Own', 'yes'],
    ],
  });
  demand(problems.length === 0, 'packets of AJP/1.3', () => problems.join('; '));
  demandEqual('status', answer.status, 200);
  demandEqual('X-Served-By', answer.servedBy, route);
  const [request] = requests;
  demand(request !== undefined, 'a FORWARD_REQUEST at the node', 'none');
  return { request, target, route };
}

/** By a name in any spelling; `none` when it is not there. */
const headerOf = ({ headers }: AjpForwardRequest, name: string): string =>
  headers.find(([other]) => other.toLowerCase() === name)?.[1] ?? 'none';

const attributesOf = ({ attributes }: AjpForwardRequest): string =>
  attributes
    .map((attribute) => {
      const name = attribute.name === 'req_attribute' ? ` ${attribute.key}` : '';
      return `${AJP_ATTRIBUTE[attribute.name]}${name}: ${attribute.value}`;
    })
    .join(', ');

export const PROXIED_AJP_CASES = [
  balancerCase({
    id: 'proxy/ajp-request',
    requirement: 'An AJP node gets a FORWARD_REQUEST with method, URI, query and headers of the request.',
    level: 'may',
    lines: ['MCMP-PROXY-16'],
    spec: '6.5',
    tags: ['ajp'],
    needs: ['traffic', 'ajp'],
    expected: {
      mcmp: outcome('the request, and the route of its session as attribute 6', true),
      ...inHttpd(outcome('the request, and the route of its session as attribute 6', true)),
      undertow: outcome('the request', false),
    },
    async run(trial, { value: hasRoute }) {
      const { request, target, route } = await forwarded(trial);
      demandEqual('method', request.method, 'GET');
      demandEqual('protocol', request.protocol, 'HTTP/1.1');
      demandEqual('URI', request.uri, target);
      // A name with a code, and one without.
      demandEqual('User-Agent', headerOf(request, 'user-agent'), AGENT);
      demandEqual('X-Own', headerOf(request, 'x-own'), 'yes');
      const query = request.attributes.find(({ name }) => name === 'query_string');
      demandEqual('query (attribute 5)', query?.value ?? 'none', 'q=1');
      if (!hasRoute) return;
      const jvmRoute = request.attributes.find(({ name }) => name === 'jvm_route');
      demandEqual('jvm_route (attribute 6)', jvmRoute?.value ?? 'none', route);
    },
  }),
  balancerCase({
    id: 'proxy/ajp-secret',
    requirement: 'The secret is the first attribute of a FORWARD_REQUEST.',
    level: 'may',
    lines: ['MCMP-PROXY-17'],
    spec: '6.5',
    tags: ['ajp'],
    needs: ['traffic', 'ajp', 'ajp-secret'],
    expected: {
      mcmp: said('attribute 12 with the secret, before all others'),
      ...inHttpd(said('attribute 12 with the secret, before all others')),
    },
    async run(trial) {
      const { request } = await forwarded(trial);
      const [first] = request.attributes;
      const secret = trial.features.get('ajp-secret') ?? '';
      const fits = first?.name === 'secret' && first.value === secret;
      demand(fits, `attribute 12: ${secret}, first`, () => attributesOf(request));
    },
  }),
  balancerCase({
    id: 'proxy/ajp-key-size',
    requirement: 'How the size of the TLS key is written in a FORWARD_REQUEST.',
    level: 'may',
    lines: ['MCMP-PROXY-18'],
    spec: '6.5',
    tags: ['ajp'],
    needs: ['traffic', 'ajp'],
    expected: {
      mcmp: outcome('is_ssl, and attribute 11 as an integer', 'integer'),
      ...inHttpd(outcome('is_ssl, and attribute 11 as an integer', 'integer')),
      undertow: outcome('is_ssl, and attribute 11 as a string', 'string'),
    },
    async run(trial, { value }) {
      if (trial.trafficUrl.protocol !== 'https:')
        throw new NotHere('the web traffic is not TLS (--traffic https://...)');
      const { request } = await forwarded(trial);
      demandEqual('is_ssl', request.isSsl, true);
      const size = request.attributes.find((attribute) => attribute.name === 'ssl_key_size');
      const form = size === undefined ? 'none' : (size.form ?? 'integer');
      demand(form === value, `attribute 11 as ${value}`, () => attributesOf(request));
    },
  }),
];
