import { readNodeRuntime } from './node-runtime.mjs';
import { listNpmPackages } from './npm-packages.mjs';

/** Lists what is in an executable besides this project's code, as `formatCopyright()` takes it. */
export function listComponents() {
  const { version, text } = readNodeRuntime();
  return [...listNpmPackages(), { name: 'node', version, license: 'MIT', text }];
}
