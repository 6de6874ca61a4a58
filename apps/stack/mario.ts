/** The `mario` command: finds the subcommand, runs it, and is the only place that exits the process. */

import { OperatingError } from '@mario/service';
import { CommandFailure } from './command.ts';
import { COMMANDS } from './commands.ts';
import { formatUsage } from './usage.ts';

const [name = 'help', ...args] = process.argv.slice(2);
process.exit(await main(name, args));

async function main(name: string, args: readonly string[]): Promise<number> {
  const entry = COMMANDS[name];
  if (entry === undefined || args.includes('--help')) {
    const known = entry !== undefined || name === 'help' || name === '--help';
    (known ? process.stdout : process.stderr).write(await formatUsage(entry === undefined ? undefined : name));
    if (!known) process.stderr.write(`\nmario: there is no command ${name}\n`);
    return known ? 0 : 2;
  }
  try {
    const command = await entry.load();
    return await command.run(args);
  } catch (error) {
    process.stderr.write(`mario ${name}: ${explain(error)}\n`);
    return error instanceof CommandFailure ? error.exitCode : 1;
  }
}

/** One clear line for what a user can mend; the stack only for what is our own mistake. */
function explain(error: unknown): string {
  if (error instanceof CommandFailure || error instanceof OperatingError) return error.message;
  if (error instanceof Error && (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
