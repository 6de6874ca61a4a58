/** Plain data as YAML in block style; every text in double quotes, in which JSON's escapes are YAML's. */

export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue };

export function toYaml(value: YamlValue): string {
  return `${lines(value).join('\n')}\n`;
}

function lines(value: YamlValue): string[] {
  if (typeof value !== 'object') return [JSON.stringify(value)];
  if (Array.isArray(value)) return value.length === 0 ? ['[]'] : value.flatMap((item) => listed(lines(item)));
  const entries = Object.entries(value as Record<string, YamlValue>);
  return entries.length === 0 ? ['{}'] : entries.flatMap(([key, inner]) => keyed(key, inner));
}

function listed([first = '', ...rest]: readonly string[]): string[] {
  return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
}

function keyed(key: string, value: YamlValue): string[] {
  const name = /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : JSON.stringify(key);
  const inner = lines(value);
  const isNested = typeof value === 'object' && Object.keys(value).length > 0;
  return isNested ? [`${name}:`, ...inner.map((line) => `  ${line}`)] : [`${name}: ${inner[0]}`];
}
