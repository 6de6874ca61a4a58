// The tracking page: follows one order by server-sent events.

const article = document.querySelector('.tracking');
const { order } = article.dataset;
const headline = document.getElementById('headline');
const says = document.getElementById('says');
const cancel = document.getElementById('cancel');
const connection = document.getElementById('connection');
const promise = document.getElementById('promise');
const stages = [...article.querySelectorAll('.stages li')];
const CANCELLABLE = ['pending', 'confirmed', 'cooking', 'ready'];
const FINISHED = ['delivered', 'cancelled'];

const time = promise.querySelector('time');
time.textContent = new Date(time.dateTime).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

show({ status: article.dataset.status });
if (!FINISHED.includes(article.dataset.status)) follow();

function follow() {
  const source = new EventSource(`/api/orders/${order}/events`);
  source.addEventListener('open', () => {
    connection.textContent = '';
  });
  source.addEventListener('error', () => {
    connection.textContent = 'Connection lost; trying again …';
  });
  source.addEventListener('order', (event) => {
    const progress = JSON.parse(event.data);
    show(progress);
    if (FINISHED.includes(progress.status)) source.close();
  });
  addEventListener('pagehide', () => source.close(), { once: true });
}

function show({ status, refundCents = 0 }) {
  const reached = stages.findIndex((stage) => stage.dataset.stage === status);
  for (const [index, stage] of stages.entries()) {
    stage.classList.toggle('done', index < reached);
    if (index === reached) stage.setAttribute('aria-current', 'step');
    else stage.removeAttribute('aria-current');
  }
  if (status !== article.dataset.status) {
    article.dataset.status = status;
    if (reached >= 0) {
      headline.textContent = stages[reached].textContent;
      says.textContent = stages[reached].dataset.says;
    } else if (status === 'cancelled') {
      headline.textContent = 'Cancelled';
      says.textContent = 'This order will not be made. We hope to see you again.';
    }
  }
  cancel.hidden = !CANCELLABLE.includes(status);
  promise.hidden = FINISHED.includes(status);
  if (refundCents > 0) document.getElementById('refund').hidden = false;
}

cancel.addEventListener('click', async () => {
  if (!confirm('Cancel this order? What you paid comes back.')) return;
  cancel.disabled = true;
  const response = await fetch(`/api/orders/${order}/cancel`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason: 'customer changed their mind' }),
  }).catch(() => undefined);
  cancel.disabled = false;
  if (response?.ok) show(await response.json());
  else
    connection.textContent =
      (await response?.json().catch(() => undefined))?.detail ?? 'That did not work; please try again.';
});
