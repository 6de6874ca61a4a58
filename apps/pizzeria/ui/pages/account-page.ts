// An account: what we told its owner, what they ordered, and where they live.

import type { Principal } from '../../application/identity/principal.ts';
import type { ContactDetails } from '../../domain/customer.ts';
import { formatCents } from '../../domain/money.ts';
import type { Notification } from '../../domain/notification.ts';
import { type Order, type OrderStatus, orderCode } from '../../domain/order.ts';
import type { CustomerProfile } from '../../domain/profile.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { contactFields } from './contact-fields.ts';
import { moment } from './moment.ts';

export interface AccountView {
  readonly principal: Principal;
  readonly profile: CustomerProfile | undefined;
  /** What was typed and refused; shown again instead of the profile. */
  readonly contact: ContactDetails | undefined;
  readonly history: OrderHistory;
  readonly notifications: readonly Notification[];
  readonly done: string | undefined;
  readonly refusal: string | undefined;
}

interface OrderHistory {
  readonly orders: readonly Order[];
  /** Not the first page. */
  readonly isLater: boolean;
  /** Where the next page begins, if there is one. */
  readonly older: string | undefined;
}

/** As many as an order brings; more would hide the orders below. */
const LATEST_NOTIFICATIONS = 5;

const STATUS_TEXTS: Readonly<Record<OrderStatus, string>> = {
  pending: 'waiting for payment',
  confirmed: 'confirmed',
  cooking: 'in the oven',
  ready: 'boxed',
  delivering: 'on its way',
  delivered: 'delivered',
  cancelled: 'cancelled',
};

export function accountPage(view: AccountView): Page {
  const { principal, profile } = view;
  return {
    title: 'Your account',
    path: '/account',
    styles: ['forms.css', 'checkout.css'],
    scripts: ['local-times.js'],
    body: html`<div class="page-head"><h1 class="page-title">Ciao, ${principal.name}</h1>
  <form method="post" action="/api/auth/logout"><button class="button ghost">Log out</button></form></div>
<p class="quiet">You are logged in as <b>${principal.login}</b>: ${principal.roles.join(', ')}.</p>
<div class="account">
  ${profile === undefined ? '' : html`<div>${notificationList(view.notifications)}${orderList(view.history)}</div>`}
  ${profileForm(view)}
</div>`,
  };
}

function notificationList(notifications: readonly Notification[]): Html {
  const items = notifications.map(
    (
      notification,
    ) => html`<li><p>${notification.text} <a href="/orders/${notification.orderId}">Order ${orderCode(notification.orderId)}</a><br><small class="quiet">${moment(notification.createdAtMs)}</small></p>
      <form method="post" action="/account/notifications/${notification.id}/dismiss"><button class="button ghost small" aria-label="Put away: ${notification.text}">Put away</button></form></li>`,
  );
  const [latest, earlier] = [items.slice(0, LATEST_NOTIFICATIONS), items.slice(LATEST_NOTIFICATIONS)];
  return html`<section class="panel" id="notifications" aria-labelledby="notifications-title"><h2 id="notifications-title">What we told you</h2>
    ${latest.length > 0 ? html`<ul class="messages">${latest}</ul>` : html`<p class="quiet">Nothing new.</p>`}
    ${earlier.length === 0 ? '' : html`<details><summary>${earlier.length} before that</summary><ul class="messages">${earlier}</ul></details>`}</section>`;
}

function orderList({ orders, isLater, older }: OrderHistory): Html {
  const rows = orders.map(
    (
      order,
    ) => html`<tr><td><a href="/orders/${order.id}">${orderCode(order.id)}</a></td><td>${moment(order.placedAtMs)}</td>
      <td>${order.lines.map((line) => `${line.quantity} × ${line.pizza}`).join(', ')}</td>
      <td><span class="status ${order.status}">${STATUS_TEXTS[order.status]}</span></td><td class="number">${formatCents(order.totalCents)}</td></tr>`,
  );
  return html`<section class="panel" id="orders" aria-labelledby="orders-title"><h2 id="orders-title">Your orders</h2>
    ${
      rows.length > 0
        ? html`<div class="scroll" tabindex="0" role="region" aria-label="Table of your orders"><table class="list"><thead><tr><th scope="col">Order</th><th scope="col">Placed</th><th scope="col">Pizzas</th><th scope="col">Status</th><th scope="col" class="number">Total</th></tr></thead><tbody>${rows}</tbody></table></div>`
        : isLater
          ? html`<p class="quiet">That was all.</p>`
          : html`<p class="quiet">None yet. <a href="/">The oven is hot.</a></p>`
    }${isLater || older !== undefined ? pager(isLater, older) : ''}</section>`;
}

function pager(isLater: boolean, older: string | undefined): Html {
  return html`<nav class="pager" aria-label="Pages of your orders">
    ${isLater ? html`<a class="button ghost small" href="/account#orders">Newest</a>` : ''}
    ${older === undefined ? '' : html`<a class="button ghost small" rel="next" href="/account?before=${older}#orders">Older</a>`}</nav>`;
}

function profileForm({ profile, contact, done, refusal }: AccountView): Html {
  return html`<form method="post" action="/account/profile" class="sheet" aria-labelledby="profile-title">
    <fieldset><legend id="profile-title">${profile === undefined ? 'Become a customer' : 'Where the pizzas go'}</legend>
      ${refusal === undefined ? '' : html`<p class="notice error" role="alert">${refusal}</p>`}
      ${done === 'saved' ? html`<p class="notice" role="status">Saved.</p>` : ''}
      ${contactFields(contact ?? profile)}
      ${profile === undefined ? '' : html`<input type="hidden" name="version" value="${profile.version}">`}
    </fieldset>
    <button class="button block">Save</button>
  </form>`;
}
