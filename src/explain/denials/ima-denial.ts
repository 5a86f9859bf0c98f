import { isAboutKexec, readAuditFields, toWord } from './audit-fields.js';
import type { Denial } from './denial.js';

/** What is wrong, and what to do. */
interface ImaCause {
  readonly meaning: string;
  readonly cure: string;
}

const SIGN =
  'sign kernel and initrd for IMA (kexec-file sign --ima, or evmctl ima_sign) by a key that is on the keyring .ima';

/** Causes by name: `ima_appraise_measurement()` and the functions it calls, security/integrity/ima/ima_appraise.c. */
const IMA_CAUSES: ReadonlyMap<string, ImaCause> = new Map([
  [
    'IMA-signature-required',
    {
      meaning: "the file has no signature, or only a hash, and the policy's rule requires a signature",
      cure: SIGN,
    },
  ],
  [
    'missing-hash',
    {
      meaning: 'the file has no extended attribute security.ima',
      cure: `${SIGN}; copies lose the attribute (use cp --preserve=xattr, rsync -X), and a file system such as vfat has none`,
    },
  ],
  [
    'invalid-signature',
    {
      meaning:
        "the file's signature does not hold: the file changed after it was signed, or the signer's key is not on the keyring .ima",
      cure: 'sign the file again, or add the certificate to the keyring (keyctl show %keyring:.ima lists it; kexec-file verify --ima-xattr names the signer)',
    },
  ],
  [
    'invalid-hash',
    { meaning: 'the file changed after its hash was stored', cure: `restore the file, or ${SIGN}` },
  ],
  [
    'invalid-signature-version',
    {
      meaning: 'the signature is of a version that the rule does not accept',
      cure: `${SIGN}; appraise_type=sigv3 needs one of fs-verity`,
    },
  ],
  [
    'verity-signature-required',
    {
      meaning: "the policy's rule requires a signature of fs-verity",
      cure: 'enable fs-verity on the file and sign its digest (evmctl sign_hash --veritysig)',
    },
  ],
  [
    'unknown-ima-data',
    { meaning: 'security.ima is of an unknown form: it is damaged, or of a newer tool', cure: SIGN },
  ],
  [
    'missing-HMAC',
    {
      meaning: 'the file has no security.evm, which EVM requires',
      cure: 'boot once with evm=fix, or sign the metadata (evmctl sign)',
    },
  ],
  [
    'invalid-HMAC',
    {
      meaning: "the file's attributes or mode changed since EVM stored their HMAC",
      cure: 'restore the attributes, or label the file again with evm=fix',
    },
  ],
  [
    'denylisted-hash',
    {
      meaning: 'the hash of the file is on the blacklist: it is revoked',
      cure: 'use another kernel; keyctl show %keyring:.blacklist lists the entries',
    },
  ],
  [
    'unverifiable-signature',
    {
      meaning: 'the file system cannot guarantee that the file stays what was verified',
      cure: 'put the file on a local file system',
    },
  ],
]);

const UNKNOWN_CAUSE: ImaCause = { meaning: 'the file did not pass the appraisal', cure: SIGN };

const APPRAISAL = /\bop="?appraise_data\b|\bINTEGRITY_DATA\b|\btype=1800\b/;

/** Reads a refusal of IMA: `integrity_audit_message()`. */
export function readImaDenial(line: string): Denial | undefined {
  if (!APPRAISAL.test(line)) return undefined;
  const fields = readAuditFields(line);
  const cause = fields.get('cause');
  const hasPassed = fields.get('res') === '1' || fields.get('res') === 'yes';
  if (cause === undefined || hasPassed || !isAboutKexec(fields)) return undefined;
  const { meaning, cure } = IMA_CAUSES.get(cause) ?? UNKNOWN_CAUSE;
  const name = fields.get('name');
  return {
    cause: `ima-${toWord(cause, 'denial')}`,
    subject: name ?? '',
    check: 'ima-appraisal',
    severity: 'stops',
    meaning: `IMA refused ${name ?? 'the kernel or the initrd'} (${cause}): ${meaning}`,
    cure: `${cure}; the policy is in /sys/kernel/security/ima/policy, and ima_policy= and ima_appraise= on the command line choose it`,
    errno: 'EACCES',
  };
}
