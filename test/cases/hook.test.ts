/** What the hooks of kernel packages run never fails, whatever goes wrong. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder, runCli } from '../support/cli.js';

const run = (settings: string, ...args: readonly string[]) => {
  const folder = makeTemporaryFolder();
  const config = join(folder, 'kexec-file.conf');
  const image = join(folder, 'vmlinuz');
  writeFileSync(config, settings);
  writeFileSync(image, 'not a kernel');
  const { status, stderr } = runCli(
    'hook',
    ...args.map((word) => (word === 'IMAGE' ? image : word)),
    '--config',
    config,
  );
  return { status, text: stderr.replaceAll(/\s+/g, ' '), contents: readFileSync(image, 'utf8') };
};

describe('kexec-file hook', () => {
  it.each([
    ['[hooks]\npreflight = 1', ['installed', '6.12', 'IMAGE'], 'the hook did nothing: EINVAL (settings)'],
    ['[hooks]\nrelod = true', ['changed'], 'did you mean reload?'],
    ['', ['installed', '0.0-none'], 'Linux 0.0-none was neither signed nor checked'],
    [
      '[hooks]\npreflight = false\nkey = "/none.key"\ncert = "/none.pem"',
      ['installed', '6.12', 'IMAGE'],
      'was not signed',
    ],
  ])('with %j, %j exits with 0 and says: %s', (settings, args, text) => {
    const done = run(settings, ...args);
    expect(done).toMatchObject({ status: 0, contents: 'not a kernel' });
    expect(done.text).toContain(text);
  });

  it('says nothing if there is nothing to do', () => {
    const settings = '[hooks]\npreflight = false\nreload = false';
    expect(run(settings, 'installed', '6.12', 'IMAGE')).toMatchObject({ status: 0, text: '' });
    expect(run(settings, 'changed')).toMatchObject({ status: 0, text: '' });
  });
});

describe('the hooks of the package', () => {
  const folder = 'packaging/debian/kexec-file';
  const hooks = [
    'etc/kernel/postinst.d',
    'etc/kernel/postrm.d',
    'etc/initramfs/post-update.d',
    'usr/lib/kernel/install.d',
  ].flatMap((each) => readdirSync(join(folder, each)).map((name) => join(folder, each, name)));

  it.each(hooks)('%s succeeds without the program', (hook) => {
    const { status, stdout, stderr } = spawnSync(
      'sh',
      [hook, 'add', '6.12', '/boot/6.12', '/boot/vmlinuz-6.12'],
      {
        encoding: 'utf8',
      },
    );
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });
});
