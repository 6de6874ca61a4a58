// The menu page: prices follow the choice, "Add" fills the basket.

import { addToBasket, drawBasket, money, readBasket, writeBasket } from './basket.js';

const toppingCents = Number(document.querySelector('.shop').dataset.toppingCents);
const toast = document.getElementById('toast');
const lines = readBasket();
const draw = () => drawBasket(lines, draw);
let toastTimer;

for (const card of document.querySelectorAll('.card')) {
  const form = card.querySelector('form');
  const price = form.querySelector('.price');

  const choice = () => {
    const size = form.querySelector('.sizes input:checked');
    const toppings = [...form.querySelectorAll('.chips input:checked')].map((input) => input.value);
    return { size: size.value, toppings, cents: Number(size.dataset.cents) + toppings.length * toppingCents };
  };
  const showPrice = () => {
    price.textContent = money(choice().cents);
  };
  form.addEventListener('change', showPrice);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const added = addToBasket(lines, { pizza: card.dataset.pizza, quantity: 1, ...choice() });
    writeBasket(lines);
    draw();
    say(added ? `${card.dataset.pizza} is in your basket` : 'The basket is full. Please call us!');
  });
  // A browser that goes back keeps the choice of before.
  showPrice();
}

// The page may come back from the browser's memory after an order emptied the basket.
addEventListener('pageshow', (event) => {
  if (event.persisted) lines.splice(0, lines.length, ...readBasket());
  draw();
});
draw();

function say(text) {
  toast.textContent = text;
  toast.classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.classList.remove('shown'), 2200);
}
