import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepInitramfs, runApt } from './administration.js';
import { CRASH_TIMEOUT, crashSystem, expectSavedCrash, listDropInDebs } from './kdump-tools.js';
import { type DebianSystem, runSystem } from './run-system.js';

/**
 * Debian's kdump-tools after a crash, with Debian's own kexec and makedumpfile, then with ours in their place. Each test
 * continues where the one before it ended.
 */
describe("kdump-tools' service under UEFI", { timeout: CRASH_TIMEOUT }, () => {
  let system: DebianSystem;

  beforeAll(async () => {
    system = await runSystem({ name: 'kdump-tools', firmware: 'uefi', commandLine: 'crashkernel=384M' });
    await system.copyIn(listDropInDebs('arm64'), '/root/');
    await keepInitramfs(system);
    await runApt(system, 'install', 'kdump-tools', 'makedumpfile', '/root/kexec-file_*.deb');
  }, CRASH_TIMEOUT);

  afterAll(() => system?.stop());

  it("has Debian's own makedumpfile, of which doctor says that no dump will come out, and why", async () => {
    expect(await system.succeed('kdump-config status')).toContain('ready to kdump');
    expect((await system.run('kexec-file doctor')).stdout).toMatch(/makedumpfile.*52/s);
  });

  it("leaves neither log nor dump, with Debian's own makedumpfile", async () => {
    const files = await crashSystem(system);
    // If this fails, Debian's makedumpfile saves dumps of this kernel: doctor and docs/kdump.md say otherwise.
    expect(system.console).toContain('PAGE SIZE 0x1000 and VA Bits 52 not supported');
    expect(files.filter(({ path }) => path.includes('/dmesg.'))).toEqual([]);
    expect(files.filter(({ path, size }) => path.includes('/dump.') && size > 4096)).toEqual([]);
  });

  it('is content with ours in their place, and so is doctor', async () => {
    await runApt(
      system,
      'install',
      '/root/kexec-file-kexec-tools_*.deb',
      '/root/kexec-file-makedumpfile_*.deb',
    );
    await system.succeed('systemctl restart kdump-tools', { timeout: CRASH_TIMEOUT });
    expect(await system.succeed('kdump-config status')).toContain('ready to kdump');
    expect((await system.run('kexec-file doctor')).stdout).not.toMatch(/VA Bits|52-bit/);
  });

  it('leaves log and dump of a crash, and the machine is up again', () => expectSavedCrash(system));
});
