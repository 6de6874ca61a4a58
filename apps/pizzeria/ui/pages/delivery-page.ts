// The drivers' board: boxes that wait, and the tours on the road.

import type { DeliveryStatus } from '../../application/queries/get-deliveries.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { orderCard } from './order-card.ts';

export function deliveryPage(deliveries: DeliveryStatus): Page {
  return {
    title: 'Delivery',
    path: '/delivery',
    styles: ['boards.css', 'checkout.css'],
    scripts: ['board.js'],
    wide: true,
    body: html`<div class="board-head"><h1 class="page-title">Delivery</h1>
  <label class="field inline"><span>I am</span><input id="driver" value="driver-1" maxlength="64" autocomplete="off" spellcheck="false"></label>
  <p class="notice error" id="board-error" role="alert" hidden></p></div>
<div id="board" data-fragment="/delivery/board">${deliveryBoard(deliveries)}</div>`,
  };
}

/** The part of the page that is read again when something changes. */
export function deliveryBoard({ waiting, tours }: DeliveryStatus): Html {
  const take = { step: 'assign', text: 'Take it' } as const;
  const deliver = { step: 'deliver', text: 'Delivered' } as const;
  const withAddress = { withAddress: true };
  const waitingCards = waiting.map((order) => orderCard(order, order.readyAtMs ?? order.placedAtMs, take, withAddress));
  const tourSections = tours.map(
    ({ driverId, orders }) => html`<section><h2>${driverId} <span class="count">${orders.length}</span></h2>
    <ul class="tickets">${orders.map((order) =>
      orderCard(order, order.deliveringAtMs ?? order.placedAtMs, deliver, withAddress),
    )}</ul></section>`,
  );
  return html`<div class="columns">
  <section><h2>Waiting for a driver <span class="count">${waiting.length}</span></h2>
    <ul class="tickets">${waitingCards.length > 0 ? waitingCards : html`<li class="empty">Nothing waits</li>`}</ul></section>
  ${tourSections.length > 0 ? tourSections : html`<section><h2>On the road <span class="count">0</span></h2><ul class="tickets"><li class="empty">Every scooter is in the yard</li></ul></section>`}
</div>`;
}
