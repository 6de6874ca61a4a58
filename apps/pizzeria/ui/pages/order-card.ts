// One order as the boards show it.

import { type Order, orderCode } from '../../domain/order.ts';
import { type Html, html } from '../html.ts';

export interface CardAction {
  readonly step: 'cook' | 'ready' | 'assign' | 'deliver';
  readonly text: string;
}

export interface OrderCardOptions {
  /** What the running clock on the card counts from. */
  readonly sinceMs: number;
  readonly action?: CardAction | undefined;
  /** The kitchen does not see where the customer lives. */
  readonly withAddress?: boolean;
  /** Several may be chosen and taken at once. */
  readonly choosable?: boolean;
  /** Which stop of a tour it is, from 1. */
  readonly stop?: number;
}

export function orderCard(order: Order, options: OrderCardOptions): Html {
  const { action, stop } = options;
  const code = orderCode(order.id);
  const lines = order.lines.map(
    (line) =>
      html`<li><b>${line.quantity}×</b> ${line.pizza} <i>${line.size}</i>${
        line.toppings.length > 0 ? html`<small>+ ${line.toppings.join(', ')}</small>` : ''
      }</li>`,
  );
  const chooser = html`<label class="choose-order"><input type="checkbox" name="chosen" value="${order.id}"><span class="sr-only">Choose order ${code}</span></label>`;
  return html`<li class="ticket" data-order="${order.id}">
  <header>${options.choosable ? chooser : ''}<b>${stop === undefined ? '' : html`<span class="stop">${stop}</span> `}${code}</b><time data-since="${options.sinceMs}"></time></header>
  ${options.withAddress ? html`<p class="address"><b>${order.contact.name}</b><br>${order.contact.address}</p>` : ''}
  <ul>${lines}</ul>
  ${order.notes === null ? '' : html`<p class="note">“${order.notes}”</p>`}
  ${
    action === undefined
      ? ''
      : html`<button class="button" data-step="${action.step}" aria-label="${action.text}, order ${code}">${action.text}</button>`
  }
</li>`;
}
