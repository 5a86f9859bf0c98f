import { type ForeignKind, hasText, kind } from './foreign-file.js';

const MOUNT = 'mount it, or extract it (7z, guestfish), and give the kernel in its /boot';
const UNPACK = 'take the kernel out of it, and give that';

/** Files that contain kernels among other files: boot images of phones, archives, filesystems, disks. */
export const FOREIGN_CONTAINERS: readonly ForeignKind[] = [
  kind(
    'an Android vendor_boot image: ramdisk, command line and device trees, without a kernel',
    'take the kernel out of boot.img of the same build; unpack_bootimg --boot_img FILE --out DIR unpacks this one',
    [0, 'VNDRBOOT'],
  ),
  kind('a kernel partition of ChromeOS', 'vbutil_kernel --get-vmlinuz takes the kernel out', [0, 'CHROMEOS']),
  kind('a kernel with a header of MediaTek', 'tail -c +513 FILE cuts the header off', [
    0,
    '\x88\x16\x88\x58',
  ]),
  kind('a kernel with a header of Rockchip', 'tail -c +9 FILE cuts the header off', [0, 'KRNL']),
  kind('a table of device trees of Qualcomm', 'it has no kernel; take the one out of boot.img', [0, 'QCDT']),
  kind('an Android sparse image', 'simg2img makes a disk image of it', [0, '\x3a\xff\x26\xed']),
  kind('a table of Android device trees (dtbo.img)', 'it has no kernel; take the one out of boot.img', [
    0,
    '\xd7\xb7\xab\x1e',
  ]),
  kind('an Android verified-boot footer or vbmeta image', 'it has no kernel; take the one out of boot.img', [
    0,
    'AVB0',
  ]),
  kind(
    'a squashfs filesystem',
    `unsquashfs or mount it, and give the kernel in its /boot`,
    [0, 'hsqs'],
    [0, 'sqsh'],
  ),
  kind(
    'an ISO 9660 image',
    'mount it, and give the kernel in it (often /casper, /install.a64, /images/pxeboot)',
    [0x8001, 'CD001'],
  ),
  kind('a qcow2 disk image', MOUNT, [0, 'QFI\xfb']),
  kind('a VMDK disk image', MOUNT, [0, 'KDMV']),
  kind('a VHDX disk image', MOUNT, [0, 'vhdxfile']),
  kind('a VDI disk image', MOUNT, [0x40, '\x7f\x10\xda\xbe']),
  kind('a LUKS volume', 'open it (cryptsetup open), and give the kernel in it', [0, 'LUKS\xba\xbe']),
  kind('a disk image with a GUID partition table', MOUNT, [512, 'EFI PART'], [4096, 'EFI PART']),
  kind('an EROFS filesystem', MOUNT, [1024, '\xe2\xe1\xf5\xe0']),
  { name: 'an ext2, ext3 or ext4 filesystem', cure: MOUNT, matches: isExt },
  kind('an XFS filesystem', MOUNT, [0, 'XFSB']),
  kind('a btrfs filesystem', MOUNT, [0x10040, '_BHRfS_M']),
  kind('a cramfs filesystem', MOUNT, [0, '\x45\x3d\xcd\x28']),
  kind('a romfs filesystem', MOUNT, [0, '-rom1fs-']),
  kind('a UBI image', MOUNT, [0, 'UBI#']),
  kind('a FAT filesystem', MOUNT, [54, 'FAT1'], [82, 'FAT32']),
  kind(
    'an RPM package',
    'rpm2cpio FILE | cpio -idm unpacks it; the kernel in it is lib/modules/*/vmlinuz or boot/vmlinuz-*',
    [0, '\xed\xab\xee\xdb'],
  ),
  kind('a Debian package', 'dpkg-deb -x FILE DIR unpacks it; the kernel in it is DIR/boot/vmlinuz-*', [
    0,
    '!<arch>\ndebian',
  ]),
  kind('a static library or an ar archive', UNPACK, [0, '!<arch>\n']),
  kind('a tar archive', UNPACK, [257, 'ustar']),
  kind('a zip archive', UNPACK, [0, 'PK\x03\x04'], [0, 'PK\x05\x06']),
  kind('a 7z archive', UNPACK, [0, '7z\xbc\xaf\x27\x1c']),
  kind('a Windows image (WIM)', 'it has no Linux kernel', [0, 'MSWIM\0\0\0']),
  { name: 'a disk image with a boot sector', cure: MOUNT, matches: isBootSector },
];

/** The magic of 16 bits alone would match too much: the state and the error behaviour after it have few values. */
function isExt(bytes: Uint8Array): boolean {
  return (
    hasText(bytes, 0x438, '\x53\xef') && (bytes[0x43a] ?? 0) < 8 && bytes[0x43b] === 0 && bytes[0x43d] === 0
  );
}

/** The signature, and a partition table whose entries have a status of 0 or 0x80, one of them with a type. */
function isBootSector(bytes: Uint8Array): boolean {
  if (!hasText(bytes, 510, '\x55\xaa')) return false;
  const entries = [446, 462, 478, 494];
  return (
    entries.every((at) => bytes[at] === 0 || bytes[at] === 0x80) &&
    entries.some((at) => (bytes[at + 4] ?? 0) !== 0)
  );
}
