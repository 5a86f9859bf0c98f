import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildCpio } from '../../../src/formats/cpio.js';
import { baseTree } from '../../guest/base.js';
import { addPackage } from '../../guest/package.js';
import { corpus } from '../corpus.js';
import { guestScript } from './program.js';
import { bootOracle, oracleImage } from './qemu.js';

/** An oracle that crashes into another. */
export interface OracleCrash {
  /** QEMU's arguments that say which machine it is: `-M`, `-cpu`, `-m`, `-smp` and so on. */
  readonly machine: readonly string[];
  /** What the oracle's own command line has beside the console. */
  readonly append: string;
  /** A folder that both kernels have as /share, where `kernel` and `initrd` are put for a capture kernel. */
  readonly share: string;
  /** What {@link crashTools} made. */
  readonly tools: string;
  /** Shell scripts, with Node and kexec-file: of the one that has to crash, and of the capture kernel. */
  readonly scripts: { readonly crash: string; readonly capture: string };
}

/** Milliseconds; a crash takes 15 to 60 seconds, on a machine that has nothing else to do. */
const PATIENCE = 400_000;

/** Puts the file tree with Node and kexec-file into a folder, which is made. */
export function crashTools(folder: string): void {
  const tree = baseTree();
  addPackage(tree);
  tree.toFolder(folder);
}

/**
 * Boots the oracle and runs a script in it, that has it crash; then another in the capture kernel, which is the oracle
 * again if the first loads `/share/kernel` with the initrd `/share/initrd` and `stage=capture` on its command line.
 *
 * @returns what the scripts printed
 * @throws Error if QEMU fails or takes too long, or a script fails; it tells what was said until then.
 */
export async function crashOracle({ machine, append, share, tools, scripts }: OracleCrash): Promise<string> {
  const initrd = join(share, 'initrd');
  writeFileSync(initrd, crashInitrd());
  copyFileSync(oracleImage(), join(share, 'kernel'));
  for (const [stage, script] of Object.entries(scripts)) writeFileSync(join(share, `${stage}.sh`), script);
  const patience = PATIENCE;
  const console = await bootOracle({
    machine,
    initrd,
    append: `stage=crash ${append}`,
    share,
    tools,
    patience,
  });
  const said = Object.keys(scripts).map((stage) => {
    const path = join(share, `${stage}.out`);
    return existsSync(path) ? readFileSync(path, 'latin1') : '';
  });
  if (!said[1]?.endsWith('ended with 0\n')) {
    throw new Error(`the oracle did not get to the end of it:\n${said.join('\n')}\n${console}`);
  }
  return said.join('');
}

function crashInitrd(): Uint8Array {
  return buildCpio([
    { name: 'init', type: 'file', permissions: 0o755, bytes: guestScript('crash.sh') },
    { name: 'bin', type: 'directory' },
    { name: 'bin/busybox', type: 'file', permissions: 0o755, bytes: readFileSync(corpus.busybox()) },
    { name: 'dev', type: 'directory' },
    { name: 'dev/console', type: 'characterDevice', node: { major: 5, minor: 1 } },
  ]);
}
