// The name of a component in a configuration: its type, and a name of its own when there are several of the type.

export interface ComponentId {
  /** As written: `otlp_http/loki`. */
  readonly text: string;
  readonly type: string;
  readonly name: string;
}

const typePattern = /^[a-zA-Z][0-9a-zA-Z_]{0,62}$/;
const nameLengthMax = 1024;

/** Parses an id; the error is what the Collector says. */
export function parseComponentId(text: string): ComponentId | { readonly error: string } {
  const slash = text.indexOf('/');
  const type = (slash < 0 ? text : text.slice(0, slash)).trim();
  const name = slash < 0 ? '' : text.slice(slash + 1).trim();
  if (type === '') return { error: `in "${text}" id: the part before / should not be empty` };
  if (slash >= 0 && name === '') return { error: `in "${text}" id: the part after / should not be empty` };
  if (!typePattern.test(type)) return { error: `in "${text}" id: invalid character(s) in type "${type}"` };
  if (name.length > nameLengthMax)
    return { error: `in "${text}" id: the name is longer than ${nameLengthMax} characters` };
  return { text: name === '' ? type : `${type}/${name}`, type, name };
}
