// An instant for people: UTC as the server writes it, the visitor's own time once a script has run.

import { type Html, html } from '../html.ts';

export function moment(atMs: number): Html {
  const iso = new Date(atMs).toISOString();
  return html`<time datetime="${iso}" data-local>${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}
