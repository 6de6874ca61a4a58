/** The text of `mario help` and `mario COMMAND --help`. */
import { COMMANDS } from './commands.ts';
import { COMMON_OPTIONS } from './options.ts';

export async function formatUsage(name: string | undefined): Promise<string> {
  const entry = name === undefined ? undefined : COMMANDS[name];
  if (name === undefined || entry === undefined) {
    const rows = Object.entries(COMMANDS).map(([command, { summary }]) => [command, summary] as const);
    return `Usage: mario COMMAND [options]\n\n${table(rows)}\nmario COMMAND --help tells more.\n`;
  }
  const command = await entry.load();
  const operands = command.operands === undefined ? '' : ` ${command.operands}`;
  return `Usage: mario ${name}${operands} [options]\n\n${entry.summary}\n\n${table(command.options)}`;
}

/** Options that commands of long-running services share, for their own lists. */
export const COMMON_OPTION_ROWS = COMMON_OPTIONS.map(
  ({ flag, value, meaning }) => [`--${flag}${value === undefined ? '' : ` ${value}`}`, meaning] as const,
);

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
