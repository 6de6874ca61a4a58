// What a page shows when there is nothing to show.

import { html } from '../html.ts';
import type { Page } from '../layout.ts';

export function errorPage(status: number, detail: string): Page {
  return {
    title: status === 404 ? 'Not found' : 'Something went wrong',
    path: '',
    body: html`<section class="lost">
  <p class="eyebrow">${status}</p>
  <h1 class="page-title">${status === 404 ? 'This page went out for delivery' : 'Something burnt'}</h1>
  <p class="lead">${detail}</p>
  <p><a class="button" href="/">Back to the menu</a></p>
</section>`,
  };
}
