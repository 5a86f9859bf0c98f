import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildCpio } from '../../dist/formats/cpio.js';
import { buildCollectorScript } from '../../dist/node/collect/collector-script.js';

/** The collector runs as init, and its tar leaves the guest through the second serial port, in base64. */
const INIT = `#!/bin/busybox sh
export PATH=/bin
busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
stty -F /dev/ttyS1 raw
sh /collect.sh -o /machine.tar
{ echo; base64 /machine.tar; } >/dev/ttyS1
# The port still sends what was written.
sleep 2
poweroff -f
`;

/**
 * Boots a kernel in QEMU's q35 with SeaBIOS, and runs the collector there.
 *
 * @param paths - of the kernel and of a static busybox for x86_64
 * @param options - of QEMU: machine, cpu, memory, cpus
 * @param folder - for temporary files
 * @returns the path of the tar
 * @throws Error if the guest did not answer within three minutes
 */
export function collectInGuest({ kernel, busybox }, { machine, cpu, memory, cpus }, folder) {
  const [initrd, port, tar] = ['initrd', 'ttyS1', 'machine.tar'].map((name) => join(folder, name));
  const executable = { type: 'file', permissions: 0o755 };
  const folders = ['bin', 'proc', 'sys', 'dev', 'tmp'].map((name) => ({ type: 'directory', name }));
  const files = [
    ...folders,
    { ...executable, name: 'bin/busybox', bytes: readFileSync(busybox) },
    { ...executable, name: 'init', bytes: Buffer.from(INIT) },
    { ...executable, name: 'collect.sh', bytes: Buffer.from(buildCollectorScript()) },
  ];
  writeFileSync(initrd, gzipSync(buildCpio(files)));
  const { status, stderr, error } = spawnSync(
    'qemu-system-x86_64',
    [
      ...['-M', machine, '-cpu', cpu, '-m', memory, '-smp', String(cpus)],
      ...['-kernel', kernel, '-initrd', initrd, '-append', 'console=ttyS0'],
      ...['-display', 'none', '-nic', 'none', '-no-reboot', '-serial', 'null', '-serial', `file:${port}`],
    ],
    { encoding: 'utf8', timeout: 180_000 },
  );
  if (status !== 0) throw new Error(`qemu-system-x86_64: ${error?.message ?? stderr}`);
  writeFileSync(tar, Buffer.from(readFileSync(port, 'latin1'), 'base64'));
  return tar;
}
