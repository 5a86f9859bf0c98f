/** The packed package, installed by npm into an empty folder, with what it depends on. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, packPackage } from '../support/consumer.js';

/** Of all installed files together, in bytes. */
const MAX_SIZE = 10_000_000;

let folder = '';
beforeAll(() => {
  const { tarball } = packPackage();
  folder = makeFolder();
  writeFileSync(join(folder, 'package.json'), '{}');
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--omit=dev'];
  execFileSync('npm', ['install', ...options, tarball], { cwd: folder, stdio: 'pipe' });
});

describe('npm install', () => {
  it('takes less than 10 MB', () => {
    const files = readdirSync(join(folder, 'node_modules'), { recursive: true, withFileTypes: true });
    const sizes = files
      .filter((file) => file.isFile())
      .map(({ parentPath, name }) => statSync(join(parentPath, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_SIZE);
  });

  it('installs only what loads binaries', () => {
    const names = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(names).toEqual(['@bokuweb', '@koromix', 'kexec-file', 'koffi']);
  });

  it('has the command for npx', () => {
    const run = (...args: string[]) =>
      execFileSync('npx', ['--no-install', 'kexec-file', ...args], { cwd: folder, encoding: 'utf8' });
    expect(run('--version')).toMatch(/^\d+\.\d+\.\d+/);
    expect(run('machine', 'show', 'qemu-virt', '--json')).toContain('"schema": "kexec-file/machine"');
  });

  it('has the library', () => {
    const program = "import { plan } from 'kexec-file/node'; console.log(typeof plan);";
    writeFileSync(join(folder, 'program.mjs'), program);
    expect(execFileSync(process.execPath, ['program.mjs'], { cwd: folder, encoding: 'utf8' })).toBe(
      'function\n',
    );
  });
});
