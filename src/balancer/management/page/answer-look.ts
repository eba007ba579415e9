import { headerValue } from '../../../core/http/find-header.ts';
import { httpAnswer } from '../../../core/mcmp/http-answer.ts';
import { carryOut } from '../carry-out.ts';
import { whyNotChange } from '../guard.ts';
import { type ManagementRequest, textAnswer, type WholeAnswer } from '../route.ts';
import { guardPage } from './answer-form.ts';
import { linkTo, type PageArguments, type PageView, readArguments, viewOf } from './arguments.ts';
import { pageAnswer, refusalPage } from './document.ts';
import { httpdText } from './httpd-text.ts';
import type { Notice, Notices } from './notices.ts';
import { findTarget, readOrder } from './order.ts';
import { perform } from './perform.ts';
import { refusalWords } from './refusal-words.ts';
import { renderPage } from './render-page.ts';
import type { PageSecrets } from './secrets.ts';

const BAD_QUERY = {
  heading: 'The address cannot be read',
  text: 'Each argument behind the question mark has a name, an equals sign and a value.',
};

/** The page is looked at; or what httpd's page shows and does by GET is asked for (reference §8.1). */
export async function answerLook(
  request: ManagementRequest,
  secrets: PageSecrets,
  notices: Notices,
): Promise<WholeAnswer> {
  const { shared, query } = request;
  const values = readArguments(query);
  if (values === undefined) return refusalPage(400, BAD_QUERY, '?');
  const command = (values.get('cmd') ?? '').toUpperCase();
  const view = viewOf(values);
  if (command === 'INFO' || command === 'DUMP') return refreshed(await tablesAnswer(request, command), view);
  let notice = notices.take(values.get('done') ?? '');
  const legacy = shared.options.legacyManagerGet;
  if (legacy && command !== '' && secrets.isNonce(values.get('nonce') ?? '')) {
    const refused = whyNotByGet(request);
    if (refused !== undefined) return guardPage(refused, linkTo(view));
    notice = await performByGet(request, values);
  }
  const nonce = legacy ? secrets.nonce : '';
  if (values.get('format') === 'httpd') {
    const text = textAnswer(200, httpdText(shared.cluster.state, nonce, notice?.text));
    // The text has no address without the command that could be loaded in its place.
    return notice === undefined ? refreshed(text, view) : text;
  }
  const mayChange = isWorthAsking(request);
  const page = renderPage(shared, { view, notice, mayChange, formToken: secrets.formToken, nonce });
  return pageAnswer(200, page, refreshHeader(view, values));
}

/** INFO and DUMP, as the MCMP commands of these names answer them. */
async function tablesAnswer({ shared, head, peer }: ManagementRequest, method: 'INFO' | 'DUMP'): Promise<WholeAnswer> {
  const message = { method, target: '/', body: '', accept: headerValue(head, 'accept'), aboutRoute: '' };
  const reply = await carryOut(shared, message, { by: 'page', peer });
  if (reply === undefined) return textAnswer(503, 'nobody waits for the answer any more\n');
  const { status, headers, body } = httpAnswer(reply, shared.cluster.dialect);
  const typed = headers.filter(([name]) => name !== 'Content-Length');
  const safe: [string, string][] = [
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
    ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ];
  return { kind: 'whole', status, headers: [...typed, ...safe], body: Buffer.from(body, 'latin1') };
}

/** The guard's opinion, of a GET that is meant to change something: the same as of a POST. */
function whyNotByGet(request: ManagementRequest): WholeAnswer | undefined {
  return whyNotChange({ ...request, method: 'POST' });
}

async function performByGet({ shared, peer }: ManagementRequest, values: PageArguments): Promise<Notice> {
  const order = readOrder(values);
  if (order === undefined) return failed('there is no such command, or no such range');
  const target = findTarget(shared.cluster.state, order);
  return typeof target === 'string' ? failed(target) : await perform(shared, order, target, peer);
}

function failed(why: string): Notice {
  return { tone: 'refused', text: `Command failed: ${why}` };
}

/** Whether buttons make sense: not where every change would be refused because there is no token to have. */
function isWorthAsking(request: ManagementRequest): boolean {
  const refused = whyNotByGet(request);
  return refused === undefined || refusalWords(refused).code !== 'MCMP_NO_TOKEN_SET';
}

/** An answer that changes nothing, loaded anew as often as `refresh=` asks. */
function refreshed(answer: WholeAnswer, { refreshSeconds }: PageView): WholeAnswer {
  if (refreshSeconds === 0) return answer;
  return { ...answer, headers: [...answer.headers, ['Refresh', String(refreshSeconds)]] };
}

/** What was done once is not done or said again when the page is loaded anew. */
function refreshHeader(view: PageView, values: PageArguments): [string, string][] {
  if (view.refreshSeconds === 0) return [];
  const isOnce = values.has('cmd') || values.has('done');
  return [['Refresh', isOnce ? `${view.refreshSeconds}; url=${linkTo(view)}` : String(view.refreshSeconds)]];
}
