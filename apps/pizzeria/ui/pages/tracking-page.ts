// Live tracking of one order, for the customer who waits.

import { formatCents } from '../../domain/money.ts';
import { mayTake, type Order, orderCode } from '../../domain/order.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';

/** The stages that the customer sees, in order, with what each says. */
const STAGES = [
  { status: 'confirmed', text: 'Confirmed', says: 'We have your order; the next free oven is yours.' },
  { status: 'cooking', text: 'In the oven', says: 'Ninety seconds of fire, give or take.' },
  { status: 'ready', text: 'Boxed', says: 'Out of the oven, into the box, waiting for a driver.' },
  { status: 'delivering', text: 'On its way', says: 'Somebody on a scooter is thinking of you.' },
  { status: 'delivered', text: 'Delivered', says: 'Buon appetito!' },
] as const;

export function trackingPage(order: Order): Page {
  return {
    title: `Order ${orderCode(order.id)}`,
    path: '/orders',
    styles: ['tracking.css'],
    scripts: ['tracking.js'],
    body: html`<article class="tracking" data-order="${order.id}" data-status="${order.status}">
  <p class="eyebrow">Order ${orderCode(order.id)}</p>
  <h1 class="page-title" id="headline" aria-live="polite">${headline(order)}</h1>
  <p class="lead" id="says">${says(order)}</p>
  <div class="scene" aria-hidden="true">${scene()}</div>
  <ol class="stages" aria-label="Progress">${STAGES.map((stage) => stageItem(stage, order))}</ol>
  <p class="promise" id="promise"${order.status === 'cancelled' || order.status === 'delivered' ? html` hidden` : ''}>At your door by <time datetime="${iso(order.promisedAtMs)}">${iso(order.promisedAtMs).slice(11, 16)} UTC</time></p>
  <section class="receipt" aria-labelledby="receipt-title">
    <h2 id="receipt-title">What you ordered</h2>
    <ul>${order.lines.map(
      (line) =>
        html`<li><b>${line.quantity} ×</b> <span>${line.pizza} <i class="quiet">${line.size}</i>${
          line.toppings.length > 0 ? html`<small class="quiet">with ${line.toppings.join(', ')}</small>` : ''
        }</span> <span class="amount">${formatCents(line.totalCents)}</span></li>`,
    )}</ul>
    <p class="total"><span>Total, ${order.paymentMethod === 'card' ? 'paid by card' : 'cash at the door'}</span> <output>${formatCents(order.totalCents)}</output></p>
    <p class="notice" id="refund"${order.refundCents === 0 ? html` hidden` : ''}>Your money is on its way back.</p>
  </section>
  <p class="centre"><button class="button ghost" id="cancel"${mayTake('cancel', order.status) ? '' : html` hidden`}>Cancel this order</button></p>
  <p class="quiet centre" id="connection" role="status"></p>
</article>`,
  };
}

function stageItem(stage: (typeof STAGES)[number], order: Order): Html {
  const current = stage.status === order.status ? html` aria-current="step"` : '';
  return html`<li data-stage="${stage.status}" data-says="${stage.says}"${current}><span>${stage.text}</span></li>`;
}

function headline(order: Order): string {
  if (order.status === 'pending') return 'One moment, taking your payment';
  if (order.status === 'cancelled') return 'Cancelled';
  return STAGES.find((stage) => stage.status === order.status)!.text;
}

function says(order: Order): string {
  if (order.status === 'cancelled') return 'This order will not be made. We hope to see you again.';
  return STAGES.find((stage) => stage.status === order.status)?.says ?? 'This takes a second or two.';
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** An oven and a road; the style sheet moves the parts according to the order's status. */
function scene(): Html {
  return html`<svg viewBox="0 -20 640 204" preserveAspectRatio="xMidYMid meet">
  <path class="ground" d="M0 176H640" />
  <g class="oven"><circle class="smoke a" cx="150" cy="4" r="6"/><circle class="smoke b" cx="156" cy="-6" r="8"/><path class="chimney" d="M136 14H164V60H136Z"/><path class="bricks" d="M24 176V104A84 84 0 0 1 192 104V176Z"/><path class="mouth" d="M58 176V122A50 50 0 0 1 158 122V176Z"/>
    <path class="flame one" d="M84 176C74 150 96 146 92 122C108 136 112 152 106 176Z"/><path class="flame two" d="M110 176C100 156 118 148 116 130C134 146 134 160 126 176Z"/>
    </g>
  <g class="house"><path class="wall" d="M520 176V108L570 66L620 108V176Z"/><path class="roof" d="M508 112L570 58L632 112"/><path class="door" d="M556 176V136H584V176Z"/><circle class="lamp" cx="570" cy="112" r="9"/></g>
  <g class="box"><path d="M-24-14H24V14H-24Z"/><path class="lid" d="M-27-20H27V-11H-27Z"/></g>
  <g class="scooter"><circle cx="-26" cy="0" r="13"/><circle cx="30" cy="0" r="13"/><path class="body" d="M-38-8C-34-26-14-24-8-10H14L24-40H34M24-40L32-4"/><path class="crate" d="M-40-46H-10V-24H-40Z"/></g>
</svg>`;
}
