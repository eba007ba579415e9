import { headerValue } from '../../../core/http/find-header.ts';
import { whyNotChange } from '../guard.ts';
import type { ManagementRequest, WholeAnswer } from '../route.ts';
import { linkTo, type PageView, readArguments, viewOf } from './arguments.ts';
import { pageAnswer, refusalPage } from './document.ts';
import type { Notice, Notices } from './notices.ts';
import { anchorOf, effectOf, findTarget, placeOf, readOrder, wantsConfirmation } from './order.ts';
import { perform } from './perform.ts';
import { refusalWords } from './refusal-words.ts';
import { renderConfirmation } from './render-confirmation.ts';
import { verbOf } from './render-node.ts';
import type { PageSecrets } from './secrets.ts';

/**
 * A form of the page was sent. Nothing changes unless the guard lets it, the form is one of ours, and what could hurt was
 * confirmed; then the browser is sent back to the page, so that loading it anew repeats nothing.
 */
export async function answerForm(
  request: ManagementRequest,
  secrets: PageSecrets,
  notices: Notices,
): Promise<WholeAnswer> {
  const { shared, head, body, peer, query } = request;
  const view = viewOf(readArguments(query) ?? new Map());
  const back = linkTo(view);
  const refused = whyNotChange(request);
  if (refused !== undefined) return guardPage(refused, back);
  if (!/^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i.test(headerValue(head, 'content-type'))) {
    return refusalPage(415, { heading: 'This is not a form', text: 'The page takes its own forms only.' }, back);
  }
  const form = new URLSearchParams(body.toString('latin1'));
  if (!secrets.isFormToken(form.get('token') ?? '')) {
    return refusalPage(403, OUTDATED, back);
  }
  const order = readOrder(readArguments(form.get('order') ?? '') ?? new Map());
  if (order === undefined || order.command === 'REMOVE-APP') {
    const text = 'The form asks for something that the page does not offer. Nothing was changed.';
    return refusalPage(400, { heading: 'Nothing was changed', text }, back);
  }
  const target = findTarget(shared.cluster.state, order);
  if (typeof target === 'string') {
    return backTo(view, notices, { tone: 'refused', text: `Nothing was changed: ${target}.` });
  }
  const effect = effectOf(shared.cluster.state, order, target, shared.options.useAlias);
  if (effect.changing.length > 0 && wantsConfirmation(order, effect) && form.get('confirmed') !== 'yes') {
    const title = `${verbOf(order.command)} ${placeOf(order)}?`;
    const cancel = `${back}${anchorOf(order, target)}`;
    return pageAnswer(200, { title, tone: 'good', body: renderConfirmation(order, effect, secrets.formToken, cancel) });
  }
  const anchor = anchorOf(order, target);
  return backTo(view, notices, await perform(shared, order, target, peer), anchor);
}

const OUTDATED = {
  heading: 'Nothing was changed',
  text: 'The form is not of this page, or from before the balancer was started again. Look at the page and try once more.',
};

/** What the guard said to a program, for people; the headers stay, so that a browser asks for the token. */
export function guardPage(refused: WholeAnswer, back: string): WholeAnswer {
  const { error, hint } = refusalWords(refused);
  const headers = refused.headers.filter(([name]) => name === 'WWW-Authenticate' || name === 'Allow');
  return refusalPage(refused.status, { heading: 'Nothing was changed', text: `Why: ${error}.`, hint }, back, headers);
}

function backTo(view: PageView, notices: Notices, notice: Notice, anchor = ''): WholeAnswer {
  const location = `${linkTo(view, notices.keep(notice))}${anchor}`;
  return {
    kind: 'whole',
    status: 303,
    headers: [
      ['Location', location],
      ['Cache-Control', 'no-store'],
    ],
    body: '',
  };
}
