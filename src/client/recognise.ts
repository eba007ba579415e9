import { McmpError } from '../core/errors.ts';
import { methodOf } from '../core/mcmp/commands.ts';
import { type HttpAnswer, headerOf, mediaTypeOf } from './answer.ts';

/** Undertow's answer when its own code threw: status 500, no Type, this body (reference §1.4). */
const UNDERTOW_GENERIC_FAILURE = 'failed to process management request';

/** Methods that some balancers do not know although they speak MCMP (reference §1.1). */
const NOT_EVERYWHERE = new Map([
  ['VERSION', 'Only httpd knows VERSION; whether this address receives MCMP at all is said by: mcmp send INFO'],
  ['ADDID', 'Only the 1.3 modules know ADDID.'],
  ['REMOVEID', 'Only the 1.3 modules know REMOVEID.'],
  ['QUERY', 'Only the 1.3 modules know QUERY.'],
  ['ERROR', 'Only the 1.3 modules know ERROR.'],
]);

const ENABLE_HINT =
  'The virtual host must receive MCMP. httpd: EnableMCMPReceive inside the <VirtualHost> of this port; older modules and ' +
  'the nginx module know only the spelling with two letters swapped, EnableMCPMReceive. Undertow and WildFly: the ' +
  'management address and port of the mod-cluster filter. mcmp serve: the address of --mcmp.';

const ACCESS_HINT =
  'The balancer knows the command but does not take it from this address. httpd: "Require ip <address of this machine>" ' +
  'in a <Location> (not a <Directory>) of that virtual host; mcmp serve: --mcmp-allow; Undertow: its access-control filter.';

/**
 * Tells an MCMP answer from everything else that can come back from a wrong address (needs B2, B3, B4).
 * @returns the failure to report, or undefined when the answer is one of an MCMP endpoint, be it a refusal
 */
export function notMcmp(answer: HttpAnswer, address: string): McmpError | undefined {
  if (isMcmpAnswer(answer)) return undefined;
  const { method, status } = answer;
  const said = `${address} answered ${method} with ${status}${answer.statusText === '' ? '' : ` ${answer.statusText}`}`;
  if (status === 403 && headerOf(answer, 'x-mcmp-reason') === 'client-certificate') {
    const why = answer.body.includes('none was shown')
      ? 'and this client shows none'
      : 'and does not take the one that is shown';
    return new McmpError('refused', 'MCMP_TLS', `${said}: it wants a certificate of its clients, ${why}`, {
      hint: 'Name one of an authority that the balancer knows: --cert FILE --key FILE (node-sim: --mcmp-cert, --mcmp-key). Its log says what was wrong.',
    });
  }
  if (status === 403)
    return new McmpError('refused', 'MCMP_FORBIDDEN', `${said}: access denied`, { hint: ACCESS_HINT });
  if (status === 401 || status === 407) {
    return new McmpError('refused', 'MCMP_UNAUTHORIZED', `${said}: it wants authentication`, {
      hint: 'MCMP has no passwords: something in front of the balancer asks for one.',
    });
  }
  if (status >= 300 && status < 400) {
    return new McmpError(
      'protocol',
      'MCMP_NOT_RECEIVED',
      `${said}, a redirect to ${headerOf(answer, 'location') || 'nowhere'}`,
      {
        hint: 'No MCMP endpoint redirects. If the target is https, use an https:// URL.',
      },
    );
  }
  if (status === 400 && /https|ssl|tls/i.test(answer.body)) {
    return new McmpError('refused', 'MCMP_TLS', `${said}: the port speaks TLS`, { hint: 'Use an https:// URL.' });
  }
  const notEverywhere = NOT_EVERYWHERE.get(method.toUpperCase());
  if (notEverywhere !== undefined && [400, 404, 405, 501].includes(status)) {
    return new McmpError('protocol', 'MCMP_UNKNOWN_COMMAND', `${said}: it does not know the command`, {
      hint: notEverywhere,
    });
  }
  if (methodOf(method) === undefined) {
    return new McmpError('protocol', 'MCMP_UNKNOWN_COMMAND', `${said}: it does not know the command`, {
      hint: `${method} is no command of MCMP. Whether this address receives MCMP at all is said by: mcmp send INFO`,
    });
  }
  const what = mediaTypeOf(answer) === 'text/html' ? ' and a web page' : '';
  return new McmpError('protocol', 'MCMP_NOT_RECEIVED', `${said}${what}: this address does not receive MCMP`, {
    hint: ENABLE_HINT,
  });
}

function isMcmpAnswer(answer: HttpAnswer): boolean {
  if (headerOf(answer, 'type') !== '' && headerOf(answer, 'mess') !== '') return true;
  if (answer.status === 500) return answer.body.trim() === UNDERTOW_GENERIC_FAILURE;
  if (answer.status !== 200) return false;
  const mediaType = mediaTypeOf(answer);
  if (mediaType === 'text/html') return false;
  if (answer.body === '') return true;
  return (
    ['', 'text/plain', 'text/xml', 'application/xml', 'application/json'].includes(mediaType) &&
    !looksLikeHtml(answer.body)
  );
}

function looksLikeHtml(body: string): boolean {
  return /^\s*<(?:!doctype\s+html|html)\b/i.test(body);
}
