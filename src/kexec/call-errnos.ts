import type { Errno } from '../base/errno.js';

/** The causes of each errno that a system call can return. */
export type ErrnoMeanings = Readonly<Partial<Record<Errno, string>>>;

/**
 * kexec_file_load(2). Linux 6.12: kernel/kexec_file.c, fs/kernel_read_file.c, arch/arm64/kernel/kexec_image.c,
 * verify_pefile.c.
 */
export const FILE_LOAD_ERRNOS: ErrnoMeanings = {
  EPERM:
    'the caller lacks CAP_SYS_BOOT, or kernel.kexec_load_disabled is 1, or kernel.kexec_load_limit_reboot or ' +
    '_panic is used up, or the kernel is locked down and the signature does not hold, or SELinux, AppArmor, LoadPin or ' +
    'a seccomp filter denies it',
  EACCES:
    "IMA's policy requires a signature of the kernel or the initrd, which is missing or does not hold; or SELinux, " +
    'AppArmor or IPE denies the caller to load or to read the files',
  EINVAL:
    'a file is empty or not a regular file; or, on arm64, the kernel is no Image, has image_size 0, or another byte ' +
    'order or page size than the CPUs; or, on x86_64, the command line is longer than the kernel takes, less 30 bytes; or its signature is malformed; or the device tree cannot be built; or the ' +
    'segments take more than half of the RAM; or the kernel does not know a flag (DEBUG came with 6.8)',
  ENOEXEC: 'the kernel has no loader for such a file',
  EADDRNOTAVAIL: 'no free memory holds the segments; for a crash kernel: in the crash region',
  EBUSY:
    'another kexec call is under way, or, on arm64, the CPUs cannot be stopped, because neither PSCI nor another method ' +
    'takes them down (enable-method spin-table)',
  ENOMEM: 'the kernel has no memory for the files, the segments, or the pages that it needs to copy them',
  EBADF: 'a descriptor is not open for reading',
  ETXTBSY: 'a file is open for writing somewhere',
  EFBIG: 'a file is larger than 4 GiB or, before Linux 6.0, has 2 GiB or more',
  EIO: 'a file cannot be read',
  EINTR: 'a signal arrived while a file was read',
  EFAULT: 'the command line cannot be read from this process',
  ELIBBAD: 'the kernel is no complete PE file, so it cannot have a signature',
  ENODATA: 'the kernel is not signed, and this machine requires a signature',
  ENOKEY: "the kernel is signed, but this machine's keyrings have no key for the signature",
  EKEYREJECTED: "the kernel's signature does not hold, or its signer is revoked",
  EBADMSG: "the kernel's signature is malformed",
  ENOPKG: "the kernel's signature uses an algorithm that this machine does not have",
  EMSGSIZE: "the kernel's signature is longer than the machine accepts",
  EOPNOTSUPP:
    'the kernel cannot verify signatures of such files; or, before Linux 5.6 on arm64, it loads no crash kernels by this call',
  ENOTSUPP: "the kernel's signature is not PKCS#7 of revision 2.0",
  ENOSYS:
    'the kernel has no CONFIG_KEXEC_FILE, as no arm64 kernel before Linux 5.0, or a seccomp filter hides the call; kexec_load may be there',
};

/**
 * kexec_load(2). Linux 6.12: `kexec_load_check()`, `do_kexec_load()`, `sanity_check_segment_list()`,
 * `machine_kexec_prepare()`.
 */
export const SEGMENT_LOAD_ERRNOS: ErrnoMeanings = {
  EPERM:
    'the caller lacks CAP_SYS_BOOT, or kernel.kexec_load_disabled is 1, or kernel.kexec_load_limit_reboot or ' +
    '_panic is used up, or the kernel is locked down, which permits only kexec_file_load of a signed kernel, or ' +
    'SELinux, AppArmor, LoadPin or a seccomp filter denies it',
  EACCES:
    "IMA's policy appraises kernels, and kexec_load cannot prove where its segments come from; or SELinux denies the " +
    'caller lockdown { integrity } (Linux 5.6 to 5.16)',
  EINVAL:
    'flags that the kernel does not know, another architecture, more than 16 segments, segments that overlap or ' +
    'have more bytes than memory, or one segment or all together larger than half of the RAM',
  EADDRNOTAVAIL:
    'a segment does not begin and end on pages, or leaves the address space, or, of a crash kernel, a segment or ' +
    'the entry lies outside the crash region',
  EBUSY:
    'another kexec call is under way, or, on arm64, the CPUs cannot be stopped, because neither PSCI nor another method ' +
    'takes them down (enable-method spin-table)',
  ENOMEM: 'the kernel has no memory for the segments, or for the pages that it needs to copy them',
  EFAULT: 'the segments cannot be read from this process',
  ENOSYS: 'the kernel has no CONFIG_KEXEC, or a seccomp filter hides the call',
};
