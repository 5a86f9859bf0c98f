/** A project of a user's that has installed the packed package. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll } from 'vitest';

export interface PackageFile {
  readonly name: string;
  /** Files that are no modules, such as JSON Schemas, are paths. */
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

export const PACKAGE: PackageFile = JSON.parse(readFileSync('package.json', 'utf8'));

/** Entry points by the names that users import, and whether they need Node. */
export const ENTRY_POINTS = Object.entries(PACKAGE.exports).flatMap(([subpath, target]) => {
  if (typeof target === 'string') return [];
  const { types } = target;
  return [
    {
      name: `${PACKAGE.name}${subpath.slice(1)}`,
      types,
      source: types.replace('./lib/', 'src/').replace(/\.d\.ts$/, '.ts'),
      needsNode: types.startsWith('./lib/node/'),
    },
  ];
});

/** Names of the files in the tarball. */
export interface Packed {
  readonly tarball: string;
  readonly files: readonly string[];
}

/** Packs the built package, without building it again. The tarball is deleted after the tests. */
export function packPackage(): Packed {
  const folder = makeFolder();
  const report = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(report) as [
    { readonly filename: string; readonly files: readonly { readonly path: string }[] },
  ];
  return { tarball: join(folder, packed.filename), files: packed.files.map(({ path }) => path) };
}

/**
 * A folder with the package in its node_modules. Its dependencies are links to those of this project, so that no
 * network is needed.
 *
 * @param type - of the folder's own modules
 * @param linked - packages that it has besides, such as `@types/node`
 */
export function installPackage(
  { tarball }: Packed,
  type: 'module' | 'commonjs',
  linked: readonly string[] = [],
): string {
  const folder = makeFolder();
  const installed = join(folder, 'node_modules', PACKAGE.name);
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const name of [...Object.keys(PACKAGE.dependencies), ...linked]) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve('node_modules', name), link);
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
  return folder;
}

/** Copies the examples into a folder, and the files that they and the examples in comments read. */
export function addExamples(folder: string, files: Readonly<Record<string, Uint8Array>>): void {
  cpSync('examples', folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

/** Runs the compiler on a folder's tsconfig.json; it reports nothing if all is well. */
export function compile(folder: string): string {
  const tsc = resolve('node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' }).stdout;
}

/** Runs a program of a folder. */
export function runNode(
  folder: string,
  ...args: readonly string[]
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
}

/** A folder that is deleted after the tests of a file. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-package-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
