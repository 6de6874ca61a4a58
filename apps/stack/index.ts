/** The stack as a library: what `mario stack` runs, for whoever embeds it. */
export { openStack, type Stack, type StackOptions } from './stack.ts';
