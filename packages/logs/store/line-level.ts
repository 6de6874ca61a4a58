/** Guesses the level of a line, as Loki does for `detected_level`. */

/** The spellings that count, by the level that they mean. */
const levels: ReadonlyMap<string, string> = new Map(
  Object.entries({
    trace: 'trace',
    trc: 'trace',
    debug: 'debug',
    dbg: 'debug',
    info: 'info',
    inf: 'info',
    information: 'info',
    warn: 'warn',
    wrn: 'warn',
    warning: 'warn',
    error: 'error',
    err: 'error',
    critical: 'critical',
    fatal: 'fatal',
  }),
);

/** Names of labels, metadata and fields that hold the level. */
export const levelNames = [
  'level',
  'LEVEL',
  'Level',
  'log.level',
  'severity',
  'SEVERITY',
  'Severity',
  'SeverityText',
  'lvl',
  'LVL',
  'Lvl',
  'severity_text',
  'Severity_Text',
  'SEVERITY_TEXT',
];

/** A level lies near the beginning; looking further costs time for every long line. */
const LINE_LENGTH_LOOKED_AT = 1024;

const jsonField = /"(?:level|log\.level|severity|severitytext|severity_text|lvl)"\s*:\s*"([A-Za-z]+)"/i;
const logfmtField = /(?:^|\s)(?:level|log\.level|severity|severitytext|severity_text|lvl)="?([A-Za-z]+)/i;
/** What may stand before and after the word is the real one's list: a colour's escape sequence, for one, may not. */
const word = /(?<=^|[ \t\n[({"=])(trace|debug|info|warn(?:ing)?|err(?:or)?|critical|fatal)(?=$|[ \t\n[\](){}:,!"=])/i;

export function normalizeLevel(text: string): string | undefined {
  return levels.get(text.toLowerCase());
}

/** Numbers of OpenTelemetry's severities: four to a level. What is no number counts as info, as in the real one. */
export function levelOfSeverity(severity: number): string {
  if (Number.isNaN(severity)) return 'info';
  return ['trace', 'debug', 'info', 'warn', 'error', 'fatal'][Math.floor((severity - 1) / 4)] ?? 'unknown';
}

/** `unknown` when the line says nothing. */
export function levelOfLine(line: string): string {
  const start = line.length > LINE_LENGTH_LOOKED_AT ? line.slice(0, LINE_LENGTH_LOOKED_AT) : line;
  const field = (start.trimStart().startsWith('{') ? jsonField : logfmtField).exec(start)?.[1];
  const level = field === undefined ? undefined : normalizeLevel(field);
  if (level !== undefined) return level;
  const found = word.exec(start)?.[1];
  return found === undefined ? 'unknown' : (normalizeLevel(found) ?? 'unknown');
}
