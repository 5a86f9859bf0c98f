import { type OracleAnswer, type OracleRequest, runOracle } from '../support/oracle/ask.js';
import type { CaseKind } from './case.js';
import { secondaryCertificates } from './identities.js';

/**
 * Asks the oracle about the cases of all kinds, in one boot: first those for which the CA alone is trusted, then,
 * with more certificates in its keyring, the others.
 *
 * @returns for each kind the errno's number, or 0, for each of its cases
 * @throws Error if the oracle crashes, refuses the certificates, or has nothing to say about a signature
 */
export async function askKinds(
  kinds: readonly CaseKind[],
  progress: (answered: number) => void,
): Promise<Map<string, number[]>> {
  const asked: { name: string; kind?: string; request: OracleRequest }[] = [
    ...requestsFor(kinds, 'builtin'),
    ...secondaryCertificates().map((certificate) => ({ name: 'a certificate', request: { certificate } })),
    ...requestsFor(kinds, 'extended'),
  ];
  const { answers, console } = await runOracle(
    asked.map(({ request }) => request),
    progress,
  );
  const signatures = new Map<string, number[]>(kinds.map(({ name }) => [name, []]));
  for (const [index, { name, kind }] of asked.entries()) {
    const answer = answers[index];
    if (answer === undefined) throw new Error(`the oracle crashed over ${name}:\n${console}`);
    if (kind === undefined) checkAdded(answer);
    else signatures.get(kind)?.push(signatureIn(answer, name));
  }
  return signatures;
}

function requestsFor(kinds: readonly CaseKind[], keyrings: CaseKind['keyrings']) {
  return kinds
    .filter((kind) => kind.keyrings === keyrings)
    .flatMap(({ name: kind, cases }) =>
      cases.map(({ name, file }) => ({ name: `${kind}: ${name}`, kind, request: { kernel: file } })),
    );
}

function checkAdded({ result }: OracleAnswer): void {
  if (result !== 0)
    throw new Error(`the oracle does not take a certificate into its keyring: errno ${result}`);
}

function signatureIn({ signature, result }: OracleAnswer, name: string): number {
  if (signature === undefined) {
    throw new Error(`the oracle does not say what it makes of the signature of ${name}: errno ${result}`);
  }
  return signature;
}
