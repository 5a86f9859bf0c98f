import { BoundedMap } from '../base/bounded-map.js';
import { encodeBase64 } from '../base/bytes.js';
import type { LoadRequest } from '../kexec/request.js';
import type { Machine } from '../machine/machine-value.js';
import { computeDigest, type Hashes } from '../trust/hashes.js';
import { buildMachineStore, selectVariables } from '../trust/keyrings/machine-store.js';
import { FileDigests } from '../trust/pe/file-digests.js';
import type { TrustRequest } from '../trust/policy.js';
import { Verifier } from '../trust/verifier.js';
import { verifyForMachines } from '../trust/verify-for-machines.js';

/** Fleets have few distinct sets of variables, or as many as machines: then, no verification is used again. */
const MAX_REMEMBERED = 1024;

/**
 * Returns a request as it is for one machine after another: with the verdicts on its signatures by the keys of each
 * machine's EFI variables. A file is digested once, and verified once for each distinct set of variables.
 */
export class MachineTrustCache {
  readonly #request: LoadRequest;
  readonly #hashes: Hashes;
  readonly #digests: FileDigests;
  readonly #known = new BoundedMap<string, LoadRequest>(MAX_REMEMBERED);

  /** @param request - verified for a machine without EFI variables */
  constructor(request: LoadRequest, hashes: Hashes) {
    this.#request = request;
    this.#hashes = hashes;
    this.#digests = new FileDigests(hashes);
  }

  /** @throws KexecError if an EFI variable of the machine is malformed. */
  requestFor(machine: Machine): LoadRequest {
    const { trust } = this.#request;
    if (trust?.given === undefined || machine.efiVariables === undefined) return this.#request;
    const variables = selectVariables(trust.given, trust.policy, machine);
    if (Object.keys(variables).length === 0) return this.#request;
    const id = identify(variables, this.#hashes);
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const store = buildMachineStore(trust.given, variables, this.#hashes);
    const request = this.#verify(trust, { store, policy: trust.policy, hashes: this.#hashes });
    this.#known.set(id, request);
    return request;
  }

  /** The verdicts are kept, and the store is not, which can be large. */
  #verify(trust: TrustRequest, full: TrustRequest): LoadRequest {
    const { kernel, envelopes = [] } = this.#request;
    const verifier = new Verifier({ ...full, digests: this.#digests });
    return {
      ...this.#request,
      trust: { ...trust, verified: verifyForMachines(kernel, full, this.#digests) },
      envelopes: envelopes.map((envelope) =>
        envelope.file === undefined
          ? envelope
          : { ...envelope, signature: verifier.verifyOnce(envelope.file).signature },
      ),
    };
  }
}

/** The same for equal variables alone. */
function identify(variables: Readonly<Record<string, Uint8Array>>, hashes: Hashes): string {
  const parts = Object.entries(variables).flatMap(([name, bytes]) => [
    new TextEncoder().encode(`${name} ${bytes.length} `),
    bytes,
  ]);
  return encodeBase64(computeDigest(hashes, 'sha256', ...parts) ?? new Uint8Array(0));
}
