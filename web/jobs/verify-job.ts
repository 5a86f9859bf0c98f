import { CHECKS, type Check } from '../../src/base/checks.js';
import { portableDecompress } from '../../src/formats/compression/decompress.js';
import {
  describeWithin,
  findSignedPart,
  openUnsignedZboot,
  type SignedPart,
} from '../../src/kernel-file/signed-part.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { decideVerdict, type SignatureKind } from '../../src/trust/signature-verdict.js';
import { formatTrailSection } from '../../src/view/plan-page/trail-section.js';
import { type ChosenFile, readChosenFile } from './chosen-file.js';
import { readTrust } from './trust-files.js';

/** The verdict on a file. */
export interface VerifiedFile {
  readonly verdict: 'ok' | 'refused';
  readonly detail: string;
  /** For a refusal: the check that failed, whose entry is the trail's last. */
  readonly failed: FailedCheck | undefined;
  readonly notes: readonly string[];
  /** Every check, as markup in which all texts are escaped. */
  readonly trail: string;
  /** What `verify --json` prints. */
  readonly report: object;
}

/** A check that failed, in words. */
export interface FailedCheck {
  readonly check: string;
  readonly errno: string;
  readonly rule: string;
  readonly source: string;
  readonly cure: string;
}

/** The signature that is verified: the one that kexec verifies, an appended one, or the value of security.ima in a file. */
export type ChosenSignature = 'pe' | 'appended' | ChosenFile;

const OPENING = { decompress: portableDecompress, hashes: portableHashes };

/** Verifies a file, as `kexec-file verify` does. @param keyrings - given with `--keyring` */
export async function verifyChosen(
  file: ChosenFile,
  keyrings: readonly ChosenFile[],
  chosen: ChosenSignature,
): Promise<VerifiedFile> {
  const { store } = readTrust(keyrings, undefined);
  const { bytes, within } = await readSignedPart(file, chosen);
  const signature = readSignatureKind(chosen);
  const decided = decideVerdict(bytes, { trust: store, signature, hashes: portableHashes });
  const outside =
    within.length === 0 ? {} : { detail: `${describeWithin(within)}: ${decided.detail}`, within };
  const { trail, ignoredSignatures, ...verdict } = { ...decided, ...outside };
  const { check, errno = '' } = verdict;
  return {
    verdict: verdict.verdict,
    detail: verdict.detail,
    failed: check === undefined ? undefined : explainFailure(check as Check, errno, trail.at(-1)?.cure),
    notes: [...(verdict.notes ?? []), ...ignoredSignatures],
    trail: formatTrailSection(trail).markup,
    report: { file: file.name, ...verdict },
  };
}

/** What has the signature: IMA verifies files as they are. */
async function readSignedPart(file: ChosenFile, chosen: ChosenSignature): Promise<SignedPart> {
  const bytes = readChosenFile(file);
  if (chosen !== 'pe') return { bytes, within: [] };
  return openUnsignedZboot(await findSignedPart(bytes, OPENING), OPENING);
}

function readSignatureKind(chosen: ChosenSignature): SignatureKind {
  return typeof chosen === 'string' ? { kind: chosen } : { kind: 'ima-xattr', value: readChosenFile(chosen) };
}

/** @param ownCure - of this very cause; undefined if the check's fits */
function explainFailure(check: Check, errno: string, ownCure: string | undefined): FailedCheck {
  const { rule, source, cure } = CHECKS[check];
  return { check, errno, rule, source, cure: ownCure ?? cure };
}
