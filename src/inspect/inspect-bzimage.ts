import { attempt, KexecError } from '../base/error.js';
import { hex } from '../base/u64.js';
import {
  type BzimageHeader,
  formatProtocol,
  measureSetup,
  parseBzimageHeader,
} from '../formats/bzimage/header.js';
import { findPayload } from '../formats/bzimage/payload.js';
import { hasMagic } from '../formats/magics.js';
import type { Facts } from './facts.js';
import { inspectPe } from './inspect-pe.js';

/** The bits of `xloadflags`, lowest first: Documentation/arch/x86/boot.rst. */
const XLOADFLAGS = [
  'KERNEL_64',
  'CAN_BE_LOADED_ABOVE_4G',
  'EFI_HANDOVER_32',
  'EFI_HANDOVER_64',
  'EFI_KEXEC',
  '5LEVEL',
  '5LEVEL_ENABLED',
  'MEM_ENCRYPTION',
] as const;

/** Inspects a bzImage: its setup header, its payload, and its PE headers if it has an EFI stub. */
export function inspectBzimage(bytes: Uint8Array): Facts {
  const header = parseBzimageHeader(bytes);
  return {
    ...(header.build === undefined ? {} : { build: header.build }),
    protocol: formatProtocol(header.version),
    fileSize: hex(bytes.length),
    setupSize: hex(measureSetup(header)),
    ...describeAddresses(header),
    ...(header.cmdlineSize === undefined ? {} : { cmdlineSize: header.cmdlineSize }),
    loadflags: hex(header.loadflags),
    ...(header.xloadflags === undefined ? {} : { xloadflags: nameFlags(header.xloadflags) }),
    payload: describePayload(bytes),
    ...(hasMagic(bytes, 'mz') ? { pe: inspectPe(bytes) } : {}),
  };
}

function describeAddresses({
  initSize,
  prefAddress,
  kernelAlignment,
  relocatableKernel,
}: BzimageHeader): Facts {
  return {
    ...(initSize === undefined ? {} : { initSize: hex(initSize) }),
    ...(prefAddress === undefined ? {} : { prefAddress: hex(prefAddress) }),
    ...(kernelAlignment === undefined ? {} : { kernelAlignment: hex(kernelAlignment) }),
    ...(relocatableKernel === undefined ? {} : { relocatable: relocatableKernel !== 0 }),
  };
}

function nameFlags(flags: number): string[] {
  const names = Array.from({ length: 16 }, (_, bit) => XLOADFLAGS[bit] ?? `bit ${bit}`);
  return names.filter((_, bit) => (flags & (1 << bit)) !== 0);
}

/** A kernel whose payload cannot be found is loaded all the same: only its own code needs it. */
function describePayload(bytes: Uint8Array): Facts | string {
  const payload = attempt(() => findPayload(bytes));
  if (payload instanceof KexecError) return payload.seen;
  const { compression = 'none', offset, bytes: contents } = payload;
  return { compression, offset: hex(offset), size: hex(contents.length) };
}
