// The drivers' board: boxes that wait, and the tours on the road.

import type { DeliveryStatus } from '../../application/queries/get-deliveries.ts';
import { stopsOf } from '../../domain/delivery.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { orderCard } from './order-card.ts';

/** `driver` is whoever is logged in as one; others say who they are. */
export function deliveryPage(deliveries: DeliveryStatus, driver?: string): Page {
  return {
    title: 'Delivery',
    path: '/delivery',
    styles: ['boards.css', 'checkout.css'],
    scripts: ['board.js'],
    wide: true,
    body: html`<div class="board-head"><h1 class="page-title">Delivery</h1>
  <div class="board-tools"><label class="field inline"><span>I am</span><input id="staff" name="driver" value="${driver ?? 'driver-1'}"${driver === undefined ? '' : html` readonly`} maxlength="64" autocomplete="off" spellcheck="false"></label>
  <button class="button" id="take-chosen" hidden>Take the chosen</button></div>
  <p class="notice error" id="board-error" role="alert" hidden></p></div>
<noscript><p class="notice">The board lives by JavaScript: without it, reload the page to see what changed.</p></noscript>
<div id="board" data-fragment="/delivery/board">${deliveryBoard(deliveries)}</div>`,
  };
}

/** The part of the page that is read again when something changes. */
export function deliveryBoard({ waiting, tours }: DeliveryStatus): Html {
  const waitingCards = waiting.map((order) =>
    orderCard(order, {
      sinceMs: order.readyAtMs ?? order.placedAtMs,
      action: { step: 'assign', text: 'Take it' },
      withAddress: true,
      choosable: true,
    }),
  );
  const tourSections = tours.map(
    ({
      driverId,
      orders,
    }) => html`<section><h2><a href="/delivery/tours/${encodeURIComponent(driverId)}">${driverId}</a> <span class="count">${orders.length}</span></h2>
    <ol class="tickets">${stopsOf(orders).map((order, index) =>
      orderCard(order, {
        sinceMs: order.deliveringAtMs ?? order.placedAtMs,
        action: { step: 'deliver', text: 'Delivered' },
        withAddress: true,
        stop: index + 1,
      }),
    )}</ol></section>`,
  );
  return html`<div class="columns">
  <section><h2>Waiting for a driver <span class="count">${waiting.length}</span></h2>
    <ul class="tickets">${waitingCards.length > 0 ? waitingCards : html`<li class="empty">Nothing waits</li>`}</ul></section>
  ${tourSections.length > 0 ? tourSections : html`<section><h2>On the road <span class="count">0</span></h2><ul class="tickets"><li class="empty">Every scooter is in the yard</li></ul></section>`}
</div>`;
}
