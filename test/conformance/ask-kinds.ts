import { type OracleAnswer, type OracleRequest, runOracle } from '../support/oracle/ask.js';
import type { Oracle } from '../support/oracle/oracle.js';
import type { CaseKind } from './case.js';
import { secondaryCertificates } from './identities.js';

/**
 * Asks the oracle about the cases of all kinds, in one boot: first those for which only the CA is trusted, then, with
 * more certificates in its keyring, the others.
 *
 * @returns for each kind and each of its cases the errno's number, or 0
 * @throws Error if the oracle crashes, refuses a certificate, or does not answer about a signature
 */
export async function askKinds(
  oracle: Oracle,
  kinds: readonly CaseKind[],
  progress: (answered: number) => void,
): Promise<Map<string, number[]>> {
  const asked: { name: string; kind?: string; request: OracleRequest }[] = [
    ...requestsFor(kinds, 'builtin'),
    ...secondaryCertificates().map((certificate) => ({ name: 'a certificate', request: { certificate } })),
    ...requestsFor(kinds, 'extended'),
  ];
  const { answers, console } = await runOracle(
    oracle,
    asked.map(({ request }) => request),
    progress,
  );
  const signatures = new Map<string, number[]>(kinds.map(({ name }) => [name, []]));
  for (const [index, { name, kind }] of asked.entries()) {
    const answer = answers[index];
    if (answer === undefined) throw new Error(`the oracle crashed on ${name}:\n${console}`);
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
  if (result !== 0) throw new Error(`the oracle refuses a certificate for its keyring: errno ${result}`);
}

function signatureIn({ signature, result }: OracleAnswer, name: string): number {
  if (signature === undefined) {
    throw new Error(`the oracle did not log a verdict on the signature of ${name}: errno ${result}`);
  }
  return signature;
}
