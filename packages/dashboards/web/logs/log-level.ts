/** How serious a line is: what the store detected, what the sender said, or what the text looks like. */
import type { LogLine } from '../../model/frames/loki-frames.ts';

export type LogLevel = 'critical' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'unknown';

const NAMES: readonly (readonly [LogLevel, RegExp])[] = [
  ['critical', /^(fatal|critical|crit|emerg\w*|alert|panic)\d?$/i],
  ['error', /^(error|err|eror)\d?$/i],
  ['warn', /^(warn|warning)\d?$/i],
  ['info', /^(info|information|informational|notice)\d?$/i],
  ['debug', /^(debug|dbug)\d?$/i],
  ['trace', /^trace\d?$/i],
];

const IN_TEXT = /\b(?:level|lvl|severity)["']?\s*[=:]\s*["']?([a-z]+)|\b(FATAL|ERROR|WARN(?:ING)?|INFO|DEBUG|TRACE)\b/i;

export function levelOf({ labels, line }: Pick<LogLine, 'labels' | 'line'>): LogLevel {
  const said = labels.detected_level ?? labels.severity_text ?? labels.level ?? labels.severity;
  const named = said === undefined ? undefined : levelNamed(said);
  if (named !== undefined) return named;
  const match = IN_TEXT.exec(line.slice(0, 500));
  return (match === null ? undefined : levelNamed((match[1] ?? match[2])!)) ?? 'unknown';
}

function levelNamed(name: string): LogLevel | undefined {
  return NAMES.find(([, pattern]) => pattern.test(name))?.[0];
}
