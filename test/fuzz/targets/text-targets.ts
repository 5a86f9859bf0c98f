/** Texts that people, programs and boot loaders write. */
import { findBootMenu } from '../../../src/boot-entry/find-entry.js';
import { parseCrashkernel } from '../../../src/crash/crashkernel/parse-crashkernel.js';
import { KernelLog } from '../../../src/explain/kernel-log.js';
import { parseKdumpConf } from '../../../src/formats/kdump-conf.js';
import { parseAssignments } from '../../../src/formats/shell-assignments.js';
import { findMachineArchitecture } from '../../../src/machine/architectures.js';
import { buildCaptureCommandLine } from '../../../src/machine/capture-command-line.js';
import { parseKernelParameters } from '../../../src/machine/command-line.js';
import { parseKernelConfig } from '../../../src/machine/kernel-config.js';
import { memparse } from '../../../src/machine/memparse.js';
import { PRESETS } from '../../../src/machine/presets/presets.js';
import { parseVmcoreinfo } from '../../../src/machine/vmcoreinfo-lines.js';
import { parseSettings } from '../../../src/settings/settings.js';
import { buildEntryFiles } from '../../support/entry-files.js';
import { VMCOREINFO } from '../../support/machine-root.js';
import { type FuzzTargets, textTarget } from '../fuzz-target.js';

const RULES = Object.values(PRESETS).map((build) => {
  const machine = build();
  return findMachineArchitecture(machine).findCrashkernelRules(machine);
});

const KERNEL = { '/boot/vmlinuz': 'k', '/boot/initrd.img': 'i', '/boot/board.dtb': 'd' };

/** By name. */
export const TEXT_TARGETS: FuzzTargets = {
  'kernel-log': textTarget(
    (text) => {
      const log = new KernelLog();
      for (const line of text.split('\n')) log.read(line);
      return log.matches;
    },
    '[    0.000000] Linux version 6.12.0\n[    1.000000] kexec_file: kernel signature verification failed (-129).\n',
    'audit: type=1800 audit(1): pid=1 uid=0 op=appraise_data cause=IMA-signature-required comm="kexec" res=0 errno=-13\n',
    'avc:  denied  { kexec_image_load } for  pid=1 comm="kexec" tclass=system permissive=0\n',
  ),
  'command-line': textTarget(
    (text) => [parseKernelParameters(text), buildCaptureCommandLine(text)],
    'root=/dev/vda1 crashkernel=256M "a=b c" quiet -- single\n',
  ),
  crashkernel: textTarget(
    (text) => RULES.map((rules) => parseCrashkernel(text, 1n << 32n, rules)),
    'crashkernel=1G-4G:192M,4G-64G:256M,64G-:512M@16M',
    'crashkernel=256M,high crashkernel=64M,low',
  ),
  memparse: textTarget(memparse, '0x10M', '5G'),
  'kernel-config': textTarget(
    (text) => parseKernelConfig(text),
    'CONFIG_KEXEC=y\n# CONFIG_KEXEC_FILE is not set\n',
  ),
  vmcoreinfo: textTarget(parseVmcoreinfo, VMCOREINFO),
  settings: textTarget(parseSettings, '[kdump]\npath = "/var/crash"\n'),
  'kdump-conf': textTarget(parseKdumpConf, 'path /var/crash\ncore_collector makedumpfile -l -d 31\n'),
  'shell-assignments': textTarget(parseAssignments, 'A=1\nB="a $A" # x\n'),
  'grub-cfg': textTarget(
    (text) => findBootMenu(buildEntryFiles({ ...KERNEL, '/boot/grub/grub.cfg': text })),
    'set default=0\nif [ x = y ]; then set a=b; fi\nfunction f { echo $1; }\nmenuentry "a" --id a {\n linux /boot/vmlinuz quiet\n initrd /boot/initrd.img\n}\n',
  ),
  'loader-entry': textTarget(
    (text) =>
      findBootMenu(
        buildEntryFiles({ '/boot/loader/entries/a.conf': text, '/boot/linux': 'k', '/boot/initrd': 'i' }),
      ),
    'title A\nversion 6\nlinux /linux\ninitrd /initrd\noptions quiet\n',
  ),
  extlinux: textTarget(
    (text) => findBootMenu(buildEntryFiles({ ...KERNEL, '/boot/extlinux/extlinux.conf': text })),
    'default a\nlabel a\n kernel /boot/vmlinuz\n append quiet\n fdt /boot/board.dtb\n',
  ),
};
