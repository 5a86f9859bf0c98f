/** The kinds of files that contain no kernel, and how each is inspected. */
import { createByteSource } from '../base/byte-source.js';
import { decodeLatin1 } from '../base/bytes.js';
import { isDer, splitDerCertificates } from '../formats/der-certificates.js';
import { isEfiSignatureList } from '../formats/efi-signature-list.js';
import { isEfiVariableUpdate } from '../formats/efivar.js';
import { isX86Vmlinux } from '../formats/elf/x86-vmlinux.js';
import { nameFile } from '../formats/foreign/name-file.js';
import { hasMagic } from '../formats/magics.js';
import { hasModuleSignature } from '../formats/module-signature.js';
import { parsePe } from '../formats/pe/parse.js';
import { isPem } from '../formats/pem.js';
import { isPkcs7 } from '../formats/pkcs7-certificates.js';
import { isPkcs12 } from '../formats/pkcs12.js';
import { isTar } from '../formats/tar.js';
import { VENDOR_CERT_SECTION } from '../formats/vendor-cert.js';
import { detectKernelFileKind, type KernelFileKind } from '../kernel-file/kernel-file-kinds.js';
import type { Hashes } from '../trust/hashes.js';
import type { Facts, Inspected } from './facts.js';
import { inspectBzimage } from './inspect-bzimage.js';
import { inspectCpio } from './inspect-cpio.js';
import { inspectDeviceTree } from './inspect-device-tree.js';
import { findDumpKind, inspectDump } from './inspect-dump.js';
import { inspectImage } from './inspect-image.js';
import { inspectPe } from './inspect-pe.js';
import { inspectProduct } from './inspect-products.js';
import { inspectCollectorTar } from './inspect-tar.js';
import { findTextKind, inspectText } from './inspect-texts.js';
import { inspectX86Vmlinux } from './inspect-x86-vmlinux.js';
import { describeCertificates } from './keys/describe-certificate.js';
import {
  inspectEfiLists,
  inspectEfiUpdate,
  inspectEfiVariable,
  inspectVendorCert,
  isVariableFile,
} from './keys/inspect-efi.js';
import { inspectImaXattr, isImaXattr } from './keys/inspect-ima.js';
import { inspectPem } from './keys/inspect-pem.js';
import { inspectPkcs7 } from './keys/inspect-pkcs7.js';
import { inspectPkcs12 } from './keys/inspect-pkcs12.js';
import { describePrivateKey, inspectPrivateKey } from './keys/inspect-private-key.js';

export const CPIO = 'cpio archive';
export const IMAGE = 'arm64 Image';
export const BZIMAGE = 'bzImage';
export const X86_VMLINUX = 'vmlinux for x86_64';

/** A kind of file. */
interface FileKind {
  readonly kind: string;
  /** Whether a file is of this kind, by its magic alone: a file that is cut short keeps its kind. */
  readonly matches: (bytes: Uint8Array) => boolean;
  readonly inspect: (bytes: Uint8Array, hashes: Hashes) => Facts | Promise<Facts>;
}

/** Kinds with a magic number. The first that matches counts. */
const FILE_KINDS: readonly FileKind[] = [
  { kind: IMAGE, matches: isKernelFile('image'), inspect: inspectImage },
  { kind: BZIMAGE, matches: isKernelFile('bzimage'), inspect: inspectBzimage },
  { kind: X86_VMLINUX, matches: isX86Vmlinux, inspect: inspectX86Vmlinux },
  { kind: 'PE file', matches: isKernelFile('pe'), inspect: inspectOtherPe },
  { kind: 'device tree', matches: isKernelFile('fdt'), inspect: inspectDeviceTree },
  { kind: CPIO, matches: (bytes) => hasMagic(bytes, 'cpio'), inspect: inspectCpio },
  { kind: 'machine file', matches: isMachineFile, inspect: inspectMachineFile },
  { kind: 'PKCS#12 file', matches: isPkcs12, inspect: inspectPkcs12 },
  { kind: 'PKCS#7 message', matches: isPkcs7, inspect: inspectPkcs7 },
  { kind: 'private key in DER', matches: isPrivateKey, inspect: inspectPrivateKey },
  { kind: 'certificates in DER', matches: isCertificateFile, inspect: inspectCertificates },
  { kind: 'EFI signature lists', matches: (bytes) => isEfiSignatureList(bytes, 0), inspect: inspectEfiLists },
  { kind: 'EFI variable', matches: isVariableFile, inspect: inspectEfiVariable },
  { kind: 'update of an EFI variable', matches: isEfiVariableUpdate, inspect: inspectEfiUpdate },
  { kind: 'value of security.ima', matches: isImaXattr, inspect: inspectImaXattr },
  { kind: 'PEM file', matches: isPemText, inspect: inspectPem },
];

/**
 * Inspects a file that contains no kernel.
 *
 * @returns undefined if its kind is unknown
 * @throws KexecError, as the parser of its kind.
 */
export async function inspectByKind(bytes: Uint8Array, hashes: Hashes): Promise<Inspected | undefined> {
  const dump = findDumpKind(bytes);
  if (dump !== undefined) return inspectDump(createByteSource(bytes), dump);
  const found = FILE_KINDS.find(({ matches }) => matches(bytes));
  if (found !== undefined) return { kind: found.kind, facts: await found.inspect(bytes, hashes) };
  const tar = isTar(bytes) ? inspectCollectorTar(bytes) : undefined;
  if (tar !== undefined) return { kind: 'tar of a collected machine', facts: tar };
  const text = findTextKind(bytes);
  if (text !== undefined) return { kind: text.kind, facts: inspectText(bytes, text) };
  if (hasModuleSignature(bytes))
    return { kind: 'file with an appended signature', facts: describeSigned(bytes) };
  return inspectProduct(bytes);
}

function describeSigned(bytes: Uint8Array): Facts {
  return { size: bytes.length, contents: nameFile(bytes)?.name ?? 'unknown' };
}

function isKernelFile(kind: KernelFileKind): (bytes: Uint8Array) => boolean {
  return (bytes) => detectKernelFileKind(bytes) === kind;
}

/** A PE file that is neither an Image nor contains one, such as a boot loader, a shim, or an addon of a UKI. */
function inspectOtherPe(bytes: Uint8Array, hashes: Hashes): Facts {
  const named = nameFile(bytes);
  const facts = inspectPe(bytes);
  const keys = parsePe(bytes).sections.find(({ name }) => name === VENDOR_CERT_SECTION);
  return {
    ...(named === undefined ? {} : { description: named.name }),
    ...facts,
    ...(keys === undefined ? {} : { vendorCert: inspectVendorCert(keys.bytes, hashes) }),
  };
}

/** Whether a file is a machine file, by its first 64 bytes. */
export function isMachineFile(bytes: Uint8Array): boolean {
  return /^\s*\{\s*"kexecFileMachine"/.test(decodeLatin1(bytes, 0, Math.min(bytes.length, 64)));
}

/** The schema is loaded only if there is a machine file to inspect. */
async function inspectMachineFile(bytes: Uint8Array): Promise<Facts> {
  const [{ parseMachine }, { inspectMachine }] = await Promise.all([
    import('../machine/schema.js'),
    import('./inspect-machine.js'),
  ]);
  return inspectMachine(parseMachine(new TextDecoder().decode(bytes)));
}

/** The largest file that --keyring takes. */
const MAX_PEM_BYTES = 4 << 20;

/** Text, so that an archive or a program with a key in it is none. */
function isPemText(bytes: Uint8Array): boolean {
  return bytes.length <= MAX_PEM_BYTES && !bytes.includes(0) && isPem(bytes);
}

/** The largest key has some KiB. */
const MAX_KEY_BYTES = 65_536;

function isPrivateKey(bytes: Uint8Array): boolean {
  return bytes.length <= MAX_KEY_BYTES && describePrivateKey(bytes) !== undefined;
}

/** A certificate contains a SEQUENCE, which begins with its version or its serial number. Requests have a version 0. */
function isCertificateFile(bytes: Uint8Array): boolean {
  return isDer(bytes) && /^a certificate/.test(nameFile(bytes)?.name ?? '');
}

function inspectCertificates(bytes: Uint8Array, hashes: Hashes): Facts {
  return { certificates: describeCertificates(splitDerCertificates(bytes), hashes) };
}
