import { CHECKS, type Check } from '../../src/base/checks.js';
import { portableDecompress } from '../../src/formats/compression/decompress.js';
import { describeWithin, findSignedPart, openUnsignedZboot } from '../../src/kernel-file/signed-part.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { decideVerdict } from '../../src/trust/signature-verdict.js';
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

/** Verifies a file, as `kexec-file verify` does. @param keyrings - given with `--keyring` */
export async function verifyChosen(file: ChosenFile, keyrings: readonly ChosenFile[]): Promise<VerifiedFile> {
  const { store } = readTrust(keyrings, undefined);
  const opening = { decompress: portableDecompress, hashes: portableHashes };
  const part = await openUnsignedZboot(await findSignedPart(readChosenFile(file), opening), opening);
  const decided = decideVerdict(part.bytes, { trust: store, hashes: portableHashes });
  const { within } = part;
  const outside =
    within.length === 0 ? {} : { detail: `${describeWithin(within)}: ${decided.detail}`, within };
  const { trail, ignoredSignatures, ...verdict } = { ...decided, ...outside };
  const { check, errno = '' } = verdict;
  return {
    verdict: verdict.verdict,
    detail: verdict.detail,
    failed: check === undefined ? undefined : explainFailure(check as Check, errno),
    notes: [...(verdict.notes ?? []), ...ignoredSignatures],
    trail: formatTrailSection(trail).markup,
    report: { file: file.name, ...verdict },
  };
}

function explainFailure(check: Check, errno: string): FailedCheck {
  const { rule, source, cure } = CHECKS[check];
  return { check, errno, rule, source, cure };
}
