/**
 * Writes the completion scripts under the paths at which Debian's shells look for them:
 *
 *   node packaging/completions/build.mjs    writes build/completions/usr/share/…
 *
 * It runs the built command: run `npm run build` before, or `npm run completions`, which does.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../scripts/setup/files.mjs';

const FOLDER = join(ROOT, 'build/completions');

/** The path of each shell's script, as installed. */
const PATHS = {
  bash: 'usr/share/bash-completion/completions/kexec-file',
  zsh: 'usr/share/zsh/vendor-completions/_kexec-file',
  fish: 'usr/share/fish/vendor_completions.d/kexec-file.fish',
};

rmSync(FOLDER, { recursive: true, force: true });
for (const [shell, path] of Object.entries(PATHS)) {
  const script = execFileSync(process.execPath, [join(ROOT, 'bin/kexec-file.js'), 'completion', shell]);
  mkdirSync(dirname(join(FOLDER, path)), { recursive: true });
  writeFileSync(join(FOLDER, path), script);
}
