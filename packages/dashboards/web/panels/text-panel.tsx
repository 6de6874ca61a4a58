/** Text that an author wrote, as Markdown, HTML or code. What could run or load from elsewhere is taken out. */
import { useMemo } from 'react';
import { asString } from '../../model/json.ts';
import type { PanelData } from '../dashboard/panel-data.ts';
import { markdownHtml, sanitisedHtml } from '../ui/markdown.ts';
import './text-panel.css';

export default function TextPanel({ data }: { readonly data: PanelData }) {
  const { options } = data.panel;
  const mode = asString(options.mode, 'markdown');
  const content = data.interpolate(asString(options.content));
  const html = useMemo(
    () => (mode === 'html' ? sanitisedHtml(content) : mode === 'code' ? '' : markdownHtml(content)),
    [content, mode],
  );
  if (mode === 'code') return <pre className="text-panel">{content}</pre>;
  return <div className="text-panel" dangerouslySetInnerHTML={{ __html: html }} />;
}
