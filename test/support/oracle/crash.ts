import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCpio } from '../../../src/formats/cpio.js';
import { baseTree } from '../../guest/base.js';
import { addPackage } from '../../guest/package.js';
import { corpus } from '../corpus.js';
import type { Oracle } from './oracle.js';
import { readGuestFile } from './program.js';
import { bootOracle } from './qemu.js';

/** A boot of the oracle that crashes into a capture kernel. */
export interface OracleCrash {
  readonly oracle: Oracle;
  /** QEMU's arguments for the machine: `-M`, `-cpu`, `-m`, `-smp` and so on. */
  readonly machine: readonly string[];
  /** The oracle's command line without the console. */
  readonly append: string;
  /** The folder that both kernels mount as /share. `kernel` and `initrd` for the capture kernel are put there. */
  readonly share: string;
  /** The folder of {@link writeCrashTools}. */
  readonly tools: string;
  /** Shell scripts, which can use Node and kexec-file: for the kernel that crashes, and for the capture kernel. */
  readonly scripts: { readonly crash: string; readonly capture: string };
}

/** In milliseconds. A crash takes 15 to 60 s on an idle machine. */
const TIMEOUT = 400_000;

/**
 * Writes the file tree with Node and kexec-file into a new folder.
 *
 * @param packages - Debian packages whose files are added: keys of `scripts/debian.mjs`
 */
export function writeCrashTools(folder: string, packages: readonly string[] = []): void {
  const tree = baseTree('node');
  addPackage(tree);
  for (const key of packages) tree.addFolderOfHost('/', corpus.debianPackage(key));
  tree.toFolder(folder);
}

/**
 * Boots the oracle and runs a script in it that makes it crash, then another script in the capture kernel. That is the
 * oracle again: the first script loads `/share/kernel` with the initrd `/share/initrd` and `stage=capture` on its
 * command line.
 *
 * @returns the output of the scripts
 * @throws Error if QEMU fails or takes too long, or a script fails, with the output so far
 */
export async function crashOracle(crash: OracleCrash): Promise<string> {
  const { oracle, machine, append, share, tools, scripts } = crash;
  const initrd = join(share, 'initrd');
  writeFileSync(initrd, crashInitrd());
  copyFileSync(oracle.image, join(share, 'kernel'));
  for (const [stage, script] of Object.entries(scripts)) writeFileSync(join(share, `${stage}.sh`), script);

  const console = await bootOracle({
    oracle,
    machine,
    initrd,
    append: `stage=crash ${append}`,
    share,
    tools,
    timeout: TIMEOUT,
  });
  const said = Object.keys(scripts).map((stage) => {
    const path = join(share, `${stage}.out`);
    return existsSync(path) ? readFileSync(path, 'latin1') : '';
  });
  if (!said[1]?.endsWith('ended with 0\n')) {
    throw new Error(`the oracle did not reach the end of its scripts:\n${said.join('\n')}\n${console}`);
  }
  return said.join('');
}

function crashInitrd(): Uint8Array {
  return buildCpio([
    { name: 'init', type: 'file', permissions: 0o755, bytes: readGuestFile('crash.sh') },
    { name: 'bin', type: 'directory' },
    { name: 'bin/busybox', type: 'file', permissions: 0o755, bytes: readFileSync(corpus.busybox()) },
    { name: 'dev', type: 'directory' },
    { name: 'dev/console', type: 'characterDevice', node: { major: 5, minor: 1 } },
  ]);
}
