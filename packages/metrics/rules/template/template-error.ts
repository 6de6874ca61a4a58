/** A template that cannot be parsed or executed; the message names the template and the line, as Go's does. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
