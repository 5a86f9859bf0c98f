import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepInitramfs, runApt } from './administration.js';
import { CRASH_TIMEOUT, expectSavedCrash, listDropInDebs } from './kdump-tools.js';
import { type DebianSystem, runSystem } from './run-system.js';

/** Debian's kdump-tools on a PC, with our kexec and makedumpfile. Each test continues where the one before it ended. */
describe("kdump-tools' service on x86_64", { timeout: CRASH_TIMEOUT }, () => {
  let system: DebianSystem;

  beforeAll(async () => {
    system = await runSystem({
      name: 'kdump-tools-x86',
      architecture: 'amd64',
      commandLine: 'crashkernel=384M',
    });
    await system.copyIn(listDropInDebs('amd64'), '/root/');
    await keepInitramfs(system);
    await runApt(system, 'install', 'kdump-tools', 'makedumpfile', '/root/kexec-file*.deb');
  }, CRASH_TIMEOUT);

  afterAll(() => system?.stop());

  it('loads the capture kernel by our kexec, and doctor finds nothing that stops it', async () => {
    expect(await system.succeed('kexec --version; makedumpfile -v')).toMatch(/kexec-file.*kexec-file/s);
    expect(await system.succeed('kdump-config show')).toMatch(/ready to kdump.*\/sbin\/kexec -p /s);
    expect((await system.run('kexec-file doctor')).stdout).toContain('kdump: nothing stops it');
  });

  it('leaves log and dump of a crash, and the machine is up again', () => expectSavedCrash(system));
});
