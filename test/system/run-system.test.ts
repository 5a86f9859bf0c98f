import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../support/cli.js';
import { findSystemImage } from './image.js';
import { type DebianSystem, runSystem, SYSTEM_TEST_TIMEOUT } from './run-system.js';

describe('a Debian system', { timeout: SYSTEM_TEST_TIMEOUT }, () => {
  let system: DebianSystem;

  beforeAll(async () => {
    system = await runSystem({ name: 'run-system', memory: '1G' });
  }, SYSTEM_TEST_TIMEOUT);

  afterAll(() => system?.stop());

  it('is up with everything started', async () => {
    expect(await system.succeed('systemctl is-system-running')).toBe('running\n');
    expect(await system.succeed('. /etc/os-release; echo $VERSION_CODENAME; uname -m')).toBe(
      'trixie\naarch64\n',
    );
  });

  it('reports status and output of a command', async () => {
    const run = await system.run('cat; echo problem >&2; exit 3', { input: 'text' });
    expect(run).toEqual({ status: 3, stdout: 'text', stderr: 'problem\n' });
    await expect(system.succeed('echo problem >&2; exit 3')).rejects.toThrow(/exit status 3\n\nproblem/);
    await expect(system.run('sleep 100', { timeout: 500 })).rejects.toThrow('sleep 100 ran for 500 ms');
  });

  it('takes and gives files', async () => {
    const folder = makeTemporaryFolder();
    await system.copyIn([findSystemImage().packages], '/root/');
    await system.copyOut('/root/packages', join(folder, 'packages'));
    expect(statSync(join(folder, 'packages')).size).toBe(statSync(findSystemImage().packages).size);
  });

  it('boots again with what was written; the image is not changed', async () => {
    const { disk } = findSystemImage();
    const before = [await system.bootId(), statSync(disk).mtimeMs];
    await system.writeFile('/root/written', 'text\n');
    const bootId = await system.reboot('systemctl reboot');
    expect([bootId, statSync(disk).mtimeMs]).toEqual([
      expect.not.stringMatching(before[0] as string),
      before[1],
    ]);
    expect(await system.succeed('cat /root/written')).toBe('text\n');
  });

  it('installs packages from its own repository', async () => {
    await system.succeed('apt-get -q install -y kexec-tools', { timeout: 120_000 });
    expect(await system.succeed('kexec --version')).toMatch(/^kexec-tools /);
  });
});
