/** Text of a rule that does not fire: its templates have no values yet, so they are shown as what they stand for. */

const ACTION = /\{\{-?\s*([\s\S]*?)\s*-?\}\}/g;

export function TemplateText({ text }: { readonly text: string }) {
  const parts: (string | { readonly source: string; readonly name: string; readonly at: number })[] = [];
  let last = 0;
  for (const match of text.matchAll(ACTION)) {
    if (match.index > last) parts.push(text.slice(last, match.index));
    parts.push({ source: match[0], name: placeholderName(match[1]!), at: match.index });
    last = match.index + match[0].length;
  }
  if (last < text.length) parts.push(text.slice(last));
  return (
    <>
      {parts.map((part) =>
        typeof part === 'string' ? (
          part
        ) : (
          <span key={part.at} className="placeholder" title={part.source}>
            {part.name}
          </span>
        ),
      )}
    </>
  );
}

/** `$labels.app` is the app, `$value | humanizePercentage` the value. */
function placeholderName(action: string): string {
  const label = /(?:\$labels|\.Labels)\.([A-Za-z_]\w*)/.exec(action)?.[1];
  if (label !== undefined) return label;
  return /\$value|\.Value/.test(action) ? 'value' : '…';
}
