// A page of docs/faults or docs/runbooks, for whoever stands before the trouble.

import { html } from '../html.ts';
import type { Page } from '../layout.ts';
import { markdown } from '../markdown.ts';
import type { Visitor } from '../visitor.ts';
import { officeTabs } from './office-tabs.ts';

export function guidePage(text: string, visitor: Visitor): Page {
  return {
    title: /^# +(.*)$/m.exec(text)?.[1] ?? 'Guide',
    path: '/today',
    styles: ['office.css', 'docs.css'],
    body: html`${officeTabs('/manage/faults', visitor)}<article class="docs">${markdown(text, targetOf)}</article>`,
  };
}

/** Links among the two folders lead to their pages here, links into the web where they say. */
function targetOf(href: string): string | undefined {
  const [, runbook, name] = /^(\.\.\/runbooks\/|\.\.\/faults\/)?([a-z][a-z-]*)\.md$/.exec(href) ?? [];
  if (name !== undefined) return runbook === '../runbooks/' ? `/manage/runbooks/${name}` : `/manage/faults/${name}`;
  return href.startsWith('https://') ? href : undefined;
}
