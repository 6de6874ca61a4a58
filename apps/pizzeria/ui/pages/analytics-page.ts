// Analytics: sales over days, the hours that are busy, the pizzas that are loved, the kitchen, the staff, the customers.

import type { KitchenPerformance } from '../../application/queries/get-kitchen-performance.ts';
import type { SalesPoint } from '../../application/queries/get-order-time-series.ts';
import type { Sales } from '../../application/queries/get-sales.ts';
import type { StaffPerformance } from '../../application/queries/get-staff-performance.ts';
import type { CustomerRecord } from '../../application/session.ts';
import { formatCents } from '../../domain/money.ts';
import { barChart } from '../chart.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import type { Visitor } from '../visitor.ts';
import { figure, pizzaList } from './figures.ts';
import { moment } from './moment.ts';
import { officeTabs } from './office-tabs.ts';

/** Periods that the page offers; thirty days of hours are about as many bars as a chart can show. */
export const ANALYTICS_DAYS = [1, 7, 30] as const;
const HOURS_OF_DAY = 24;

export interface Analytics {
  readonly days: (typeof ANALYTICS_DAYS)[number];
  /** Hours of the period, the oldest first, without a gap. */
  readonly hours: readonly SalesPoint[];
  readonly sales: Sales;
  readonly kitchen: KitchenPerformance;
  /** What tells of people is the manager's alone. */
  readonly staff: StaffPerformance | undefined;
  readonly customers: readonly CustomerRecord[] | undefined;
}

export function analyticsPage(analytics: Analytics, visitor: Visitor): Page {
  const { days, hours, kitchen } = analytics;
  const sum = (of: (hour: SalesPoint) => number) => hours.reduce((total, hour) => total + of(hour), 0);
  const orders = sum((hour) => hour.orders);
  const revenueCents = sum((hour) => hour.revenueCents);
  const periods = ANALYTICS_DAYS.map((each) => {
    const text = each === 1 ? 'A day' : `${each} days`;
    return each === days
      ? html`<a href="?days=${each}" aria-current="true">${text}</a>`
      : html`<a href="?days=${each}">${text}</a>`;
  });
  return {
    title: 'Analytics',
    path: '/today',
    styles: ['office.css'],
    scripts: ['local-times.js'],
    body: html`${officeTabs('/manage', visitor)}
<div class="page-head"><h1 class="page-title">Analytics</h1><nav class="tabs" aria-label="Period">${periods}</nav></div>
<dl class="figures">
  ${figure('Revenue', formatCents(revenueCents).slice(0, -3))}
  ${figure('Orders', orders.toLocaleString('en'))}
  ${figure('Average order', orders === 0 ? '–' : formatCents(Math.round(revenueCents / orders)))}
  ${figure('In the oven', minutes(kitchen.cookingMs))}
  ${figure('Within the promise', kitchen.withinPromise === null ? '–' : percent(kitchen.withinPromise))}
</dl>
<section class="panel" aria-labelledby="sales-title"><h2 id="sales-title">Sales</h2>${salesChart(analytics)}</section>
<section class="panel" aria-labelledby="peak-title"><h2 id="peak-title">Busy hours</h2>${peakChart(hours)}</section>
<section class="panel" aria-labelledby="pizzas-title"><h2 id="pizzas-title">What they loved in the last day</h2>${pizzaList(analytics.sales)}</section>
${people(analytics)}`,
  };
}

/** Hours for a day, days for more. */
function salesChart({ days, hours }: Analytics): Html {
  const format = (value: number) => `$${value.toLocaleString('en', { maximumFractionDigits: 0 })}`;
  const formatTick = (value: number) => `$${value.toLocaleString('en', { notation: 'compact' })}`;
  if (days === 1) {
    const bars = hours.map(({ startMs, revenueCents }, index) => ({
      name: `${dayOf(startMs)} ${hourText(startMs)}`,
      label: index % 3 === 1 ? hourText(startMs) : undefined,
      value: revenueCents / 100,
    }));
    return barChart({ title: 'Revenue by hour', unit: 'dollars an hour (hours in UTC)', bars, format, formatTick });
  }
  const byDay = Map.groupBy(hours, ({ startMs }) => dayOf(startMs));
  const every = days > 7 ? 5 : 1;
  const bars = [...byDay].map(([day, points], index) => ({
    name: day,
    label: index % every === 0 ? day.slice(5) : undefined,
    value: points.reduce((total, point) => total + point.revenueCents, 0) / 100,
  }));
  return barChart({ title: 'Revenue by day', unit: 'dollars a day (days in UTC)', bars, format, formatTick });
}

/** Orders by hour of the day, as a mean over the days of the period. */
function peakChart(hours: readonly SalesPoint[]): Html {
  const sums = Array.from({ length: HOURS_OF_DAY }, () => ({ orders: 0, days: 0 }));
  for (const { startMs, orders } of hours) {
    const sum = sums[new Date(startMs).getUTCHours()]!;
    sum.orders += orders;
    sum.days += 1;
  }
  const bars = sums.map(({ orders, days }, hour) => ({
    name: `${String(hour).padStart(2, '0')}:00`,
    label: hour % 3 === 0 ? `${String(hour).padStart(2, '0')}:00` : undefined,
    value: days === 0 ? 0 : orders / days,
  }));
  const format = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 });
  return barChart({
    title: 'Orders by hour of the day',
    unit: 'orders an hour, on average (hours in UTC)',
    bars,
    format,
  });
}

function people({ staff, customers }: Analytics): Html {
  if (staff === undefined || customers === undefined) {
    return html`<section class="panel"><h2>Staff and customers</h2><p class="quiet">What tells of people is for the manager: <a href="/login?return=/manage">log in</a>.</p></section>`;
  }
  const cooks = staff.cooks.map(({ cookId, orders, cookingMs, withinPromise }) => [
    cookId ?? 'nobody said',
    orders,
    minutes(cookingMs),
    percent(withinPromise),
  ]);
  const drivers = staff.drivers.map(({ driverId, orders, drivingMs, onTime }) => [
    driverId,
    orders,
    minutes(drivingMs),
    percent(onTime),
  ]);
  const guests = customers.map(({ name, orders, spentCents, latestAtMs }) => [
    name,
    orders,
    formatCents(spentCents),
    moment(latestAtMs),
  ]);
  return html`${table('Cooks', ['Cook', 'Orders', 'In the oven', 'Within the promise'], cooks)}
${table('Drivers', ['Driver', 'Orders', 'To the door', 'On time'], drivers)}
${table('Best customers', ['Customer', 'Orders', 'Spent', 'Last order'], guests)}`;
}

function table(title: string, head: readonly string[], rows: readonly (readonly (string | number | Html)[])[]): Html {
  const cell = (value: string | number | Html, index: number) =>
    index === 0 ? html`<th scope="row">${value}</th>` : html`<td class="number">${value}</td>`;
  const heads = head.map((text, index) =>
    index === 0 ? html`<th scope="col">${text}</th>` : html`<th scope="col" class="number">${text}</th>`,
  );
  const body =
    rows.length === 0
      ? html`<p class="quiet">Nobody yet.</p>`
      : html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="list"><thead><tr>${heads}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody></table></div>`;
  return html`<section class="panel"><h2>${title}</h2>${body}</section>`;
}

function minutes(ms: number | null): string {
  if (ms === null) return '–';
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function hourText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(11, 13)}:00`;
}
