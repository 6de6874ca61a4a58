// Editing the menu: every pizza with its form, and an empty one for the next.

import { formatCents } from '../../domain/money.ts';
import type { Pizza } from '../../domain/pizza.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import type { Visitor } from '../visitor.ts';
import { officeTabs } from './office-tabs.ts';

export interface MenuEditingView {
  readonly menu: readonly Pizza[];
  readonly visitor: Visitor;
  readonly done: string | undefined;
  readonly refusal: string | undefined;
}

const DONE: Readonly<Record<string, string>> = {
  added: 'The pizza is on the menu.',
  saved: 'Saved. Customers see it within seconds.',
  removed: 'The pizza is off the menu. Orders that were placed keep it.',
};

export function menuEditingPage({ menu, visitor, done, refusal }: MenuEditingView): Page {
  const said = done === undefined ? undefined : DONE[done];
  return {
    title: 'Edit the menu',
    path: '/today',
    styles: ['office.css', 'forms.css', 'checkout.css'],
    body: html`${officeTabs('/manage/menu', visitor)}
<h1 class="page-title">The menu</h1>
${refusal === undefined ? '' : html`<p class="notice error" role="alert">${refusal}</p>`}
${said === undefined ? '' : html`<p class="notice" role="status">${said}</p>`}
<ul class="rows">${menu.map(row)}</ul>
<section class="panel" aria-labelledby="add-title"><h2 id="add-title">A new pizza</h2>
  <form method="post" action="/manage/menu">${fields('new', undefined)}<button class="button">Put it on the menu</button></form>
</section>`,
  };
}

function row(pizza: Pizza): Html {
  const path = `/manage/menu/${encodeURIComponent(pizza.id)}`;
  const version = html`<input type="hidden" name="version" value="${pizza.version}">`;
  return html`<li class="panel" id="pizza-${pizza.id}">
  <div class="row-head"><h2>${pizza.name} <span class="quiet">${formatCents(pizza.priceCents)}</span></h2>
    <form method="post" action="${path}/availability">${version}<input type="hidden" name="available" value="${pizza.available ? 'no' : 'yes'}">
      <button class="button ghost small" aria-label="${pizza.available ? 'Mark as sold out' : 'Offer again'}: ${pizza.name}">${pizza.available ? 'Mark as sold out' : 'Offer again'}</button></form></div>
  ${pizza.available ? '' : html`<p><b class="status cancelled">sold out</b></p>`}
  <details><summary>Edit ${pizza.name}</summary>
    <form method="post" action="${path}">${version}${fields(pizza.id, pizza)}<button class="button">Save ${pizza.name}</button></form>
    <form method="post" action="${path}/remove">${version}<button class="button ghost small">Take ${pizza.name} off the menu</button></form>
  </details>
</li>`;
}

function fields(id: string, pizza: Pizza | undefined): Html {
  const available = pizza?.available !== false;
  return html`<div class="pair">
      <label class="field"><span>Name</span><input name="name" required maxlength="60" value="${pizza?.name}"></label>
      <label class="field"><span>Price of a small one, in dollars</span><input name="price" required inputmode="decimal" pattern="\\d{1,3}(\\.\\d{1,2})?" placeholder="12.99" value="${pizza === undefined ? undefined : (pizza.priceCents / 100).toFixed(2)}"></label>
    </div>
    <label class="field"><span>Description</span><textarea name="description" rows="2" maxlength="300">${pizza?.description}</textarea></label>
    <label class="field"><span>Toppings <i class="quiet">with commas between them</i></span><input name="toppings" value="${pizza?.toppings.join(', ')}"></label>
    <label class="check" for="available-${id}"><input type="checkbox" id="available-${id}" name="available" value="yes"${available ? html` checked` : ''}> can be ordered</label>`;
}
