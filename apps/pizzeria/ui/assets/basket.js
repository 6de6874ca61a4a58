// The basket: kept in the browser, drawn beside the menu and on the checkout page.

const KEY = 'mario.basket';
/** As the house's own limits: lines of an order, pizzas of a line. */
const LINES_MAX = 50;
const QUANTITY_MAX = 50;

/** @returns {{pizza: string, size: string, toppings: string[], quantity: number, cents: number}[]} */
export function readBasket() {
  try {
    const lines = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(lines) ? lines : [];
  } catch {
    return [];
  }
}

export function writeBasket(lines) {
  try {
    localStorage.setItem(KEY, JSON.stringify(lines));
  } catch {
    // Storage may be full or forbidden; the basket then lasts as long as the page.
  }
}

/** Adds one pizza; the same pizza again counts up. Returns false when the basket is full. */
export function addToBasket(lines, added) {
  const key = (line) => [line.pizza, line.size, ...line.toppings.toSorted()].join('|');
  const same = lines.find((line) => key(line) === key(added));
  if (same !== undefined) {
    if (same.quantity >= QUANTITY_MAX) return false;
    same.quantity += 1;
    return true;
  }
  if (lines.length >= LINES_MAX) return false;
  lines.push(added);
  return true;
}

export function money(cents) {
  return (cents / 100).toLocaleString('en', { style: 'currency', currency: 'USD' });
}

/** Draws the lines into the basket; `onChange` is called after the customer changed a quantity. */
export function drawBasket(lines, onChange) {
  const basket = document.getElementById('basket');
  const total = lines.reduce((sum, line) => sum + line.cents * line.quantity, 0);
  const count = lines.reduce((sum, line) => sum + line.quantity, 0);
  basket.querySelector('.empty').hidden = count > 0;
  basket.querySelector('.total').hidden = count === 0;
  basket.querySelector('.total output').textContent = money(total);
  const checkout = basket.querySelector('a.button');
  if (checkout !== null) checkout.hidden = count === 0;
  basket.querySelector('.lines').replaceChildren(...lines.map((line) => drawLine(line, lines, onChange)));

  const bar = document.querySelector('.basket-bar');
  if (bar === null) return;
  bar.hidden = count === 0;
  bar.querySelector('.count').textContent = String(count);
  bar.querySelector('output').textContent = money(total);
}

function drawLine(line, lines, onChange) {
  const change = (by) => () => {
    line.quantity = Math.min(QUANTITY_MAX, line.quantity + by);
    if (line.quantity <= 0) lines.splice(lines.indexOf(line), 1);
    writeBasket(lines);
    onChange();
  };
  return element('li', {}, [
    element('span', {}, [`${line.pizza} `, element('i', { className: 'quiet' }, [line.size])]),
    element('span', { className: 'amount' }, [money(line.cents * line.quantity)]),
    ...(line.toppings.length > 0 ? [element('small', {}, [`with ${line.toppings.join(', ')}`])] : []),
    element('span', { className: 'stepper' }, [
      element('button', { type: 'button', ariaLabel: `One ${line.pizza} less`, onclick: change(-1) }, ['−']),
      element('b', {}, [String(line.quantity)]),
      element('button', { type: 'button', ariaLabel: `One ${line.pizza} more`, onclick: change(1) }, ['+']),
    ]),
  ]);
}

/** Text goes in as text, never as HTML. */
function element(name, properties, children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}
