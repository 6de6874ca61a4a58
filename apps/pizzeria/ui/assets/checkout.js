// The checkout page: sends the basket as an order and leads to its tracking page.

import { drawBasket, readBasket, writeBasket } from './basket.js';

const shop = document.querySelector('.shop');
const form = document.getElementById('checkout');
const button = form.querySelector('button.big');
const notice = form.querySelector('.notice');
const prices = JSON.parse(shop.dataset.prices);
const toppingCents = Number(shop.dataset.toppingCents);

// The menu may have changed since the basket was filled: what is gone leaves, and prices are today's.
const lines = readBasket()
  .filter((line) => prices[line.pizza]?.[line.size] !== undefined)
  .map((line) => ({ ...line, cents: prices[line.pizza][line.size] + line.toppings.length * toppingCents }));

const draw = () => {
  drawBasket(lines, draw);
  button.disabled = lines.length === 0;
};
draw();

// One key for one visit of this page: pressing twice, or again after a lost answer, makes one order.
let key = newKey();

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const invalid = [...form.elements].filter((field) => field.willValidate && !field.checkValidity());
  for (const field of form.elements) field.setAttribute('aria-invalid', String(invalid.includes(field)));
  if (invalid.length > 0) {
    const names = invalid.map((field) => field.closest('label').querySelector('span').firstChild.textContent.trim());
    refuse(`Please check: ${names.join(', ')}.`);
    invalid[0].focus();
    return;
  }
  await place();
});

async function place() {
  button.disabled = true;
  try {
    const response = await fetch('/api/orders/', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(orderOf(new FormData(form))),
    });
    const answer = await response.json();
    if (response.ok) {
      writeBasket([]);
      location.assign(`/orders/${answer.id}`);
      return;
    }
    // A refused order did not use the key up, but a corrected one has other contents.
    key = newKey();
    refuse(answer.detail ?? answer.title);
  } catch {
    refuse('We did not hear back. Press the button again: you will not get two orders.');
  }
  button.disabled = false;
}

function orderOf(data) {
  const text = (name) => String(data.get(name) ?? '').trim();
  const email = text('email');
  const notes = text('notes');
  const customer = { name: text('name'), phone: text('phone'), address: text('address'), ...(email && { email }) };
  return {
    // The house knows whoever is logged in with a profile.
    ...(form.dataset.known === undefined && { customer }),
    items: lines.map(({ pizza, size, toppings, quantity }) => ({ pizza, size, toppings, quantity })),
    paymentMethod: text('paymentMethod'),
    ...(notes && { notes }),
  };
}

function refuse(text) {
  notice.textContent = text;
  notice.hidden = false;
  notice.focus();
}

function newKey() {
  // randomUUID exists on secure origins only; a phone in the same network reaches us by plain HTTP.
  return (
    crypto.randomUUID?.() ??
    Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join('-')
  );
}
