// The page that a manager opens in the morning: the last 24 hours in numbers and bars.

import type { Sales } from '../../application/queries/get-sales.ts';
import type { Statistics } from '../../application/queries/get-statistics.ts';
import { formatCents } from '../../domain/money.ts';
import type { OrderStatus } from '../../domain/order.ts';
import type { HourOfSales } from '../../domain/sales.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';

const ACTIVE: readonly OrderStatus[] = ['confirmed', 'cooking', 'ready', 'delivering'];
/** The drawing of the hours: bars in a box of these units. */
const CHART_WIDTH = 960;
const CHART_HEIGHT = 220;
const BAR_GAP = 8;

export function todayPage(statistics: Statistics, sales: Sales): Page {
  const { hours } = sales;
  const sum = (of: (hour: HourOfSales) => number) => hours.reduce((total, hour) => total + of(hour), 0);
  const orders = sum((hour) => hour.orders);
  const revenueCents = sum((hour) => hour.revenueCents);
  const cancelled = sum((hour) => hour.cancelled);
  const active = ACTIVE.reduce((total, status) => total + statistics.ordersByStatus[status], 0);
  return {
    title: 'Today',
    path: '/today',
    styles: ['today.css'],
    body: html`<h1 class="page-title">The last 24 hours</h1>
<dl class="figures">
  ${figure('Revenue', formatCents(revenueCents).slice(0, -3))}
  ${figure('Orders', orders.toLocaleString('en'))}
  ${figure('Average order', orders === 0 ? '–' : formatCents(Math.round(revenueCents / orders)))}
  ${figure('In progress', active)}
  ${figure('Cancelled', orders === 0 ? '–' : `${((100 * cancelled) / orders).toFixed(1)} %`)}
</dl>
<section class="panel" aria-labelledby="hours-title">
  <h2 id="hours-title">Orders by hour</h2>
  ${hoursChart(hours)}
</section>
<section class="panel" aria-labelledby="pizzas-title">
  <h2 id="pizzas-title">What they love</h2>
  ${pizzaList(sales)}
</section>`,
  };
}

function figure(name: string, value: string | number): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function hoursChart(hours: readonly HourOfSales[]): Html {
  const highest = Math.max(1, ...hours.map((hour) => hour.orders));
  const step = CHART_WIDTH / hours.length;
  const bars = hours.map((hour, index) => {
    const height = (hour.orders / highest) * CHART_HEIGHT;
    const [x, y] = [index * step + BAR_GAP / 2, CHART_HEIGHT - height];
    const name = `${hourName(hour)}: ${hour.orders} orders, ${formatCents(hour.revenueCents)}`;
    return html`<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(step - BAR_GAP).toFixed(1)}" height="${height.toFixed(1)}" rx="4"><title>${name}</title></rect>`;
  });
  // Every third hour has its name; more would touch each other on a phone.
  const names = hours.map((hour, index) =>
    index % 3 === 1
      ? html`<text x="${((index + 0.5) * step).toFixed(1)}" y="${CHART_HEIGHT + 26}">${hourName(hour)}</text>`
      : '',
  );
  const summary = `Most orders in an hour: ${highest}`;
  return html`<svg class="bars" viewBox="0 0 ${CHART_WIDTH} ${CHART_HEIGHT + 36}" role="img" aria-label="${summary}">
    <path class="axis" d="M0 ${CHART_HEIGHT}H${CHART_WIDTH}"/>${bars}${names}</svg>
  <p class="quiet">${summary}. Times are UTC.</p>`;
}

function pizzaList({ pizzas }: Sales): Html {
  if (pizzas.length === 0) return html`<p class="quiet">Nothing was sold yet. The day is young.</p>`;
  const most = pizzas[0]!.pizzas;
  return html`<ol class="loved">${pizzas.map(
    ({ pizza, pizzas: sold, revenueCents }) =>
      html`<li><span>${pizza}</span><meter min="0" max="${most}" value="${sold}" aria-label="${pizza}"></meter><b>${sold}</b><span class="quiet amount">${formatCents(revenueCents)}</span></li>`,
  )}</ol>`;
}

function hourName({ hourMs }: HourOfSales): string {
  return `${new Date(hourMs).toISOString().slice(11, 13)}:00`;
}
