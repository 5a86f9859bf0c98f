import { spawnSync } from 'node:child_process';

/** Compiles a device tree by dtc; throws if dtc is missing or finds an error. */
export function compileDts(source: string): Uint8Array {
  return new Uint8Array(dtc(['-I', 'dts', '-O', 'dtb'], source));
}

/** Decompiles a device tree by dtc, sorted; throws if dtc cannot read the tree. */
export function decompileDtb(blob: Uint8Array): string {
  return dtc(['-s', '-I', 'dtb', '-O', 'dts'], blob).toString();
}

function dtc(args: readonly string[], input: string | Uint8Array): Buffer {
  const { status, error, stdout, stderr } = spawnSync('dtc', ['-q', ...args, '-'], { input });
  if (error !== undefined)
    throw new Error('dtc cannot be run: install device-tree-compiler', { cause: error });
  if (status !== 0) throw new Error(`dtc ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}
