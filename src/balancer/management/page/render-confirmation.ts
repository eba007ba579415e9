import { textOf } from '../../../core/mcmp/bytes.ts';
import type { AppCommandName } from '../../../core/mcmp/types.ts';
import { type Html, html, NOTHING } from './html.ts';
import { type Effect, type Order, placeOf, writeOrder } from './order.ts';
import { verbOf } from './render-node.ts';
import { counted, someOf } from './words.ts';

const MEANINGS: Record<AppCommandName, string> = {
  'ENABLE-APP': 'All requests are sent there again.',
  'DISABLE-APP': 'New sessions begin elsewhere. Requests of sessions that are there are still sent there.',
  'STOP-APP': 'No requests are sent there any more, not even those of sessions that are there.',
  'REMOVE-APP': 'Nothing is sent there until the node registers it again.',
};

/**
 * The question before something that users may notice: what will happen, to how much.
 *
 * @param back query of the link back
 */
export function renderConfirmation(order: Order, effect: Effect, formToken: string, back: string): Html {
  const { changing, inFlight, lastPlaces } = effect;
  const verb = verbOf(order.command);
  const requests =
    inFlight === 0 ? 'No requests are in flight.' : `${counted(inFlight, 'request')} in flight will be finished.`;
  const lonely =
    lastPlaces.length === 0
      ? NOTHING
      : html`<li class="bad">No other node takes new requests for ${someOf(lastPlaces.map(textOf))}.</li>`;
  return html`<main class="ask"><h1>${verb} ${placeOf(order)}?</h1>
<ul><li>${counted(changing.length, 'context changes', 'contexts change')}. ${MEANINGS[order.command]}</li>
<li>${requests}</li>${lonely}</ul>
<form method="post"><input type="hidden" name="token" value="${formToken}"><input type="hidden" name="order" value="${writeOrder(order)}">
<p class="acts"><button class="strong" name="confirmed" value="yes">${verb}</button><a class="button" href="${back}">Cancel</a></p></form></main>`;
}
