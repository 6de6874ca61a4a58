/** Markdown and HTML of authors as HTML for the page: what could run or load from elsewhere is taken out. */
import DOMPurify from 'dompurify';
import { marked } from 'marked';

export function markdownHtml(markdown: string, breaks = true): string {
  return sanitisedHtml(marked.parse(markdown, { async: false, gfm: true, breaks }) as string);
}

export function sanitisedHtml(html: string): string {
  return DOMPurify.sanitize(html, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: ['style', 'form', 'input', 'iframe'],
    ADD_ATTR: ['target'],
  });
}
