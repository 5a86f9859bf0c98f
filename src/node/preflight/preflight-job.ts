/** A load request in the form in which it is sent to threads: bytes in shared memory, errors as plain data. */
import { KexecError, type RefusalKind, refusalArguments } from '../../base/error.js';
import type { LoadRequest } from '../../kexec/request.js';
import { EMPTY_BLACKLIST } from '../../trust/keyrings/keyring.js';
import type { GivenTrust } from '../../trust/keyrings/trust-store.js';
import type { PeSignature } from '../../trust/pe/pe-signature.js';
import type { TrustRequest } from '../../trust/policy.js';
import { portableHashes } from '../../trust/portable-hashes.js';

/** A refusal as plain data, because a cloned error loses its fields. */
interface RefusalFacts {
  readonly kind: RefusalKind;
  readonly seen: string;
  readonly cure: string | undefined;
}

type Signature = PeSignature | RefusalFacts;

/** A request without functions and errors, which cannot be cloned. */
export interface ClonedRequest extends Pick<LoadRequest, 'kernel' | 'initrd' | 'options'> {
  /** Undefined if the signature does not count. */
  readonly trust:
    | {
        readonly policy: TrustRequest['policy'];
        readonly signature: Signature;
        readonly asKernel: Readonly<Record<string, Signature>> | undefined;
        readonly given: GivenTrust | undefined;
      }
    | undefined;
  readonly envelopes: readonly (Omit<Envelope, 'signature'> & { readonly signature: Signature })[];
}

type Envelope = NonNullable<LoadRequest['envelopes']>[number];

/**
 * Converts a request for threads. Bytes that are not in shared memory are copied to it, once.
 *
 * @param request - if signatures count, that of its kernel has been verified (`trust.verified`)
 */
export function cloneRequest(request: LoadRequest): ClonedRequest {
  const { kernel, initrd, options, trust, envelopes = [] } = request;
  const shared = new Map<Uint8Array, Uint8Array>();
  const share = <T extends Uint8Array | undefined>(bytes: T): T => {
    if (bytes === undefined || bytes.buffer instanceof SharedArrayBuffer) return bytes;
    const copy = shared.get(bytes) ?? copyToShared(bytes);
    shared.set(bytes, copy);
    return copy as T;
  };
  return {
    kernel: share(kernel),
    initrd: share(initrd),
    options,
    trust: trust?.verified && {
      policy: trust.policy,
      signature: describeSignature(trust.verified.signature),
      asKernel: trust.verified.asKernel && mapValues(trust.verified.asKernel, describeSignature),
      given: trust.given,
    },
    envelopes: envelopes.map((envelope) => ({
      ...envelope,
      signature: describeSignature(envelope.signature),
      file: share(envelope.file),
      kernel: share(envelope.kernel),
      initrd: share(envelope.initrd),
    })),
  };
}

/** Converts a request back, in any thread. */
export function restoreRequest({ trust, envelopes, ...request }: ClonedRequest): LoadRequest {
  return {
    ...request,
    // The signature has been verified, so neither certificates nor hashes are used.
    trust: trust && {
      policy: trust.policy,
      given: trust.given,
      store: { keyrings: [], blacklist: EMPTY_BLACKLIST },
      hashes: portableHashes,
      verified: {
        file: request.kernel,
        signature: restoreSignature(trust.signature),
        ...(trust.asKernel && { asKernel: mapValues(trust.asKernel, restoreSignature) }),
      },
    },
    envelopes: envelopes.map((envelope) => ({
      ...envelope,
      signature: restoreSignature(envelope.signature),
    })),
  };
}

/** Allocates memory that all threads share. @param size - in bytes */
export function allocateShared(size: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(size));
}

function copyToShared(bytes: Uint8Array): Uint8Array {
  const copy = allocateShared(bytes.length);
  copy.set(bytes);
  return copy;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function describeSignature(signature: PeSignature | KexecError): Signature {
  if (!(signature instanceof KexecError)) return signature;
  const { kind, seen, ownCure } = signature;
  return { kind, seen, cure: ownCure };
}

function restoreSignature(signature: Signature): PeSignature | KexecError {
  return 'kind' in signature
    ? new KexecError(...refusalArguments(signature.kind, signature.seen, { cure: signature.cure }))
    : signature;
}
