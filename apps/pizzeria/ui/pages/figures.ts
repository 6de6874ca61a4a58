// Numbers as the office shows them: one large, or a list of pizzas by how many were sold.

import type { Sales } from '../../application/queries/get-sales.ts';
import { formatCents } from '../../domain/money.ts';
import { type Html, html } from '../html.ts';

export function figure(name: string, value: string | number): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

export function pizzaList({ pizzas }: Pick<Sales, 'pizzas'>): Html {
  if (pizzas.length === 0) return html`<p class="quiet">Nothing was sold yet. The day is young.</p>`;
  const most = pizzas[0]!.pizzas;
  return html`<ol class="loved">${pizzas.map(
    ({ pizza, pizzas: sold, revenueCents }) =>
      html`<li><span>${pizza}</span><meter min="0" max="${most}" value="${sold}" aria-label="${pizza}"></meter><b>${sold}</b><span class="quiet amount">${formatCents(revenueCents)}</span></li>`,
  )}</ol>`;
}
