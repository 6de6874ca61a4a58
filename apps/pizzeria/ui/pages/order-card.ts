// One order as the boards show it.

import { type Order, orderCode } from '../../domain/order.ts';
import { type Html, html } from '../html.ts';

export interface CardAction {
  readonly step: 'cook' | 'ready' | 'assign' | 'deliver';
  readonly text: string;
}

/** `sinceMs` is what the running clock on the card counts from. The kitchen does not see where the customer lives. */
export function orderCard(
  order: Order,
  sinceMs: number,
  action: CardAction | undefined,
  options: { readonly withAddress?: boolean } = {},
): Html {
  const lines = order.lines.map(
    (line) =>
      html`<li><b>${line.quantity}×</b> ${line.pizza} <i>${line.size}</i>${
        line.toppings.length > 0 ? html`<small>+ ${line.toppings.join(', ')}</small>` : ''
      }</li>`,
  );
  return html`<li class="ticket" data-order="${order.id}">
  <header><b>${orderCode(order.id)}</b><time data-since="${sinceMs}"></time></header>
  ${options.withAddress ? html`<p class="address"><b>${order.contact.name}</b><br>${order.contact.address}</p>` : ''}
  <ul>${lines}</ul>
  ${order.notes === null ? '' : html`<p class="note">“${order.notes}”</p>`}
  ${
    action === undefined
      ? ''
      : html`<button class="button" data-step="${action.step}" aria-label="${action.text}, order ${orderCode(order.id)}">${action.text}</button>`
  }
</li>`;
}
