/** How queries look while they are edited: the page's own colours, in light and dark. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--code-keyword)' },
  { tag: [tags.function(tags.variableName), tags.standard(tags.name)], color: 'var(--code-function)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool], color: 'var(--code-number)' },
  { tag: [tags.labelName, tags.attributeName, tags.propertyName], color: 'var(--code-label)' },
  { tag: tags.comment, color: 'var(--text-dim)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

export const editorTheme: Extension = [
  syntaxHighlighting(colours),
  EditorView.theme({
    '&': {
      fontSize: '14px',
      background: 'var(--field)',
      color: 'var(--text)',
      border: '1px solid var(--border)',
      borderRadius: '6px',
    },
    '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
    '.cm-content': { fontFamily: 'var(--mono)', padding: '8px 4px', caretColor: 'var(--text)' },
    '.cm-cursor': { borderLeftColor: 'var(--text)' },
    '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { background: 'var(--selected)' },
    '.cm-tooltip': {
      background: 'var(--panel)',
      color: 'var(--text)',
      border: '1px solid var(--border)',
      borderRadius: '6px',
    },
    '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '13px' },
    '.cm-tooltip-autocomplete > ul > li[aria-selected]': { background: 'var(--selected)', color: 'var(--text)' },
    '.cm-completionDetail': { color: 'var(--text-dim)' },
    '.cm-placeholder': { color: 'var(--text-dim)' },
  }),
];
