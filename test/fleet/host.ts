import { findSystemImage } from '../system/image.js';
import { type DebianSystem, SYSTEM_TEST_TIMEOUT } from '../system/run-system.js';

/** Some boots, and some hundred commands by ssh. */
export const PLAY_TIMEOUT = 4 * SYSTEM_TEST_TIMEOUT;

/** Shim has the certificate of Debian, which signs its kernels. */
const SHIM = '/root/shim.efi';

/** Parameters of all kernels: an emulated CPU that waits for a real one is no trouble of the kernel's. */
export const PATIENCE = 'nosoftlockup rcupdate.rcu_cpu_stall_suppress=1';

/** Variables of all hosts, which run the image's own kernel. */
export const HOST_VARIABLES = {
  kexec_file_preflight_keyrings: [findSystemImage().shim],
  kexec_file_keyrings: [SHIM],
  kexec_file_kernel: '/vmlinuz-next',
  kexec_file_initrd: '/initrd-next',
  kexec_file_append: ['kexec_file.test=1'],
  kexec_file_check: 'systemctl is-active ssh',
};

/** Copies what the variables name into a system. */
export async function prepareHost(system: DebianSystem): Promise<void> {
  await system.copyIn([findSystemImage().shim], SHIM);
  await system.succeed(`
    ln -s boot/vmlinuz-$(uname -r) /vmlinuz-next
    ln -s boot/initrd.img-$(uname -r) /initrd-next
    sync`);
}

/** Seconds on an idle machine; minutes where three hosts have just started on a busy one. In milliseconds. */
const LISTING_TIMEOUT = 600_000;

/** All files of a system with size and time of change, but for those of caches, logs and Ansible's own. */
export async function listFiles(system: DebianSystem): Promise<string[]> {
  const left = ['/tmp', '/var/tmp', '/var/log', '/var/cache', '/root/.ansible', '/var/lib/systemd'];
  // The system removes files of its own meanwhile.
  const listed = await system.succeed(
    `find / -ignore_readdir_race -xdev \\( ${left.map((path) => `-path ${path}`).join(' -o ')} \\) -prune -o -printf '%p %s %T@ %m\\n'`,
    { timeout: LISTING_TIMEOUT },
  );
  // The time of a folder changes when a left-out one is made in it, or a file in what is mounted there.
  return listed
    .split('\n')
    .filter((line) => !/^\/(root|run|var)? /.test(line))
    .sort();
}
