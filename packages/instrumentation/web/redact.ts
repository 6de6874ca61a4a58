// Messages and stacks of errors without what a customer typed: parsers and fetches like to quote their input.

const MESSAGE_LENGTH_MAX = 300;
const STACK_LENGTH_MAX = 2_000;

/** Quoted text in double quotes, mail addresses, long numbers and query strings are left out. */
export function redactMessage(text: string): string {
  return redact(text).slice(0, MESSAGE_LENGTH_MAX);
}

/** The frames alone: the first lines of a stack repeat the message, of which there may be several lines. */
export function redactStack(stack: string): string {
  const frames = stack.split('\n').filter((line) => /^\s*at |^[^\s]*@/.test(line));
  return frames
    .map((line) => line.replaceAll(/\?[^\s):]*/g, ''))
    .join('\n')
    .slice(0, STACK_LENGTH_MAX);
}

function redact(text: string): string {
  return text
    .replaceAll(/"[^"]*"?/g, '"…"')
    .replaceAll(/\S+@\S+/g, '…')
    .replaceAll(/\?[^\s)]*/g, '')
    .replaceAll(/\+?\d[\d ().-]{4,}\d/g, '…');
}
