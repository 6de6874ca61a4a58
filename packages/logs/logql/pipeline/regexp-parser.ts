/** `| regexp "(?P<method>\\w+) …"`: labels from the named groups of the first match. */
import { isLabelName } from '../labels.ts';
import { type Capturing, checkRegex, compileCapturing } from '../regex.ts';
import type { CompiledStage } from './stage.ts';

export function compileRegexpParser(pattern: string): CompiledStage {
  const names = [...pattern.matchAll(/\(\?P?<([^>]*)>/g)].map((match) => match[1]!);
  const duplicate = names.find((name, at) => names.indexOf(name) !== at);
  if (duplicate !== undefined) throw new Error(`duplicate extracted label name '${duplicate}'`);
  const error = checkRegex(pattern);
  if (error !== undefined) throw new Error(error);
  const capturing: Capturing = compileCapturing(pattern, { anchored: false });
  if (!capturing.names.some((name) => name !== '')) throw new Error('at least one named capture must be supplied');
  const invalid = capturing.names.find((name) => name !== '' && !isLabelName(name));
  if (invalid !== undefined) throw new Error(`invalid extracted label name '${invalid}'`);
  return {
    requiredLabels: [],
    process(line, { labels }) {
      if (labels.hints.nothing) return line;
      const groups = capturing.exec(line);
      if (groups === undefined) return line;
      capturing.names.forEach((name, group) => {
        if (name === '') return;
        const target = labels.parserName(name);
        if (target !== undefined) labels.extract(target, groups[group]!);
      });
      return line;
    },
  };
}
