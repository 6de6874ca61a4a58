// A driver's tour on a phone: the next stop large, the others below it, in the order in which they are driven.

import type { DriverTour } from '../../application/queries/get-tour.ts';
import { formatCents } from '../../domain/money.ts';
import { type Order, orderCode } from '../../domain/order.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { moment } from './moment.ts';

export function tourPage(tour: DriverTour): Page {
  return {
    title: `Tour of ${tour.driverId}`,
    path: '/delivery',
    styles: ['boards.css'],
    scripts: ['board.js'],
    body: html`<div class="board-head"><h1 class="page-title">Tour of ${tour.driverId}</h1>
  <p><a href="/delivery">All deliveries</a></p>
  <p class="notice error" id="board-error" role="alert" hidden></p></div>
<div id="board" data-fragment="/delivery/tours/${encodeURIComponent(tour.driverId)}/stops">${tourStops(tour)}</div>`,
  };
}

/** The part of the page that is read again when something changes. */
export function tourStops({ stops, capacityOrders }: DriverTour): Html {
  if (stops.length === 0) {
    return html`<p class="notice">Nothing in the box. <a href="/delivery">Take what waits.</a></p>`;
  }
  return html`<p class="gauge"><span>In the box</span><meter min="0" max="${capacityOrders}" value="${stops.length}" aria-label="Orders in the box"></meter><b>${stops.length} of ${capacityOrders}</b></p>
<ol class="stops">${stops.map((order, index) => stop(order, index + 1))}</ol>`;
}

function stop(order: Order, number: number): Html {
  const { name, address, phone } = order.contact;
  const due = order.paymentMethod === 'cash' ? html`<b>Collect ${formatCents(order.totalCents)}</b>` : 'Paid by card';
  return html`<li class="ticket" data-order="${order.id}">
  <header><b>${number === 1 ? 'Next stop' : `Stop ${number}`}</b><span>by ${moment(order.promisedAtMs)}</span></header>
  <p class="address"><b>${name}</b><br>${address}<br><a href="tel:${phone}">${phone}</a></p>
  <p>${order.lines.map((line) => `${line.quantity} × ${line.pizza} ${line.size}`).join(', ')} · ${orderCode(order.id)}<br>${due}</p>
  ${order.notes === null ? '' : html`<p class="note">“${order.notes}”</p>`}
  <button class="button" data-step="deliver" aria-label="Delivered, order ${orderCode(order.id)}">Delivered</button>
</li>`;
}
