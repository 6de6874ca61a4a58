/** Environment variables in provisioning files, as Grafana expands them: `$NAME`, `${NAME}`, `$__env{NAME}`, `$$`. */

export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\$|\$__env\{([^}]+)\}|\$\{(\w+)\}|\$([A-Za-z_]\w*)/g;

/** A variable that is not set becomes empty text. `$__file{…}` is left alone: files of secrets are not read. */
export function expandEnvironment(text: string, environment: Environment): string {
  if (!text.includes('$')) return text;
  return text.replace(REFERENCE, (reference, env, braced, plain) => {
    if (reference === '$$') return '$';
    const name: string = env ?? braced ?? plain;
    return name === '__file' ? reference : (environment[name] ?? '');
  });
}
