/** Template files of notifications: parsed as Alertmanager does at its start, so that a broken one is told here too. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseTemplate } from '@mario/gotemplate';

/** template.DefaultFuncs of Alertmanager and the functions of Go's text/template, by name. */
const FUNCTIONS = new Set([
  ...['toUpper', 'toLower', 'title', 'trimSpace', 'join', 'match', 'safeHtml', 'safeUrl', 'reReplaceAll'],
  ...['stringSlice', 'date', 'tz', 'since', 'humanizeDuration', 'toJson', 'urlUnescape', 'list', 'append', 'dict'],
]);

/** What is wrong with the file; undefined when nothing is. */
export function checkTemplateFile(file: string): string | undefined {
  try {
    parseTemplate(basename(file), readFileSync(file, 'utf8'), { functions: FUNCTIONS });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
