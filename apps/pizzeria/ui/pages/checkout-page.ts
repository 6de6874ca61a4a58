// The checkout: who, where, how to pay, and what is in the basket.

import { EXTRA_TOPPING_CENTS, PIZZA_SIZES, type Pizza, unitPriceCents } from '../../domain/pizza.ts';
import { html } from '../html.ts';
import type { Page } from '../layout.ts';

export function checkoutPage(menu: readonly Pizza[]): Page {
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
  <form id="checkout" class="sheet" novalidate>
    <p class="notice error" role="alert" tabindex="-1" hidden></p>
    <fieldset>
      <legend>Where shall we bring it?</legend>
      <label class="field"><span>Name</span><input name="name" autocomplete="name" required maxlength="120"></label>
      <label class="field"><span>Phone</span><input name="phone" type="tel" autocomplete="tel" required maxlength="30" placeholder="+1 555 0134"></label>
      <label class="field"><span>Address</span><input name="address" autocomplete="street-address" required maxlength="300"></label>
      <label class="field"><span>E-mail <i class="quiet">if you like</i></span><input name="email" type="email" autocomplete="email" maxlength="254"></label>
    </fieldset>
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
