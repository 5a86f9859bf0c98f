import { systemRandom } from '../../base/random.js';
import type { LoadResult } from '../../kexec/file-load.js';
import { type KernelFileResult, loadKernelFile } from '../../kexec/load-kernel-file.js';
import type { LoadOptions } from '../../kexec/load-options.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Policy, TrustRequest } from '../../trust/policy.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { type FileInput, readInput } from '../files/file-input.js';
import { readKernel } from '../files/member-path.js';
import type { TrustOptions } from '../keys/keyrings.js';
import { findMachine } from './find-machine.js';

/** Who must have signed a kernel, and what follows if they have not. */
export interface TrustedFiles {
  /** The trusted and the revoked certificates. Without these and a policy, signatures are not verified. */
  readonly trust?: TrustOptions | undefined;
  /** `enforce` if left out. */
  readonly policy?: Policy | undefined;
  /**
   * EFI variables of the machine. If signatures are verified, what its dbx and MokListXRT revoke is revoked. Its db and
   * MokListRT are trusted under `as-kernel` and, under the other policies, if `trust` names no certificate to trust.
   */
  readonly efiVariables?: Machine['efiVariables'] | undefined;
}

/** What is loaded, with files as paths or bytes. */
export interface PlanFilesRequest
  extends LoadOptions,
    TrustedFiles,
    Pick<LoadRequest, 'elfcorehdr' | 'hashes' | 'random'> {
  readonly initrd?: FileInput | undefined;
}

/** What {@link plan} plans for, and how. */
export interface PlanFilesOptions extends PlanFilesRequest {
  /** The machine that loads the kernel: its value, the path of a machine file, or a preset such as `qemu-virt`. */
  readonly machine: Machine | string;
}

/**
 * Plans a load as `kexec-file plan` does: reads each file once, takes the Image out of the kernel file, verifies it if
 * `trust` or `policy` is given, and decides as kexec_file_load(2) decides. Digests, decompression and random bytes are
 * Node's.
 *
 * @param kernel - an Image (arm64) or a bzImage (x86_64), or a file that contains one: compressed, zboot, UKI, vmlinux, uImage, FIT, Android
 *   boot image; `FILE#NAME` takes the configuration of a FIT or the profile of a UKI
 * @returns the kimage, or the refusal; the trail lists every check
 * @throws KexecError check `file-access`: a file cannot be read; and as the machine and the certificates are refused.
 *   Bad input in the kernel and the initrd does not throw: it is a refusal.
 */
export async function plan(
  kernel: FileInput,
  { machine, ...options }: PlanFilesOptions,
): Promise<LoadResult> {
  const target = typeof machine === 'string' ? await findMachine(machine) : machine;
  const { efiVariables } = target;
  return planRequest(await readPlanRequest(kernel, { efiVariables, ...options }), target);
}

/** Reads the files of a request, each once. @throws KexecError as {@link plan} */
export async function readPlanRequest(kernel: FileInput, request: PlanFilesRequest): Promise<LoadRequest> {
  const {
    initrd,
    trust,
    policy,
    efiVariables,
    elfcorehdr,
    hashes = nodeHashes,
    random = systemRandom,
    ...options
  } = request;
  const { bytes, member } = readKernel(kernel);
  return {
    kernel: bytes,
    member,
    initrd: initrd === undefined ? undefined : readInput(initrd),
    options,
    elfcorehdr,
    hashes,
    random,
    trust: await readTrustRequest({ trust, policy, efiVariables }),
  };
}

/** Plans for a request that has been read. */
export async function planRequest(request: LoadRequest, machine: Machine): Promise<KernelFileResult> {
  const { nodeDecompress } = await import('../codecs/node-decompress.js');
  return loadKernelFile(request, machine, { decompress: nodeDecompress, hashes: nodeHashes });
}

/**
 * Reads the certificates, if any or a policy is given.
 *
 * @returns undefined if signatures are not to be verified
 * @throws KexecError as `loadTrustStore()`
 */
export async function readTrustRequest({
  trust = {},
  policy,
  efiVariables,
}: TrustedFiles): Promise<TrustRequest | undefined> {
  const { certs = [], keyrings = [], dbx = [] } = trust;
  if (policy === undefined && certs.length + keyrings.length + dbx.length === 0) return undefined;
  const { readMachineTrust } = await import('../keys/machine-trust.js');
  const { given, imaXattr, storeFor } = readMachineTrust(trust, { efiVariables });
  const decided = policy ?? 'enforce';
  return { store: storeFor(decided), given, policy: decided, hashes: nodeHashes, imaXattr };
}
