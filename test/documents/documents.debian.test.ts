/** README and tutorial are run as a reader runs them: every shell block, in order. */
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatMachine } from '../../src/machine/schema.js';
import { GUEST_TEST_TIMEOUT } from '../guest/guest.js';
import { buildSecondInitrd, secondKernel } from '../guest/second-kernel.js';
import { makeTemporaryFolder } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { buildMachine } from '../support/machine.js';
import { makeSigningKeys } from '../support/signing.js';
import { readReducedVmcore } from '../support/vmcore.js';
import { type BlockPlace, placesIn, readBlocks } from './blocks.js';
import { runInGuest, runScript } from './run-blocks.js';

const README = 'README.md';
const TUTORIAL = 'docs/tutorial.md';

const keys = makeSigningKeys();

/** A folder with the files that the README's recipes name. */
function recipeFolder(): string {
  const folder = makeTemporaryFolder();
  const server = {
    ...buildMachine(),
    name: 'server',
    possibleCpus: 1,
    commandLine: 'console=ttyAMA0 crashkernel=512M',
  };
  copyFileSync(corpus.cloudKernel(), join(folder, 'vmlinuz'));
  copyFileSync(corpus.cloudKernel(), join(folder, 'Image'));
  copyFileSync(corpus.shim(), join(folder, 'shimaa64.efi.signed'));
  copyFileSync(corpus.busybox(), join(folder, 'busybox'));
  copyFileSync(keys.rsa.keyPath, join(folder, 'signing_key.pem'));
  copyFileSync(keys.rsa.certificatePath, join(folder, 'signing_cert.pem'));
  writeFileSync(join(folder, 'initrd.img'), buildSecondInitrd(Buffer.from('payload')));
  writeFileSync(join(folder, 'server.json'), formatMachine(server));
  writeFileSync(join(folder, 'vmcore'), readReducedVmcore('linux-6.12-48bit'));
  mkdirSync(join(folder, 'fleet'));
  writeFileSync(join(folder, 'fleet/server.json'), formatMachine(server));
  return folder;
}

describe('the shell blocks of the documents', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('all have a place where they run', () => {
    const places: BlockPlace[] = ['setup', 'install', '', 'guest'];
    expect(placesIn(README).sort()).toEqual([...places].sort());
    expect(placesIn(TUTORIAL).sort()).toEqual(['', 'checkout', 'guest', 'setup']);
    expect(readFileSync(README, 'utf8').split('\n').length).toBeLessThanOrEqual(151);
  });

  it('set up with scripts that the package has', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const lines = [README, TUTORIAL].flatMap((document) => readBlocks(document, 'setup').trim().split('\n'));
    expect(lines.length).toBe(3);
    for (const line of lines) {
      const [, name = ''] = /^npm (?:run )?(\w+)/.exec(line) ?? [];
      expect(scripts).toHaveProperty(name);
    }
  });

  it('install the command', () => {
    const copy = makeTemporaryFolder();
    const prefix = makeTemporaryFolder();
    const inRepository = [
      'bin',
      'dist',
      'docs',
      'examples',
      'package.json',
      'package-lock.json',
      '.npmrc',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
    ];
    for (const name of inRepository)
      if (existsSync(name)) cpSync(name, join(copy, name), { recursive: true });
    // `npm ci` is how the packages of this checkout were installed, and what is built is in dist.
    const script = readBlocks(README, 'install')
      .replace('npm ci\n', '')
      .replace('npm pack', 'npm pack --ignore-scripts');
    const { status, output } = runScript(
      `export npm_config_prefix=${prefix}\n${script}\n${prefix}/bin/kexec-file --version`,
      copy,
    );
    expect(status, output).toBe(0);
    expect(output).toMatch(/^0\.1\.0$/m);
  });

  it('link the command and copy the demo initrd', () => {
    const copy = makeTemporaryFolder();
    const prefix = makeTemporaryFolder();
    const work = join(makeTemporaryFolder(), 'tutorial');
    for (const name of ['bin', 'dist', 'package.json']) cpSync(name, join(copy, name), { recursive: true });
    mkdirSync(join(copy, 'build'));
    writeFileSync(join(copy, 'build/demo-initrd.cpio'), buildSecondInitrd(Buffer.from('payload')));
    const script = readBlocks(TUTORIAL, 'checkout').replaceAll('/tmp/kexec-tutorial', work);
    const settings = `export npm_config_prefix=${prefix} npm_config_ignore_scripts=true npm_config_offline=true`;
    const { status, output } = runScript(`${settings}\n${script}\n${prefix}/bin/kexec-file --version`, copy);
    expect(status, output).toBe(0);
    expect(output).toMatch(/^0\.1\.0$/m);
    expect(existsSync(join(work, 'initrd.img'))).toBe(true);
  });

  it('of the README run on files of that name', () => {
    const { status, output } = runScript(readBlocks(README, ''), recipeFolder());
    expect(status, output).toBe(0);
    expect(output).toContain('sysrq triggered crash');
  });

  it('of the README load and enter a kernel', async () => {
    const { output, console } = await runInGuest(README);
    expect(secondKernel(console)?.commandLine, output + console).toContain('greeting=hello');
  });
});
