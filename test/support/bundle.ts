import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

/** Bundles a module of the project with its imports, except for the named packages, as one module for Node. */
export async function bundleForNode(source: URL, external: readonly string[] = []): Promise<string> {
  const { output } = await build({
    input: fileURLToPath(source),
    platform: 'node',
    external: [...external],
    write: false,
    output: { format: 'esm', codeSplitting: false },
  });
  return output[0].code;
}
