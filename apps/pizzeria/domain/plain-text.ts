// Text that people wrote, brought into a form that every database, page and log can hold.

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/**
 * One line of well-formed Unicode: control characters (PostgreSQL refuses NUL) become a blank, halves of characters
 * become U+FFFD, and the ends are trimmed.
 */
export function plainText(text: string): string {
  return text.replaceAll(CONTROLS, ' ').toWellFormed().trim();
}
