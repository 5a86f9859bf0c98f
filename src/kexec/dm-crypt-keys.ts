import { concatenate } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { KIB } from '../base/u64.js';
import type { DmCryptFacts, DmCryptKey } from '../machine/dm-crypt-keys.js';
import type { Segment, SegmentRequest } from './kimage.js';
import { type LoadInProgress, type PlacementInProgress, placeSegment } from './load-in-progress.js';
import { isRunningKernelsWork } from './running-kernel.js';

/** `KEY_DESC_MAX_LEN`, in bytes. */
const DESCRIPTION_SIZE = 128;

/** `struct dm_crypt_key`: the size of the key, its description, and room for its bytes, `KEY_SIZE_MAX`. */
const KEY_SIZE = 4 + DESCRIPTION_SIZE + 256;

/** `ELF_CORE_HEADER_ALIGN`. */
const ALIGNMENT = 4n * KIB;

/**
 * The keys of dm-crypt that a load hands to a crash kernel: kernel function `crash_load_dm_crypt_keys()`. kexec_load
 * hands none over, which the trail then notes. At the load, each must be a logon key that the caller's keyrings have;
 * nobody can tell for a recorded machine.
 *
 * @returns undefined if nothing is handed over
 */
export function findDmCryptKeys(load: LoadInProgress): DmCryptFacts | undefined {
  const { type, request, machine, trail } = load;
  const { dmCryptKeys } = machine;
  if (type !== 'crash' || dmCryptKeys === undefined || dmCryptKeys.keys.length === 0) return undefined;
  const names = dmCryptKeys.keys.map(({ name }) => name).join(', ');
  if (request.options.rules !== '7.3' && !isRunningKernelsWork(load)) {
    trail.note(
      'dm-crypt-keys',
      `kexec_load hands no dm-crypt keys to the crash kernel (${names}): it asks for a passphrase, or cannot open the volume`,
    );
    return undefined;
  }
  if (request.dmCryptKeysAddress === undefined)
    trail.note(
      'dm-crypt-keys',
      `the kernel draws the place of the dm-crypt keys (${names}) at random in the crash region: the places below hold ` +
        'unless they are in the way of another segment',
    );
  return dmCryptKeys;
}

/**
 * Places the keys. Their own bytes are secret, and stay zeros here; the kernel has them.
 *
 * @param aside - the end of the crash region where they are in no other segment's way, unless the address is known that the
 *   kernel drew
 * @throws KexecError `EINVAL`, check `dm-crypt-keys`, for a key without a description, unless keys are used again;
 *   otherwise as {@link placeSegment}
 */
export function placeDmCryptKeys(
  { keys, reuse }: DmCryptFacts,
  placement: PlacementInProgress,
  aside: SegmentRequest['direction'],
): Segment {
  const nameless = reuse ? undefined : keys.find(({ description }) => description === undefined);
  if (nameless !== undefined) {
    const folder = `/sys/kernel/config/crash_dm_crypt_keys/${nameless.name}`;
    refuse('dm-crypt-keys', 'EINVAL', `the dm-crypt key ${nameless.name} has no description`, {
      cure: `write the description of a logon key to ${folder}/description, or remove the folder with rmdir`,
    });
  }
  return placeSegment(placement, requestPlace(encodeKeys(keys), aside, placement.request.dmCryptKeysAddress));
}

function requestPlace(
  bytes: Uint8Array,
  aside: SegmentRequest['direction'],
  address: bigint | undefined,
): SegmentRequest {
  const memsz = BigInt(bytes.length);
  const place = { name: 'dmcryptkeys', bytes, memsz, alignment: ALIGNMENT } as const;
  return address === undefined
    ? { ...place, direction: aside }
    : { ...place, direction: 'bottom-up', minimum: address };
}

/** `struct keys_header`. */
function encodeKeys(keys: readonly DmCryptKey[]): Uint8Array {
  return concatenate([Uint8Array.of(keys.length, 0, 0, 0), ...keys.map(encodeKey)]);
}

function encodeKey({ description = '' }: DmCryptKey): Uint8Array {
  const bytes = new Uint8Array(KEY_SIZE);
  bytes.set(new TextEncoder().encode(description).subarray(0, DESCRIPTION_SIZE - 1), 4);
  return bytes;
}
