// The kitchen's board: what waits, what is in the ovens, what is boxed.

import type { KitchenStatus } from '../../application/queries/get-kitchen.ts';
import type { Order } from '../../domain/order.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { type CardAction, orderCard } from './order-card.ts';

/** `cook` is whoever is logged in as one; others may say who they are, for the statistics of the staff. */
export function kitchenPage(kitchen: KitchenStatus, cook?: string): Page {
  return {
    title: 'Kitchen',
    path: '/kitchen',
    styles: ['boards.css', 'checkout.css'],
    scripts: ['board.js'],
    wide: true,
    body: html`<div class="board-head"><h1 class="page-title">Kitchen</h1>
  <label class="field inline"><span>I am</span><input id="staff" name="cook" value="${cook}"${cook === undefined ? '' : html` readonly`} placeholder="a cook" maxlength="64" autocomplete="off" spellcheck="false"></label>
  <p class="notice error" id="board-error" role="alert" hidden></p></div>
<noscript><p class="notice">The board lives by JavaScript: without it, reload the page to see what changed.</p></noscript>
<div id="board" data-fragment="/kitchen/board">${kitchenBoard(kitchen)}</div>`,
  };
}

/** The part of the page that is read again when something changes. */
export function kitchenBoard(kitchen: KitchenStatus): Html {
  const { cookingOrders, capacityOrders, queuedOrders } = kitchen;
  return html`<p class="gauge"><span>Ovens</span><meter min="0" max="${capacityOrders}" high="${Math.ceil(capacityOrders * 0.8)}" value="${cookingOrders}" aria-label="Ovens in use"></meter><b>${cookingOrders} of ${capacityOrders}</b></p>
<div class="columns">
  ${column('Waiting', queuedOrders, kitchen.queue, (order) => order.confirmedAtMs, { step: 'cook', text: 'Into the oven' })}
  ${column('In the oven', cookingOrders, kitchen.cooking, (order) => order.cookingAtMs, { step: 'ready', text: 'Done' })}
  ${column('Boxed', kitchen.ready.length, kitchen.ready, (order) => order.readyAtMs, undefined)}
</div>`;
}

function column(
  title: string,
  count: number,
  orders: readonly Order[],
  since: (order: Order) => number | null,
  action: CardAction | undefined,
): Html {
  const cards = orders.map((order) => orderCard(order, { sinceMs: since(order) ?? order.placedAtMs, action }));
  return html`<section><h2>${title} <span class="count">${count}</span></h2>
    <ul class="tickets">${cards.length > 0 ? cards : html`<li class="empty">Nothing here</li>`}</ul></section>`;
}
