// The boards of kitchen and drivers: buttons move orders on, changes of others appear by themselves.

const board = document.getElementById('board');
const error = document.getElementById('board-error');
const driver = document.getElementById('driver');
/** A ticket that waits longer than this turns red. */
const LATE_MS = 15 * 60_000;
let reading = false;
let again = false;

if (driver !== null) {
  driver.value = localStorage.getItem('mario.driver') ?? driver.value;
  driver.addEventListener('change', () => localStorage.setItem('mario.driver', driver.value));
}

board.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-step]');
  if (button === null) return;
  button.disabled = true;
  const { order } = button.closest('[data-order]').dataset;
  const { step } = button.dataset;
  const body = step === 'assign' ? { driverId: driver.value } : undefined;
  const response = await fetch(`/api/orders/${order}/${step}`, {
    method: 'PUT',
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => undefined);
  const problem = response?.ok ? undefined : await response?.json().catch(() => undefined);
  error.hidden = response?.ok ?? false;
  error.textContent = problem?.detail ?? (response?.ok ? '' : 'The pizzeria did not answer; please try again.');
  await read();
});

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
    // The fragment is our own server's HTML, escaped there.
    board.innerHTML = await response.text();
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
}

const source = new EventSource('/api/orders/events');
source.addEventListener('changed', read);
// After an interruption something may have been missed.
source.addEventListener('open', read);
addEventListener('pagehide', () => source.close(), { once: true });
setInterval(tick, 1000);
tick();
