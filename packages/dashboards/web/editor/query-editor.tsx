/** A query editor: CodeMirror with the language of the data source; Enter runs, Shift-Enter starts a new line. */
import { closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching } from '@codemirror/language';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { Datasource } from '../server/datasources.ts';
import { editorTheme } from './editor-theme.ts';
import { loadLanguage } from './query-language.ts';

export interface QueryEditorProps {
  readonly datasource: Datasource;
  readonly value: string;
  readonly label: string;
  readonly placeholder: string;
  readonly onChange: (value: string) => void;
  readonly onRun: () => void;
}

export function QueryEditor(props: QueryEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const language = useRef(new Compartment());
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          Prec.highest(
            keymap.of([
              { key: 'Mod-Enter', run: run },
              { key: 'Enter', run: runUnlessCompleting },
            ]),
          ),
          history(),
          closeBrackets(),
          bracketMatching(),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': latest.current.label }),
          placeholder(latest.current.placeholder),
          language.current.of([]),
          editorTheme,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();

    function run(): boolean {
      latest.current.onRun();
      return true;
    }
    function runUnlessCompleting(target: EditorView): boolean {
      return target.dom.querySelector('.cm-tooltip-autocomplete') === null && run();
    }
  }, []);

  useEffect(() => {
    let current = true;
    void loadLanguage(props.datasource).then((extension) => {
      if (current) view.current?.dispatch({ effects: language.current.reconfigure(extension) });
    });
    return () => {
      current = false;
    };
  }, [props.datasource]);

  // A query that came from the address or from an example replaces what stands in the editor.
  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || editor.state.doc.toString() === props.value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.value } });
  }, [props.value]);

  return <div className="query-editor" ref={host} />;
}
