// The boards of kitchen and drivers: buttons move orders on, changes of others appear by themselves.

const board = document.getElementById('board');
const error = document.getElementById('board-error');
/** Who works here; absent on the page of a tour. */
const staff = document.getElementById('staff');
const takeChosen = document.getElementById('take-chosen');
/** A ticket that waits longer than this turns red. */
const LATE_MS = 15 * 60_000;
let reading = false;
let again = false;

// Whoever is logged in is known; others are remembered in this browser.
if (staff !== null && !staff.readOnly) {
  const key = `mario.${staff.name}`;
  staff.value = localStorage.getItem(key) ?? staff.value;
  staff.addEventListener('change', () => localStorage.setItem(key, staff.value));
}

board.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-step]');
  if (button === null) return;
  button.disabled = true;
  await take(button.closest('[data-order]').dataset.order, button.dataset.step);
  await read();
});

board.addEventListener('change', showChosen);

takeChosen?.addEventListener('click', async () => {
  takeChosen.disabled = true;
  for (const box of chosen()) {
    if (!(await take(box.value, 'assign'))) break;
    box.checked = false;
  }
  takeChosen.disabled = false;
  await read();
});

/** Moves an order on; what the house refuses is shown. */
async function take(order, step) {
  const body = bodyOf(step);
  const response = await fetch(`/api/orders/${order}/${step}`, {
    method: 'PUT',
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => undefined);
  const done = response?.ok ?? false;
  const problem = done ? undefined : await response?.json().catch(() => undefined);
  error.hidden = done;
  error.textContent = problem?.detail ?? (done ? '' : 'The pizzeria did not answer; please try again.');
  return done;
}

function bodyOf(step) {
  const who = staff?.value.trim() ?? '';
  if (step === 'assign') return { driverId: who };
  return step === 'cook' && who !== '' ? { cookId: who } : undefined;
}

function chosen() {
  return [...board.querySelectorAll('input[name="chosen"]:checked')];
}

function showChosen() {
  if (takeChosen === null) return;
  const count = chosen().length;
  takeChosen.hidden = count === 0;
  takeChosen.textContent = count === 1 ? 'Take the chosen one' : `Take the chosen ${count}`;
}

/** Reads the board again and keeps the keyboard where it was. */
async function read() {
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  const response = await fetch(board.dataset.fragment).catch(() => undefined);
  if (response?.ok) {
    const focused = document.activeElement?.closest('[data-order]')?.dataset.order;
    const kept = new Set(chosen().map((box) => box.value));
    // The fragment is our own server's HTML, escaped there.
    board.innerHTML = await response.text();
    for (const box of board.querySelectorAll('input[name="chosen"]')) box.checked = kept.has(box.value);
    showChosen();
    tick();
    if (focused) board.querySelector(`[data-order="${CSS.escape(focused)}"] button`)?.focus();
  }
  reading = false;
  if (again) {
    again = false;
    await read();
  }
}

function tick() {
  for (const time of board.querySelectorAll('time[data-since]')) {
    const elapsedMs = Math.max(0, Date.now() - Number(time.dataset.since));
    const seconds = Math.floor(elapsedMs / 1000);
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    time.classList.toggle('late', elapsedMs > LATE_MS);
  }
  for (const time of board.querySelectorAll('time[data-local]')) {
    time.textContent = new Date(time.dateTime).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  }
}

const source = new EventSource('/api/orders/events');
source.addEventListener('changed', read);
// After an interruption something may have been missed.
source.addEventListener('open', read);
addEventListener('pagehide', () => source.close(), { once: true });
setInterval(tick, 1000);
tick();
