import type { AjpForwardRequest } from '../../../core/ajp/index.ts';
import { sameSecret } from '../../../core/secret.ts';
import type { AjpArrival } from '../arrival.ts';

/**
 * Request attributes that Tomcat takes without being told to: those of httpd, of mod_jk, and of IIS. Others are refused since
 * attributes of strangers could switch things on in a servlet container (CVE-2020-1938).
 */
const KNOWN_ATTRIBUTES: ReadonlySet<string> = new Set([
  'AJP_LOCAL_ADDR',
  'AJP_REMOTE_PORT',
  'AJP_SSL_PROTOCOL',
  'JK_LB_ACTIVATION',
  'CERT_COOKIE',
  'CERT_FLAGS',
  'CERT_ISSUER',
  'CERT_SERIALNUMBER',
  'CERT_SUBJECT',
  'HTTPS_KEYSIZE',
  'HTTPS_SECRETKEYSIZE',
  'HTTPS_SERVER_ISSUER',
  'HTTPS_SERVER_SUBJECT',
  ...['javax', 'jakarta'].flatMap((root) =>
    ['cipher_suite', 'key_size', 'ssl_session', 'X509Certificate'].map((name) => `${root}.servlet.request.${name}`),
  ),
]);

/** Why a request is refused before an application sees it. */
export interface AjpRefusal {
  readonly status: number;
  /** For the balancer's operator; what was sent is not repeated. */
  readonly why: string;
}

/** What a request line cannot carry: white space and control characters. */
const NOT_IN_A_PATH = /[\0- \x7f]/;

/**
 * Judges a request before it is answered, as Tomcat does: the secret, wherever it stands among the attributes, and the names
 * of attributes.
 *
 * @param secretDigest of the secret that is required, as a byte string (`digestOf`); undefined: none is
 * @returns what came of the secret, or a refusal
 */
export function admit(
  { uri, attributes }: AjpForwardRequest,
  secretDigest: Buffer | undefined,
): AjpArrival['secret'] | AjpRefusal {
  let secret: AjpArrival['secret'] = 'none';
  let query = '';
  for (const attribute of attributes) {
    if (attribute.name === 'secret') {
      if (secretDigest !== undefined && !sameSecret(attribute.value, secretDigest)) {
        return { status: 403, why: 'the secret of the balancer is not the one of this node' };
      }
      secret = secretDigest === undefined ? 'not compared' : 'right';
    } else if (attribute.name === 'req_attribute' && !KNOWN_ATTRIBUTES.has(attribute.key)) {
      return { status: 403, why: 'a request attribute is none that this node takes' };
    } else if (attribute.name === 'query_string') {
      query = attribute.value;
    }
  }
  if (secretDigest !== undefined && secret === 'none') {
    return { status: 403, why: 'this node wants a secret, and the balancer sent none' };
  }
  if (NOT_IN_A_PATH.test(uri) || NOT_IN_A_PATH.test(query)) {
    return { status: 400, why: 'the path or the query has a character that none can have' };
  }
  return secret;
}
