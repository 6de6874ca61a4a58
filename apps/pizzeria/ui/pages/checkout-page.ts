// The checkout: who, where, how to pay, and what is in the basket.

import { EXTRA_TOPPING_CENTS, PIZZA_SIZES, type Pizza, unitPriceCents } from '../../domain/pizza.ts';
import type { CustomerProfile } from '../../domain/profile.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import { contactFields } from './contact-fields.ts';

/** Whoever has a profile is not asked again; guests say where they live. */
export function checkoutPage(menu: readonly Pizza[], profile?: CustomerProfile): Page {
  const prices = Object.fromEntries(
    menu.map((pizza) => [
      pizza.name,
      Object.fromEntries(PIZZA_SIZES.map((size) => [size, unitPriceCents(pizza, size, 0)])),
    ]),
  );
  return {
    title: 'Checkout',
    path: '/checkout',
    styles: ['basket.css', 'checkout.css'],
    scripts: ['checkout.js'],
    body: html`<h1 class="page-title">Almost in the oven</h1>
<div class="shop" data-topping-cents="${EXTRA_TOPPING_CENTS}" data-prices="${JSON.stringify(prices)}">
  <form id="checkout" class="sheet" novalidate${profile === undefined ? '' : html` data-known`}>
    <p class="notice error" role="alert" tabindex="-1" hidden></p>
    ${profile === undefined ? guestFields() : knownCustomer(profile)}
    <fieldset>
      <legend>How would you like to pay?</legend>
      <div class="tiles">
        <label class="tile"><input type="radio" name="paymentMethod" value="card" checked><span><b>Card</b><i class="quiet">now</i></span></label>
        <label class="tile"><input type="radio" name="paymentMethod" value="cash"><span><b>Cash</b><i class="quiet">at the door</i></span></label>
      </div>
    </fieldset>
    <label class="field"><span>Anything we should know? <i class="quiet">optional</i></span><textarea name="notes" rows="2" maxlength="500"></textarea></label>
    <button class="button block big">Place the order</button>
    <p class="quiet centre">By pressing it you make a cook very happy.</p>
  </form>
  <aside class="basket" aria-labelledby="basket-title" id="basket">
    <h2 id="basket-title">Your order</h2>
    <p class="empty">Your basket is empty. <a href="/">Back to the menu</a></p>
    <ul class="lines" aria-live="polite"></ul>
    <p class="total" hidden><span>Total</span> <output></output></p>
  </aside>
</div>`,
  };
}

function guestFields(): Html {
  return html`<fieldset>
      <legend>Where shall we bring it?</legend>
      ${contactFields()}
      <p class="quiet">Been here before? <a href="/login?return=/checkout">Log in</a> and skip this.</p>
    </fieldset>`;
}

function knownCustomer({ name, phone, address }: CustomerProfile): Html {
  return html`<section aria-labelledby="where-title">
      <h2 id="where-title">We bring it to</h2>
      <address><b>${name}</b><br>${address}<br>${phone}</address>
      <p class="quiet"><a href="/account">Change it in your account</a></p>
    </section>`;
}
