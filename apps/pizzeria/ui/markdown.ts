// The Markdown that docs/ is written in, as HTML: headings, paragraphs, lists, code, emphasis, links (CommonMark, a part).
// What is not understood is shown as it is written; nothing in a text becomes HTML by itself.

import { type Html, html } from './html.ts';

/** Where a link of the text leads here; undefined for nowhere, then only its words are shown. */
export type LinkTarget = (href: string) => string | undefined;

export function markdown(text: string, targetOf: LinkTarget): Html {
  const blocks: Html[] = [];
  let paragraph: string[] = [];
  let items: string[] = [];
  const end = () => {
    if (paragraph.length > 0) blocks.push(html`<p>${inline(paragraph.join(' '), targetOf)}</p>`);
    if (items.length > 0) blocks.push(html`<ul>${items.map((item) => html`<li>${inline(item, targetOf)}</li>`)}</ul>`);
    paragraph = [];
    items = [];
  };
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]!;
    const heading = /^(#{1,3}) +(.*)$/.exec(line);
    const item = /^(?:-|\d+\.) +(.*)$/.exec(line);
    if (line.startsWith('```')) {
      end();
      const last = lines.indexOf('```', index + 1);
      const close = last < 0 ? lines.length : last;
      const code = lines.slice(index + 1, close).join('\n');
      blocks.push(html`<pre tabindex="0"><code>${code}</code></pre>`);
      index = close;
    } else if (heading !== null) {
      end();
      blocks.push(headingOf(heading[1]!.length, inline(heading[2]!, targetOf)));
    } else if (item !== null) {
      if (paragraph.length > 0) end();
      items.push(item[1]!);
    } else if (line.trim() === '') end();
    else if (items.length > 0) items.push(`${items.pop()} ${line.trim()}`);
    else paragraph.push(line.trim());
  }
  end();
  return html`${blocks}`;
}

function headingOf(level: number, text: Html): Html {
  if (level === 1) return html`<h1 class="page-title">${text}</h1>`;
  return level === 2 ? html`<h2>${text}</h2>` : html`<h3>${text}</h3>`;
}

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

function inline(text: string, targetOf: LinkTarget): Html {
  const parts: (Html | string)[] = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, emphasis, words, href] = match;
    parts.push(text.slice(from, match.index));
    from = match.index + whole.length;
    if (code !== undefined) parts.push(html`<code>${code}</code>`);
    else if (strong !== undefined) parts.push(html`<b>${strong}</b>`);
    else if (emphasis !== undefined) parts.push(html`<i>${emphasis}</i>`);
    else parts.push(linkOf(words!, targetOf(href!)));
  }
  return html`${[...parts, text.slice(from)]}`;
}

function linkOf(words: string, target: string | undefined): Html {
  return target === undefined ? html`${words}` : html`<a href="${target}">${words}</a>`;
}
