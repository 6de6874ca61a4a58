// The menu: eight pizzas, their sizes and extras, and the basket beside them.

import { formatCents } from '../../domain/money.ts';
import { EXTRA_TOPPING_CENTS, PIZZA_SIZES, type Pizza, unitPriceCents } from '../../domain/pizza.ts';
import type { Topping } from '../../domain/topping.ts';
import type { Assets } from '../assets.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';

export function menuPage(assets: Assets, menu: readonly Pizza[], toppings: readonly Topping[]): Page {
  return {
    title: 'Menu',
    path: '/',
    styles: ['basket.css', 'menu.css'],
    scripts: ['menu.js'],
    body: html`${hero(assets)}
<div class="shop" data-topping-cents="${EXTRA_TOPPING_CENTS}">
  <section aria-labelledby="menu-title">
    <h2 id="menu-title">The menu</h2>
    <noscript><p class="notice">Ordering on this page needs JavaScript. The API takes orders without it: see <a href="/api/docs">/api/docs</a>.</p></noscript>
    <ul class="menu">${menu.map((pizza) => card(assets, pizza, toppings))}</ul>
  </section>
  ${basket()}
</div>
<p class="toast" role="status" aria-live="polite" id="toast"></p>`,
  };
}

function hero(assets: Assets): Html {
  return html`<section class="hero">
  <div>
    <p class="eyebrow">Forno a legna · open now</p>
    <h1>Blistered, buttery,<br><em>at your door</em><br>in 45 minutes.</h1>
    <p class="lead">Dough that rests for two days, tomatoes from the volcano, and an oven at 450 degrees. Pick one; we light the rest.</p>
    <p><a class="button" href="#menu-title">See the menu</a></p>
  </div>
  <img class="hero-pizza" src="${assets.pizzaUrl('margherita')}" alt="" width="400" height="400">
</section>`;
}

function card(assets: Assets, pizza: Pizza, toppings: readonly Topping[]): Html {
  const sizes = PIZZA_SIZES.map((size) => {
    const cents = unitPriceCents(pizza, size, 0);
    const checked = size === 'medium' ? html` checked` : '';
    return html`<label><input type="radio" name="size-${pizza.id}" value="${size}" data-cents="${cents}"${checked}><span>${size}</span></label>`;
  });
  const extras = toppings.map(
    ({ name, months }) =>
      html`<label class="chip"><input type="checkbox" value="${name}"><span>${name}${months === undefined ? '' : html` <i title="in season">✦</i>`}</span></label>`,
  );
  const price = formatCents(unitPriceCents(pizza, 'medium', 0));
  return html`<li class="card${pizza.available ? '' : ' sold-out'}" data-pizza="${pizza.name}">
  <img src="${assets.pizzaUrl(pizza.id)}" alt="" width="400" height="400" loading="lazy">
  <div class="card-text">
    <h3>${pizza.name}</h3>
    <p>${pizza.description}</p>
    <p class="made-of">${pizza.toppings.join(' · ')}</p>
  </div>
  <form class="choose">
    <fieldset class="sizes"><legend class="sr-only">Size of ${pizza.name}</legend>${sizes}</fieldset>
    <details><summary>Extra toppings <span class="quiet">+${formatCents(EXTRA_TOPPING_CENTS)} each</span></summary>
      <fieldset class="chips"><legend class="sr-only">Extra toppings on ${pizza.name}</legend>${extras}</fieldset>
    </details>
    <div class="buy">
      <output class="price" aria-label="Price">${price}</output>
      ${pizza.available ? html`<button class="button" aria-label="Add ${pizza.name} to the basket">Add</button>` : html`<b>sold out</b>`}
    </div>
  </form>
</li>`;
}

function basket(): Html {
  return html`<aside class="basket" aria-labelledby="basket-title" id="basket">
  <h2 id="basket-title">Your basket</h2>
  <p class="empty">Nothing in it yet. The oven is hot, though.</p>
  <ul class="lines" aria-live="polite"></ul>
  <p class="total" hidden><span>Total</span> <output></output></p>
  <a class="button block" href="/checkout" hidden>Go to checkout</a>
</aside>
<a class="basket-bar" href="/checkout" hidden><span class="count"></span><span>View order</span><output></output></a>`;
}
