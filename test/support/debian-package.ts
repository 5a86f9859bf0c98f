/** Small packages with this project's control files and maintainer scripts, and a root in which dpkg installs them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeDropIn, describeKexecFile } from '../../packaging/debian/control.mjs';
import { collectDropIn, type DROP_INS } from '../../packaging/debian/drop-in-tree.mjs';
import { collectKexecFile } from '../../packaging/debian/kexec-file-tree.mjs';
import { packPackage } from '../../packaging/debian/pack.mjs';
import { PackageTree } from '../../packaging/debian/tree.mjs';

const STATIC = 'packaging/debian';
const TEXTS = { changelog: 'changelog\n', copyright: 'copyright\n' };

export interface PackageFacts {
  readonly version: string;
  /** Of the files, in seconds since 1970. */
  readonly date?: number;
}

/** Packs kexec-file with a small program in place of the executable, without manual. @returns the package's path */
export function packSmallKexecFile(folder: string, { version, date = 1 }: PackageFacts): string {
  const executable = join(folder, `program-${version}`);
  writeFileSync(executable, `#!/bin/sh\necho ${version}\n`);
  const empty = join(folder, 'empty');
  mkdirSync(empty, { recursive: true });
  const tree = collectKexecFile({ executable, manual: empty, completions: empty, sbom: '{}\n', ...TEXTS });
  const fields = describeKexecFile({ ...factsOf(version), installedSize: tree.installedSize });
  const path = join(folder, `kexec-file_${version}.deb`);
  // Nothing that the program needs is in the root.
  const independent = fields.replace(/^Depends: .*\n/m, '');
  packPackage({ tree, fields: independent, scripts: join(STATIC, 'kexec-file/DEBIAN'), path, date });
  return path;
}

/** Packs a package that puts kexec-file in the place of another program. @returns the package's path */
export function packDropIn(
  folder: string,
  name: keyof typeof DROP_INS,
  { version, date = 1 }: PackageFacts,
): string {
  const tree = collectDropIn(name, TEXTS);
  const fields = describeDropIn(name, { ...factsOf(version), installedSize: tree.installedSize });
  const path = join(folder, `${name}_${version}.deb`);
  packPackage({ tree, fields, scripts: join(STATIC, name, 'DEBIAN'), path, date });
  return path;
}

/** Packs a package with these files, without maintainer scripts. @returns its path */
export function packFiles(
  folder: string,
  name: string,
  version: string,
  files: Record<string, string>,
): string {
  const tree = new PackageTree();
  for (const [path, text] of Object.entries(files)) tree.addText(path, text);
  const scripts = join(folder, 'no-scripts');
  mkdirSync(scripts, { recursive: true });
  const path = join(folder, `${name}_${version}.deb`);
  const fields = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: Test <test@example.org>\nDescription: test\n`;
  packPackage({ tree, fields, scripts, path, date: 1 });
  return path;
}

function factsOf(version: string) {
  const maintainer = 'Test <test@example.org>';
  return { version, maintainer, architecture: 'all', homepage: 'https://example.org' };
}

/** A root in which dpkg installs packages; their maintainer scripts run with DPKG_ROOT, without chroot. */
export class DpkgRoot {
  readonly folder: string;

  /** @param folder - to be made. @param options - whether /sbin is a link to /usr/sbin */
  constructor(folder: string, { isMerged = true } = {}) {
    this.folder = folder;
    for (const name of ['usr/sbin', 'usr/bin', 'etc', 'run', 'var/lib/dpkg/updates', 'var/lib/dpkg/info']) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    if (isMerged) symlinkSync('usr/sbin', join(folder, 'sbin'));
    else mkdirSync(join(folder, 'sbin'));
    for (const name of ['status', 'available']) writeFileSync(join(folder, 'var/lib/dpkg', name), '');
  }

  /** Runs dpkg. @returns its exit status and what it writes to standard error */
  tryDpkg(...args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
    const options = ['--force-script-chrootless', '--force-not-root', '--force-confold', '--log=/dev/null'];
    const { status, error, stderr } = spawnSync('dpkg', [`--root=${this.folder}`, ...options, ...args], {
      encoding: 'utf8',
      // Where dpkg and its scripts find their programs.
      env: { ...process.env, LC_ALL: 'C.UTF-8', PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
    if (error !== undefined) throw new Error('dpkg cannot be run', { cause: error });
    return { status, stderr };
  }

  /** Runs dpkg; throws if it fails. */
  dpkg(...args: readonly string[]): void {
    const { status, stderr } = this.tryDpkg(...args);
    if (status !== 0) throw new Error(`dpkg ${args.join(' ')} failed: ${stderr}`);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Files and links, in order, without dpkg's own state. */
  list(): readonly string[] {
    return readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length + 1))
      .filter((path) => !path.startsWith('var/lib/dpkg/'))
      .sort();
  }
}
