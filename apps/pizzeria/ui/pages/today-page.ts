// The last 24 hours in numbers and bars.

import type { Sales } from '../../application/queries/get-sales.ts';
import type { Statistics } from '../../application/queries/get-statistics.ts';
import { formatCents } from '../../domain/money.ts';
import type { OrderStatus } from '../../domain/order.ts';
import type { HourOfSales } from '../../domain/sales.ts';
import { barChart } from '../chart.ts';
import { type Html, html } from '../html.ts';
import type { Page } from '../layout.ts';
import type { Visitor } from '../visitor.ts';
import { figure, pizzaList } from './figures.ts';
import { officeTabs } from './office-tabs.ts';

const ACTIVE: readonly OrderStatus[] = ['confirmed', 'cooking', 'ready', 'delivering'];

export function todayPage(statistics: Statistics, sales: Sales, visitor: Visitor): Page {
  const { hours } = sales;
  const sum = (of: (hour: HourOfSales) => number) => hours.reduce((total, hour) => total + of(hour), 0);
  const orders = sum((hour) => hour.orders);
  const revenueCents = sum((hour) => hour.revenueCents);
  const cancelled = sum((hour) => hour.cancelled);
  const active = ACTIVE.reduce((total, status) => total + statistics.ordersByStatus[status], 0);
  return {
    title: 'Today',
    path: '/today',
    styles: ['office.css'],
    body: html`${officeTabs('/today', visitor)}
<h1 class="page-title">The last 24 hours</h1>
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

function hoursChart(hours: readonly HourOfSales[]): Html {
  const bars = hours.map((hour, index) => ({
    name: hourName(hour),
    // Every third hour has its name; more would touch each other on a phone.
    label: index % 3 === 1 ? hourName(hour) : undefined,
    value: hour.orders,
  }));
  const format = (value: number) => value.toLocaleString('en');
  return barChart({ title: 'Orders by hour', unit: 'orders an hour (hours in UTC)', bars, format });
}

function hourName({ hourMs }: HourOfSales): string {
  return `${new Date(hourMs).toISOString().slice(11, 13)}:00`;
}
