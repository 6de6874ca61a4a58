// Reads a component's configuration from text, as the collector reads it from a file.
import { ConfigIssues, type ConfigNode, formatIssue, readYamlText } from '@mario/service';
import { ReadContext } from '../config/read-context.ts';

/** The configuration, and what was wrong with it. */
export function readConfigText<Config>(
  factory: { readConfig(node: ConfigNode, context: ReadContext): Config },
  text: string,
): { readonly config: Config; readonly issues: readonly string[] } {
  const issues = new ConfigIssues();
  const node = readYamlText(text, 'c', { issues })!;
  const config = factory.readConfig(node, new ReadContext(issues));
  return { config, issues: issues.all.map(formatIssue) };
}
