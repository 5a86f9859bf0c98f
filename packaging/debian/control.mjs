/** The control fields of the packages (deb-control(5)). */

/**
 * What the executable needs of the system: the libraries that Node is linked with, in the versions whose symbols it
 * uses. test/package/deb.debian.test.ts compares this with the executables.
 */
const EXECUTABLE_DEPENDS = 'libc6 (>= 2.28), libgcc-s1 (>= 3.4), libstdc++6 (>= 7)';

const KEXEC_FILE = {
  Section: 'admin',
  Priority: 'optional',
  'Multi-Arch': 'foreign',
  Depends: EXECUTABLE_DEPENDS,
  // A busybox for `crash initrd`; QEMU for `boot`, `crash rehearse` and `machine record --qemu`.
  Suggests:
    'busybox-static, kexec-file-kexec-tools, kexec-file-makedumpfile, qemu-system-arm, qemu-system-x86',
  Description: [
    'verify, plan and load kernels by kexec, and save crash dumps',
    'kexec-file changes from the running kernel to another one without firmware. It',
    'verifies the kernel as Linux does, decides where everything goes in memory,',
    'builds what the next kernel needs, and loads it by kexec_file_load(2) or, where',
    'the running kernel lacks that call, by kexec_load(2).',
    '',
    'It explains every check and every refusal, plans for machines that it has',
    'recorded, signs kernels, boots the very segments in QEMU, sets up kdump, and',
    'reads and saves crash dumps.',
    '',
    'This package has the program with the runtime that it needs, its manual, units',
    'for systemd that load the default kernel and the crash kernel (disabled until',
    'you enable them), and hooks that check each kernel when it is installed.',
  ],
};

const DROP_INS = {
  'kexec-file-kexec-tools': {
    Enhances: 'kdump-tools, kexec-tools',
    Description: [
      'kexec-file in place of the programs of kexec-tools',
      'kexec-file takes the options of kexec-tools when it is called as kexec or as',
      'vmcore-dmesg. This package installs it under these names in /usr/sbin, for',
      'kdump-tools, systemd and scripts.',
      '',
      'If kexec-tools is installed, its programs are kept under other names beside',
      'them, and come back when this package is removed.',
    ],
  },
  'kexec-file-makedumpfile': {
    Enhances: 'kdump-tools, makedumpfile',
    Description: [
      'kexec-file in place of makedumpfile',
      'kexec-file takes the options of makedumpfile when it is called by that name,',
      'and saves dumps of kernels with 52-bit addresses, too, which Debian has for',
      'arm64 since Debian 13. This package installs it as /usr/bin/makedumpfile, for',
      'kdump-tools and scripts.',
      '',
      'If makedumpfile is installed, its program is kept under another name beside',
      'it, and comes back when this package is removed.',
    ],
  },
};

/** What all packages have in common that put kexec-file in the place of another program. */
const DROP_IN = { Section: 'admin', Priority: 'optional', 'Multi-Arch': 'foreign' };

/**
 * The fields of the package kexec-file.
 *
 * @param facts - what is known when the package is built: version, architecture, maintainer, homepage, installedSize
 */
export function describeKexecFile(facts) {
  return orderFields({ Package: 'kexec-file', ...KEXEC_FILE, ...formatFacts(facts) });
}

/** The fields of a package that puts kexec-file in the place of another program. Facts as for describeKexecFile(). */
export function describeDropIn(name, facts) {
  const fields = { Package: name, ...DROP_IN, ...DROP_INS[name], ...formatFacts(facts) };
  return orderFields({ ...fields, Depends: `kexec-file (>= ${facts.version})` });
}

function formatFacts({ version, architecture, maintainer, homepage, installedSize }) {
  return {
    Version: version,
    Architecture: architecture,
    Maintainer: maintainer,
    Homepage: homepage,
    'Installed-Size': installedSize,
  };
}

/** The order in which dpkg-gencontrol writes fields. */
const ORDER = [
  ...[
    'Package',
    'Version',
    'Architecture',
    'Maintainer',
    'Installed-Size',
    'Depends',
    'Suggests',
    'Enhances',
  ],
  ...['Section', 'Priority', 'Multi-Arch', 'Homepage', 'Description'],
];

function orderFields(fields) {
  return ORDER.filter((name) => name in fields)
    .map((name) => `${name}: ${name === 'Description' ? formatDescription(fields[name]) : fields[name]}\n`)
    .join('');
}

function formatDescription([synopsis, ...lines]) {
  return [synopsis, ...lines.map((line) => (line === '' ? ' .' : ` ${line}`))].join('\n');
}
