/** `mario query LANGUAGE 'Q'`: asks a store over HTTP, the embedded one or a real one, and prints a table or JSON. */
import { type Command, CommandFailure } from '../command.ts';
import { parseOptions } from '../options.ts';
import { ask, LANGUAGES } from '../query/ask.ts';
import { formatAnswer } from '../query/format.ts';

export const command: Command = {
  operands: `${LANGUAGES.join('|')} 'QUERY'`,
  options: [
    ['--url URL', 'the store to ask (the embedded one on this machine)'],
    ['--since DURATION', 'log lines and traces of this long until now (1h)'],
    ['--limit N', 'log lines or traces at most (20)'],
    ['--json', 'the answer as the server gave it'],
    ['--port-offset N', 'of the running stack (0)'],
  ],

  async run(args) {
    const { common, own, operands } = parseOptions(args, {
      url: { type: 'string' },
      since: { type: 'string' },
      limit: { type: 'string' },
      json: { type: 'boolean' },
    });
    const [language, query, ...rest] = operands;
    const known = LANGUAGES.find((candidate) => candidate === language);
    if (known === undefined || query === undefined || rest.length > 0) {
      throw new CommandFailure(`needs a language (${LANGUAGES.join(', ')}) and one query in quotes`, 2);
    }
    const answer = await ask({
      language: known,
      query,
      url: typeof own.url === 'string' ? own.url : undefined,
      since: String(own.since ?? '1h'),
      limit: String(own.limit ?? '20'),
      host: common.host,
      portOffset: common.portOffset,
    });
    process.stdout.write(own.json === true ? JSON.stringify(answer, null, 2) + '\n' : formatAnswer(known, answer));
    return 0;
  },
};
