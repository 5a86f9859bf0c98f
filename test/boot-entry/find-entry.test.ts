import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attempt, KexecError } from '../../src/base/error.js';
import { describeChoice } from '../../src/boot-entry/describe-choice.js';
import { chooseEntry, findBootMenu, findEntryOfRelease } from '../../src/boot-entry/find-entry.js';
import { buildEntryFiles, encodeLoaderVariable, loaderVariablePath } from '../support/entry-files.js';

type Contents = Parameters<typeof buildEntryFiles>[0];

const choose = (contents: Contents, wanted?: string) =>
  chooseEntry(
    findBootMenu(buildEntryFiles(contents)),
    wanted === undefined ? undefined : { wanted, by: 'by --boot-entry' },
  );

const refusalOf = (contents: Contents, wanted?: string): KexecError => {
  const error = attempt(() => choose(contents, wanted));
  if (!(error instanceof KexecError)) throw new Error('not refused');
  return error;
};

const EFI = { [loaderVariablePath('LoaderInfo')]: encodeLoaderVariable('systemd-boot 257.9-1~deb13u1') };

describe('Boot Loader Specification', () => {
  /** As kernel-install writes them on Debian 13 with systemd-boot, and on Arch by hand. */
  const DEBIAN = {
    ...EFI,
    '/boot/efi/loader/loader.conf': 'timeout 3\n#default x\ndefault 0123*-6.12.48*\n',
    '/boot/efi/loader/entries/0123-6.12.57+deb13-arm64.conf':
      'title Debian GNU/Linux 13 (trixie)\nversion 6.12.57+deb13-arm64\nmachine-id 0123\nsort-key debian\noptions root=UUID=11 ro quiet\nlinux /0123/6.12.57/linux\ninitrd /0123/6.12.57/initrd.img\n',
    '/boot/efi/loader/entries/0123-6.12.48+deb13-arm64.conf':
      'title Debian GNU/Linux 13 (trixie)\nversion 6.12.48+deb13-arm64\nmachine-id 0123\nsort-key debian\noptions root=UUID=11 ro\noptions quiet\nlinux /0123/6.12.48/linux\ninitrd /ucode.img\ninitrd \\0123\\6.12.48\\initrd.img\ndevicetree /0123/6.12.48/board.dtb\n',
    '/boot/efi/0123/6.12.57/linux': 'k',
    '/boot/efi/0123/6.12.57/initrd.img': 'i',
    '/boot/efi/0123/6.12.48/linux': 'k',
    '/boot/efi/0123/6.12.48/initrd.img': 'i',
    '/boot/efi/0123/6.12.48/board.dtb': 'd',
    '/boot/efi/ucode.img': 'u',
  };

  it('takes the default of loader.conf', () => {
    const entry = choose(DEBIAN);
    expect(entry).toMatchObject({
      id: '0123-6.12.48+deb13-arm64',
      loader: 'systemd-boot',
      kernel: '/boot/efi/0123/6.12.48/linux',
      initrds: ['/boot/efi/ucode.img', '/boot/efi/0123/6.12.48/initrd.img'],
      commandLine: 'root=UUID=11 ro quiet',
      deviceTree: '/boot/efi/0123/6.12.48/board.dtb',
    });
    expect(describeChoice(entry)).toBe(
      'entry 0123-6.12.48+deb13-arm64 of /boot/efi/loader/entries, default in /boot/efi/loader/loader.conf',
    );
  });

  it('takes the EFI variables before loader.conf, and the newest version without any', () => {
    const newest = '0123-6.12.57+deb13-arm64';
    const { '/boot/efi/loader/loader.conf': _, ...undecided } = DEBIAN;
    expect(choose(undecided)).toMatchObject({ id: newest, reason: expect.stringMatching(/^first/) });
    for (const name of ['LoaderEntryOneShot', 'LoaderEntryDefault']) {
      const chosen = { ...DEBIAN, [loaderVariablePath(name)]: encodeLoaderVariable(`${newest}.conf`) };
      expect(choose(chosen)).toMatchObject({ id: newest, reason: `chosen by the EFI variable ${name}` });
    }
    const missing = {
      ...DEBIAN,
      [loaderVariablePath('LoaderEntryDefault')]: encodeLoaderVariable('gone.conf'),
    };
    expect(choose(missing).id).toBe('0123-6.12.48+deb13-arm64');
  });

  it('takes an entry by its ID, with and without suffix', () => {
    for (const name of ['0123-6.12.57+deb13-arm64', '0123-6.12.57+deb13-arm64.conf']) {
      expect(choose(DEBIAN, name)).toMatchObject({
        id: '0123-6.12.57+deb13-arm64',
        reason: 'by --boot-entry',
      });
    }
    expect(refusalOf(DEBIAN, 'Debian GNU/Linux 13 (trixie)').seen).toContain('fits several boot entries');
    expect(refusalOf(DEBIAN, '0123-6.12.75+deb13-arm64').seen).toMatch(
      /did you mean 0123-6\.12\.57\+deb13-arm64/,
    );
  });

  it('puts an entry last that failed as often as it may', () => {
    const entry = (version: string) => `version ${version}\nsort-key a\nlinux /k\noptions v=${version}\n`;
    const files = {
      ...EFI,
      '/efi/k': 'k',
      '/efi/loader/entries/a+0-3.conf': entry('9'),
      '/efi/loader/entries/b+2.conf': entry('8'),
    };
    expect(choose(files)).toMatchObject({ id: 'b', commandLine: 'v=8' });
    expect(choose(files, 'a').commandLine).toBe('v=9');
  });

  it('skips entries of other architectures, and refuses what is no kernel', () => {
    const files = {
      ...EFI,
      '/boot/loader/entries/x.conf': 'architecture x64\nlinux /k\n',
      '/boot/loader/entries/shell.conf': 'efi /shell.efi\n',
    };
    expect(refusalOf(files)).toMatchObject({ check: 'boot-entry-form', errno: 'EOPNOTSUPP' });
    expect(findBootMenu(buildEntryFiles(files)).entries.map(({ id }) => id)).toEqual(['shell']);
  });

  it('says which file is missing', () => {
    const { '/boot/efi/0123/6.12.48/linux': _, ...rest } = DEBIAN;
    expect(refusalOf(rest)).toMatchObject({
      check: 'boot-entry-file',
      seen: 'entry 0123-6.12.48+deb13-arm64 of /boot/efi/loader/entries: the kernel of the entry is missing: there is no /boot/efi/0123/6.12.48/linux and no /0123/6.12.48/linux',
    });
  });
});

describe('GRUB', () => {
  /** In the form of grub-mkconfig on Debian 12 and 13. */
  const entry = (title: string, id: string, version: string, more = ''): string => `
menuentry '${title}' --class debian --class os $menuentry_id_option '${id}' {
	load_video
	if [ x$grub_platform = xxen ]; then insmod xzio; fi
	set root='hd0,gpt2'
	if [ x$feature_platform_search_hint = xy ]; then
	  search --no-floppy --fs-uuid --set=root --hint-efi=hd0,gpt2 1111-22
	else
	  search --no-floppy --fs-uuid --set=root 1111-22
	fi
	echo	'Loading Linux ${version} ...'
	linux	/vmlinuz-${version} root=UUID=33 ro  quiet ${more}
	initrd	/initrd.img-${version}
}`;
  const config = (value: string, middle = ''): string => `
if [ -s $prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
   set next_entry=
   save_env next_entry
else
   set default="${value}"
fi
if [ x"\${feature_menuentry_id}" = xy ]; then menuentry_id_option="--id"; else menuentry_id_option=""; fi
function load_video { insmod all_video; }
if loadfont unicode ; then set gfxmode=auto; fi
${middle}
${entry('Debian GNU/Linux', 'simple', '6.12')}
submenu 'Advanced options' $menuentry_id_option 'advanced' {
${entry('Debian, with Linux 6.12', 'a-6.12', '6.12')}
${entry('Debian, with Linux 6.1', 'a-6.1', '6.1', '"a b" $vt_handoff')}
}
menuentry 'Windows' --id win { chainloader /EFI/Microsoft/bootmgfw.efi }
`;
  const ENV = '# GRUB Environment Block\nsaved_entry=1>1\n####';
  const FILES = {
    '/boot/vmlinuz-6.12': 'k',
    '/boot/initrd.img-6.12': 'i',
    '/boot/vmlinuz-6.1': 'k',
    '/boot/initrd.img-6.1': 'i',
  };
  const grub = (value: string, more: Contents = {}, middle = ''): Contents => ({
    ...FILES,
    '/boot/grub/grub.cfg': config(value, middle),
    ...more,
  });

  it.each([
    ['0', '6.12'],
    ['', '6.12'],
    ['simple', '6.12'],
    ['1>1', '6.1'],
    ['advanced>a-6.1', '6.1'],
    ['Advanced options>Debian, with Linux 6.1', '6.1'],
    ['gone', '6.12'],
    ['7', '6.12'],
  ])('starts by default %j the kernel %s', (value, version) => {
    expect(choose(grub(value)).kernel).toBe(`/boot/vmlinuz-${version}`);
  });

  it.each([
    ['6.12', 'advanced>a-6.12'],
    ['6.1', 'advanced>a-6.1'],
  ])('starts Linux %s by the entry %s, and by none for rescue', (release, id) => {
    const rescue = entry('Debian (recovery mode)', 'rescue', release, 'single').replace('$vt_handoff', '');
    const menu = findBootMenu(buildEntryFiles(grub('0', {}, rescue)));
    expect(findEntryOfRelease(menu, release).id).toBe(id);
    expect(findEntryOfRelease({ ...menu, entries: menu.entries.toReversed() }, release).id).not.toBe(
      'rescue',
    );
    const none = attempt(() => findEntryOfRelease(menu, '6.13'));
    expect(none).toMatchObject({ check: 'boot-entry', seen: 'GRUB has no entry that starts Linux 6.13' });
  });

  it('gives command line and initrd as GRUB does', () => {
    expect(choose(grub('0'))).toMatchObject({
      commandLine: 'root=UUID=33 ro quiet',
      initrds: ['/boot/initrd.img-6.12'],
      reason: 'default by /boot/grub/grub.cfg',
    });
    expect(choose(grub('1>1')).commandLine).toBe('root=UUID=33 ro quiet "a b"');
  });

  it('reads the environment block', () => {
    expect(choose(grub('$saved_entry', { '/boot/grub/grubenv': ENV }))).toMatchObject({
      id: 'advanced>a-6.1',
      reason: "default by saved_entry of GRUB's environment block",
    });
    const once = { '/boot/grub/grubenv': '# GRUB Environment Block\nnext_entry=a-6.12\n' };
    expect(choose(grub('0', once)).reason).toContain('which does not exist');
    const next = { '/boot/grub/grubenv': '# GRUB Environment Block\nnext_entry=1>0\n' };
    expect(choose(grub('0', next)).id).toBe('advanced>a-6.12');
  });

  it.each([
    ['1', 'it is a submenu'],
    ['2', 'it is another system'],
    ['win', 'it is another system'],
    ['advanced>gone', 'has no such entry'],
  ])('refuses the default %j: %s', (value, seen) => {
    expect(refusalOf(grub(value)).seen).toContain(seen);
  });

  it.each([
    ['if hwmatch x 3; then menuentry a { linux /vmlinuz-6.1; }; fi', 'only GRUB knows number 0'],
    ['for x in a b; do menuentry $x { true; }; done', 'only GRUB knows number 0'],
  ])('does not guess: %s', (middle, seen) => {
    expect(refusalOf(grub('0', {}, middle)).seen).toContain(seen);
  });

  it('does not guess a default that GRUB decides on', () => {
    const files = {
      ...FILES,
      '/boot/grub/grub.cfg': `${config('0')}\nif hwmatch x 3; then set default=1; fi\n`,
    };
    expect(refusalOf(files)).toMatchObject({ check: 'boot-entry-form', errno: 'EOPNOTSUPP' });
  });

  it.each([
    ['linux (hd0,gpt2)/vmlinuz-6.12', 'names a disk as GRUB counts them'],
    ['linux /vmlinuz-6.12 root=$cmdpath', 'the variable $cmdpath'],
    ['if hwmatch x; then linux /vmlinuz-6.12; fi', 'GRUB decides at boot'],
    ['multiboot2 /xen.gz; module2 /vmlinuz-6.12', 'a hypervisor'],
    ['configfile /other.cfg', 'another system'],
    ['true', 'has no kernel'],
  ])('refuses an entry with %s', (body, seen) => {
    expect(refusalOf({ ...FILES, '/boot/grub/grub.cfg': `menuentry a { ${body}; }` }).seen).toContain(seen);
  });

  it('takes what search found on another name than root, as on NixOS', () => {
    const body =
      'search --set=drive1 --fs-uuid 11; linux ($drive1)//kernels/k init=/nix/store/x/init; initrd ($drive1)//kernels/i';
    const files = {
      '/boot/grub/grub.cfg': `menuentry "NixOS" { ${body} }`,
      '/boot/kernels/k': 'k',
      '/boot/kernels/i': 'i',
    };
    expect(choose(files)).toMatchObject({
      kernel: '/boot/kernels/k',
      initrds: ['/boot/kernels/i'],
      commandLine: 'init=/nix/store/x/init',
    });
  });

  it('adds the entries that blscfg finds, with $kernelopts, as Fedora does', () => {
    const name = 'ab12-6.11.4-301.fc41.aarch64';
    const files = {
      '/boot/grub2/grub.cfg':
        'if [ -f $config_directory/grubenv ]; then load_env -f $config_directory/grubenv; fi\nset default="$saved_entry"\nset kernelopts="root=UUID=5 ro"\ninsmod blscfg\nblscfg\n',
      '/boot/grub2/grubenv': `# GRUB Environment Block\nsaved_entry=${name}\n`,
      [`/boot/loader/entries/${name}.conf`]:
        'title Fedora Linux (6.11.4-301.fc41.aarch64) 41\nversion 6.11.4-301.fc41.aarch64\nlinux /vmlinuz-6.11.4\ninitrd /initramfs-6.11.4.img $tuned_initrd\noptions $kernelopts rhgb quiet\ngrub_class fedora\n',
      '/boot/loader/entries/ab12-0-rescue.conf':
        'title Fedora Linux (rescue)\nlinux /vmlinuz-0-rescue\noptions $kernelopts\n',
      '/boot/vmlinuz-6.11.4': 'k',
      '/boot/initramfs-6.11.4.img': 'i',
    };
    expect(choose(files)).toMatchObject({
      id: name,
      loader: 'GRUB',
      commandLine: 'root=UUID=5 ro rhgb quiet',
      initrds: ['/boot/initramfs-6.11.4.img'],
    });
  });

  it('counts paths from the root of the file system, also in a subvolume', () => {
    const files = {
      '/proc/self/mountinfo':
        '25 1 0:22 /@ / rw - btrfs /dev/vda2 rw\n26 25 0:23 / /proc rw - proc proc rw\n',
      '/boot/grub/grub.cfg': 'menuentry a { linux /@/boot/vmlinuz a; }',
      '/boot/vmlinuz': 'k',
    };
    expect(choose(files).kernel).toBe('/boot/vmlinuz');
  });

  it.each(['menuentry a {', "linux 'x", 'fi', '}', 'if true; then', 'function f {', 'a { }}'])(
    'refuses the malformed %j',
    (text) => {
      expect(refusalOf({ '/boot/grub/grub.cfg': text })).toMatchObject({ check: 'boot-entry-form' });
    },
  );

  it('ends, whatever calls itself', () => {
    const loop = 'function f { f; f; }\nf\n';
    expect(refusalOf({ '/boot/grub/grub.cfg': loop }).errno).toBe('EFBIG');
    const inner = `${'submenu a { '.repeat(40)}${'}'.repeat(40)}`;
    expect(refusalOf({ '/boot/grub/grub.cfg': inner }).errno).toBe('EFBIG');
    const itself = { '/boot/grub/grub.cfg': 'source $prefix/grub.cfg' };
    expect(refusalOf(itself).errno).toBe('EFBIG');
  });

  it('refuses a variable that doubles with each command', () => {
    for (const doubled of ['"$a$a"', '$a$a']) {
      const script = `set a=x\n${`set a=${doubled}\n`.repeat(60)}menuentry "$a" { linux /vmlinuz; }`;
      expect(refusalOf({ '/boot/grub/grub.cfg': script })).toMatchObject({
        check: 'boot-entry-form',
        errno: 'EFBIG',
      });
    }
  });
});

describe('extlinux.conf', () => {
  /** As u-boot-menu writes it on Debian 12. */
  const DEBIAN = `## /boot/extlinux/extlinux.conf
default l0
menu title U-Boot menu
prompt 0
timeout 50

label l0
	menu label Debian GNU/Linux 12 (bookworm) 6.1.0-40-arm64
	linux /vmlinuz-6.1.0-40-arm64
	initrd /initrd.img-6.1.0-40-arm64
	fdtdir /usr/lib/linux-image-6.1.0-40-arm64/
	append root=UUID=7 ro quiet

label l0r
	menu label Debian GNU/Linux 12 (bookworm) 6.1.0-40-arm64 (rescue target)
	linux /vmlinuz-6.1.0-40-arm64
	initrd /initrd.img-6.1.0-40-arm64
	append root=UUID=7 ro single
`;
  const FILES = { '/boot/vmlinuz-6.1.0-40-arm64': 'k', '/boot/initrd.img-6.1.0-40-arm64': 'i' };

  it('has labels, of which one is the default', () => {
    const files = { ...FILES, '/boot/extlinux/extlinux.conf': DEBIAN };
    expect(choose(files)).toMatchObject({
      id: 'l0',
      loader: 'extlinux',
      kernel: '/boot/vmlinuz-6.1.0-40-arm64',
      commandLine: 'root=UUID=7 ro quiet',
      notes: [expect.stringContaining('the running one is used')],
    });
    expect(choose(files, 'l0r').commandLine).toBe('root=UUID=7 ro single');
  });

  it.each([
    ['LABEL a\nKERNEL ../k\nLABEL b\nMENU DEFAULT\nLINUX ../k\nAPPEND b', 'b', 'b'],
    ['label a\nlinux ../k\nappend a', 'a', 'a'],
    ['default gone\nlabel a\nkernel ../k\nappend initrd=../k c', 'a', 'initrd=../k c'],
  ])('takes the default of %j', (text, id, commandLine) => {
    expect(choose({ '/boot/extlinux/extlinux.conf': text, '/boot/k': 'k' })).toMatchObject({
      id,
      commandLine,
    });
  });

  it.each([
    ['label a\nlocalboot 1', 'has no kernel'],
    [`label a\nlinux ../k\nappend $\{bootargs}`, 'only U-Boot knows'],
    ['timeout 5', 'has no label'],
  ])('refuses %j', (text, seen) => {
    expect(refusalOf({ '/boot/extlinux/extlinux.conf': text, '/boot/k': 'k' }).seen).toContain(seen);
  });
});

describe('Raspberry Pi', () => {
  const pi = (model: string, config: string, more: Contents = {}): Contents => ({
    '/proc/device-tree/model': `${model}\0`,
    '/proc/cmdline': 'coherent_pool=1M console=ttyAMA10,115200 console=tty1 root=PARTUUID=9',
    '/boot/firmware/config.txt': config,
    '/boot/firmware/cmdline.txt': 'console=serial0,115200 console=tty1 root=PARTUUID=9 rootwait\n',
    '/boot/firmware/kernel8.img': 'k',
    '/boot/firmware/initramfs8': 'i',
    ...more,
  });
  const OS = 'dtparam=audio=on\nauto_initramfs=1\narm_64bit=1\n[cm4]\notg_mode=1\n[all]\n';

  it.each([
    ['Raspberry Pi 4 Model B Rev 1.4', OS, 'kernel8.img', ['/boot/firmware/initramfs8']],
    ['Raspberry Pi 5 Model B Rev 1.0', OS, 'kernel_2712.img', ['/boot/firmware/initramfs_2712']],
    [
      'Raspberry Pi 4 Model B',
      '[pi5]\nkernel=a\n[pi4]\nkernel=u-k\n[all]\ninitramfs i followkernel',
      'u-k',
      ['/boot/firmware/i'],
    ],
    ['Raspberry Pi 3 Model B', '[tryboot]\nos_prefix=new/\n[none]\nkernel=x', 'kernel8.img', []],
  ])('%s starts by %j', (model, config, kernel, initrds) => {
    const more = {
      '/boot/firmware/kernel_2712.img': 'k',
      '/boot/firmware/initramfs_2712': 'i',
      '/boot/firmware/u-k': 'k',
      '/boot/firmware/i': 'i',
    };
    expect(choose(pi(model, config, more))).toMatchObject({
      loader: 'Raspberry Pi firmware',
      kernel: `/boot/firmware/${kernel}`,
      initrds,
      commandLine: 'console=ttyAMA10,115200 console=tty1 root=PARTUUID=9 rootwait',
    });
  });

  it.each([
    ['[gpio4=1]\nkernel=x', 'only the firmware knows whether kernel counts'],
    ['kernel=vmlinuz\nauto_initramfs=1', 'only the firmware knows which initramfs'],
    ['kernel=gone', 'there is no /boot/firmware/gone'],
    ['include config.txt', 'includes more than'],
  ])('refuses %j', (config, seen) => {
    const more = { '/boot/firmware/vmlinuz': 'k' };
    expect(refusalOf(pi('Raspberry Pi 4 Model B', config, more)).seen).toContain(seen);
  });
});

describe('without a boot loader', () => {
  it('takes the newest kernel with /etc/kernel/cmdline', () => {
    const files = {
      '/etc/kernel/cmdline': '# by hand\nroot=LABEL=r ro\n',
      '/boot/vmlinuz-6.9.1': 'k',
      '/boot/vmlinuz-6.12.3': 'k',
      '/boot/vmlinuz-6.13.0.old': 'k',
      '/boot/initrd.img-6.12.3': 'i',
      '/usr/lib/modules/7.0.4+deb14-arm64/vmlinuz': 'k',
    };
    expect(choose(files)).toMatchObject({
      id: '7.0.4+deb14-arm64',
      kernel: '/usr/lib/modules/7.0.4+deb14-arm64/vmlinuz',
      initrds: [],
      commandLine: 'root=LABEL=r ro',
    });
    expect(choose(files, '6.12.3').initrds).toEqual(['/boot/initrd.img-6.12.3']);
  });

  it("follows a distribution's links, with the running command line", () => {
    const debian = {
      '/proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=/dev/vda ro\n',
      '/vmlinuz': '-> /boot/vmlinuz-6.12.57+deb13-arm64',
      '/initrd.img': '-> /boot/initrd.img-6.12.57+deb13-arm64',
      '/boot/vmlinuz-6.12.57+deb13-arm64': 'k',
      '/boot/initrd.img-6.12.57+deb13-arm64': 'i',
    };
    const wanted = {
      kernel: '/boot/vmlinuz-6.12.57+deb13-arm64',
      initrds: ['/boot/initrd.img-6.12.57+deb13-arm64'],
      commandLine: 'root=/dev/vda ro',
    };
    expect(choose(debian)).toMatchObject(wanted);
    const { '/vmlinuz': link, '/initrd.img': _, ...armbian } = debian;
    expect(choose({ ...armbian, '/boot/Image': link })).toMatchObject(wanted);
  });

  it('refuses a machine without anything', () => {
    expect(refusalOf({})).toMatchObject({ check: 'boot-entry', errno: 'ENOENT' });
  });
});

describe('whatever the files contain', () => {
  const PATHS = [
    '/boot/grub/grub.cfg',
    '/boot/grub/grubenv',
    '/boot/loader/entries/a.conf',
    '/boot/loader/loader.conf',
    '/boot/EFI/Linux/a.efi',
    '/boot/extlinux/extlinux.conf',
    '/boot/firmware/config.txt',
    '/boot/firmware/cmdline.txt',
    '/proc/self/mountinfo',
    '/etc/kernel/cmdline',
  ];
  const WORD = fc.constantFrom(
    ...[
      'menuentry',
      'submenu',
      'if',
      'then',
      'else',
      'fi',
      'set',
      'a=$b',
      '{',
      '}',
      ';',
      '\n',
      "'",
      '"',
      '$',
      '[',
      ']',
      'linux',
      '/k',
    ],
    ...[
      'default',
      'label',
      'append',
      'title',
      'options',
      'initrd',
      'function',
      'f',
      'blscfg',
      'kernel=',
      '[pi4]',
      'include',
      '\\',
      '>',
    ],
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(WORD, { maxLength: 60 }).map((words) => words.join(' ')),
  );

  it('it is an entry, or a refusal', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...PATHS), text), text, (found, name) => {
        const files = { '/proc/device-tree/model': 'Raspberry Pi 4', '/k': 'k', ...found };
        for (const wanted of [undefined, name]) {
          const result = attempt(() => choose(files, wanted));
          if (result instanceof KexecError) expect(result.check).toMatch(/^(boot-entry|command-line)/);
          else expect(result.kernel).toMatch(/^\//);
        }
      }),
      { numRuns: 300 },
    );
  });
});
