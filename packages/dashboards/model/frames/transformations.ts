/** Applies a panel's chain of transformations: Grafana's own and those that Grafana keeps in its application. */
import {
  type DataFrame,
  type DataTransformerConfig,
  standardTransformers,
  standardTransformersRegistry,
  TransformerCategory,
  transformDataFrame,
} from './grafana-data.ts';
import { ownTransformers } from './own-transformers.ts';

let registered = false;

/** @grafana/data knows the transformations but leaves it to the application to list them. */
function registerTransformers(): void {
  if (registered) return;
  registered = true;
  const all = [...Object.values(standardTransformers), ...ownTransformers];
  const unique = new Map(all.map((transformer) => [transformer.id as string, transformer]));
  standardTransformersRegistry.setInit(
    () =>
      [...unique].map(([id, transformer]) => ({
        id,
        name: transformer.name,
        transformation: async () => transformer,
        editor: () => null,
        imageDark: '',
        imageLight: '',
        categories: new Set<TransformerCategory>([TransformerCategory.Reformat]),
      })) as never,
  );
}

/** Ids that can be applied; others are refused by name. */
export function knownTransformations(): ReadonlySet<string> {
  registerTransformers();
  return new Set(standardTransformersRegistry.list().map((item) => item.id as string));
}

/** `interpolate` writes variables in the options of transformations. */
export async function transform(
  frames: readonly DataFrame[],
  transformations: readonly { readonly id: string; readonly options: object; readonly disabled: boolean }[],
  interpolate: (text: string) => string,
): Promise<readonly DataFrame[]> {
  const active = transformations.filter((transformation) => !transformation.disabled);
  if (active.length === 0) return frames;
  const known = knownTransformations();
  const unknown = active.find(({ id }) => !known.has(id));
  if (unknown !== undefined) throw new Error(`the transformation "${unknown.id}" is not supported here`);
  const configs = active.map(({ id, options }) => ({ id, options })) as DataTransformerConfig[];
  return new Promise((resolve, reject) => {
    transformDataFrame(configs, [...frames], { interpolate }).subscribe({ next: resolve, error: reject });
  });
}
