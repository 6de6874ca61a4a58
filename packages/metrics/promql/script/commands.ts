// Test scripts, read line by line into commands.

import type { Labels } from '../../model/labels.ts';
import { parseDuration } from '../parse/duration.ts';
import { unquote } from '../parse/quoted-string.ts';
import {
  parseLabelSet,
  parseSequence,
  parseSeriesLine,
  type SequenceValue,
  type SeriesLine,
  type StartTimestampLine,
} from './series-notation.ts';

export interface LoadCommand {
  readonly type: 'load';
  readonly stepMs: number;
  /** Also derive native histograms with custom buckets from classic ones. */
  readonly withNhcb: boolean;
  readonly lines: readonly (SeriesLine | StartTimestampLine)[];
}

export interface MessageExpectation {
  readonly kind: 'fail' | 'warn' | 'info' | 'no_warn' | 'no_info';
  readonly msg: string | null;
  readonly regex: string | null;
}

export interface ExpectedSeries {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
  /** Whether the line names counter reset hints, which are compared only then. */
  readonly withHints: boolean;
}

export interface EvalCommand {
  readonly type: 'eval';
  /** 1-based line of the command in the script. */
  readonly line: number;
  readonly text: string;
  readonly expression: string;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 for an instant evaluation. */
  readonly stepMs: number;
  ordered: boolean;
  scalar: number | null;
  string: string | null;
  /** For an instant evaluation whose result is a range vector: where its points lie. */
  range: { startMs: number; endMs: number; stepMs: number } | null;
  readonly messages: MessageExpectation[];
  readonly series: ExpectedSeries[];
}

export type Command = LoadCommand | EvalCommand | { readonly type: 'clear' };

/** Throws an Error that names the line. */
export function parseScript(source: string): Command[] {
  const lines = source.split('\n').map((line) => (line.trim().startsWith('#') ? '' : line.trim()));
  const commands: Command[] = [];
  for (let i = 0; i < lines.length; ) {
    const head = lines[i]!;
    if (head === '') {
      i++;
      continue;
    }
    let end = i + 1;
    while (end < lines.length && lines[end] !== '') end++;
    const takesBlock = head.startsWith('load') || head.startsWith('eval');
    if (!takesBlock) end = i + 1;
    try {
      commands.push(parseCommand(head, lines.slice(i + 1, end), i + 1));
    } catch (error) {
      throw new Error(`line ${i + 1}: ${(error as Error).message}`);
    }
    i = end;
  }
  return commands;
}

function parseCommand(head: string, body: readonly string[], line: number): Command {
  if (/^clear\b/.test(head)) return { type: 'clear' };
  const load = /^load(_with_nhcb)?\s+(\S+)$/.exec(head);
  if (load !== null) {
    return {
      type: 'load',
      stepMs: parseTime(load[2]!),
      withNhcb: load[1] !== undefined,
      lines: body.map(parseSeriesLine),
    };
  }
  const instant = /^eval(?:_(fail|warn|info|ordered))?\s+instant\s+(?:at\s+(\S+)\s+)?(.+)$/.exec(head);
  if (instant !== null) {
    const atMs = parseTime(instant[2] ?? '0');
    return parseEval(instant[1], instant[3]!, atMs, atMs, 0, head, body, line);
  }
  const range = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/.exec(head);
  if (range !== null) {
    const [startMs, endMs, stepMs] = [range[2]!, range[3]!, range[4]!].map(parseTime) as [number, number, number];
    return parseEval(range[1], range[5]!, startMs, endMs, stepMs, head, body, line);
  }
  throw new Error(`unknown command: ${head}`);
}

function parseTime(text: string): number {
  return text.startsWith('-') ? -parseDuration(text.slice(1)) : parseDuration(text);
}

function parseEval(
  suffix: string | undefined,
  expression: string,
  startMs: number,
  endMs: number,
  stepMs: number,
  text: string,
  body: readonly string[],
  line: number,
): EvalCommand {
  const command: EvalCommand = {
    type: 'eval',
    line,
    text,
    expression,
    startMs,
    endMs,
    stepMs,
    ordered: suffix === 'ordered',
    scalar: null,
    string: null,
    range: null,
    messages: [],
    series: [],
  };
  if (suffix === 'fail' || suffix === 'warn' || suffix === 'info') {
    command.messages.push({ kind: suffix, msg: null, regex: null });
  }
  for (const entry of body) parseExpectation(command, entry);
  return command;
}

function parseExpectation(command: EvalCommand, entry: string): void {
  const old = /^expected_fail_(message|regexp)\s+(.*)$/.exec(entry);
  if (old !== null) {
    const isMessage = old[1] === 'message';
    command.messages.push({ kind: 'fail', msg: isMessage ? old[2]! : null, regex: isMessage ? null : old[2]! });
    return;
  }
  const message = /^expect\s+(fail|warn|info|no_warn|no_info)(?:\s+(msg|regex)\s*:\s*(.*))?$/.exec(entry);
  if (message !== null) {
    const [, kind, form, text] = message;
    command.messages.push({
      kind: kind as MessageExpectation['kind'],
      msg: form === 'msg' ? text!.trim() : null,
      regex: form === 'regex' ? text!.trim() : null,
    });
    return;
  }
  if (/^expect\s+ordered$/.test(entry)) {
    command.ordered = true;
    return;
  }
  const string = /^expect\s+string\s+(.*)$/.exec(entry);
  if (string !== null) {
    command.string = unquote(string[1]!.trim());
    return;
  }
  const range = /^expect\s+range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/.exec(entry);
  if (range !== null) {
    const [startMs, endMs, stepMs] = range.slice(1).map(parseTime) as [number, number, number];
    command.range = { startMs, endMs, stepMs };
    return;
  }
  const scalar = scalarOf(entry);
  if (scalar !== null) {
    command.scalar = scalar;
    return;
  }
  const { labels, rest } = parseLabelSet(entry);
  command.series.push({ labels, values: parseSequence(rest), withHints: rest.includes('counter_reset_hint') });
}

function scalarOf(entry: string): number | null {
  if (!/^[+-]?(?:[\d.][\w.+-]*|inf|nan)$/i.test(entry)) return null;
  const values = parseSequence(entry);
  return values.length === 1 && typeof values[0] === 'number' ? values[0] : null;
}
