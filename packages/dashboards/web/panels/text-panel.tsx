/** Text that an author wrote, as Markdown, HTML or code. What could run or load from elsewhere is taken out. */
import DOMPurify from 'dompurify';
import { marked } from 'marked';
import { useMemo } from 'react';
import { asString } from '../../model/json.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import './text-panel.css';

export default function TextPanel({ data }: { readonly data: PanelData }) {
  const { options } = data.panel;
  const mode = asString(options.mode, 'markdown');
  const content = data.interpolate(asString(options.content));
  const html = useMemo(() => (mode === 'code' ? '' : sanitised(content, mode)), [content, mode]);
  if (mode === 'code') return <pre className="text-panel">{content}</pre>;
  return <div className="text-panel" dangerouslySetInnerHTML={{ __html: html }} />;
}

function sanitised(content: string, mode: string): string {
  const html = mode === 'html' ? content : (marked.parse(content, { async: false, gfm: true, breaks: true }) as string);
  return DOMPurify.sanitize(html, {
    USE_PROFILES: { html: true },
    FORBID_TAGS: ['style', 'form', 'input', 'iframe'],
    ADD_ATTR: ['target'],
  });
}
