/** A load as other threads are handed it: its bytes shared with them, its errors as facts. */
import { KexecError, type RefusalKind, refusalArguments } from '../../base/error.js';
import type { LoadRequest } from '../../kexec/request.js';
import { EMPTY_BLACKLIST } from '../../trust/keyrings/keyring.js';
import type { PeSignature } from '../../trust/pe/pe-signature.js';
import type { TrustRequest } from '../../trust/policy.js';
import { portableHashes } from '../../trust/portable-hashes.js';

/** A refusal as plain data: errors lose their fields when they are cloned. */
interface RefusalFacts {
  readonly kind: RefusalKind;
  readonly seen: string;
}

type Signature = PeSignature | RefusalFacts;

/** A request without what cannot be cloned: functions, and errors, which lose their fields. */
export interface ClonedRequest extends Pick<LoadRequest, 'kernel' | 'initrd' | 'options'> {
  /** Where verification is asked for. */
  readonly trust: { readonly policy: TrustRequest['policy']; readonly signature: Signature } | undefined;
  readonly envelopes: readonly (Omit<Envelope, 'signature'> & { readonly signature: Signature })[];
}

type Envelope = NonNullable<LoadRequest['envelopes']>[number];

/**
 * Makes a request that can be handed to threads. Bytes that are not shared yet are copied, once, into memory that is.
 *
 * @param request - with the kernel's signature verified, if that is asked for
 */
export function cloneRequest(request: LoadRequest): ClonedRequest {
  const { kernel, initrd, options, trust, envelopes = [] } = request;
  const shared = new Map<Uint8Array, Uint8Array>();
  const share = <T extends Uint8Array | undefined>(bytes: T): T => {
    if (bytes === undefined || bytes.buffer instanceof SharedArrayBuffer) return bytes;
    const copy = shared.get(bytes) ?? sharedCopy(bytes);
    shared.set(bytes, copy);
    return copy as T;
  };
  return {
    kernel: share(kernel),
    initrd: share(initrd),
    options,
    trust: trust?.verified && { policy: trust.policy, signature: factsOf(trust.verified.signature) },
    envelopes: envelopes.map((envelope) => ({
      ...envelope,
      signature: factsOf(envelope.signature),
      kernel: share(envelope.kernel),
      initrd: share(envelope.initrd),
    })),
  };
}

/** The request again, in a thread or where it was made. */
export function restoreRequest({ trust, envelopes, ...request }: ClonedRequest): LoadRequest {
  return {
    ...request,
    // Nobody is trusted, and no hash is asked for: what was to be verified has been.
    trust: trust && {
      policy: trust.policy,
      store: { keyrings: [], blacklist: EMPTY_BLACKLIST },
      hashes: portableHashes,
      verified: { file: request.kernel, signature: signatureOf(trust.signature) },
    },
    envelopes: envelopes.map((envelope) => ({ ...envelope, signature: signatureOf(envelope.signature) })),
  };
}

/** Memory that all threads see. */
export function allocateShared(size: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(size));
}

function sharedCopy(bytes: Uint8Array): Uint8Array {
  const copy = allocateShared(bytes.length);
  copy.set(bytes);
  return copy;
}

function factsOf(signature: PeSignature | KexecError): Signature {
  if (!(signature instanceof KexecError)) return signature;
  const { kind, seen } = signature;
  return { kind, seen };
}

function signatureOf(signature: Signature): PeSignature | KexecError {
  return 'kind' in signature
    ? new KexecError(...refusalArguments(signature.kind, signature.seen))
    : signature;
}
