import { readFileSync } from 'node:fs';

/**
 * The demo's initrd: busybox, a console, and the script `init` beside this file.
 *
 * @param busybox - path of a static busybox for the architecture of the kernel
 * @param buildCpio - from dist, which may not be built yet when this file is loaded
 */
export function buildDemoInitrd(busybox, buildCpio) {
  return buildCpio([
    { name: 'bin', type: 'directory' },
    { name: 'bin/busybox', type: 'file', permissions: 0o755, bytes: readFileSync(busybox) },
    { name: 'dev', type: 'directory' },
    { name: 'dev/console', type: 'characterDevice', node: { major: 5, minor: 1 } },
    {
      name: 'init',
      type: 'file',
      permissions: 0o755,
      bytes: readFileSync(new URL('init', import.meta.url)),
    },
  ]);
}
