/** Reports about signatures. */
import * as z from 'zod';
import { count, hexBytes, hexNumber, refusal, trailEntry } from './shared-schemas.js';

export const verify = z.object({
  file: z.string(),
  verdict: z.enum(['ok', 'refused']),
  errno: z.string().optional(),
  check: z.string().optional(),
  detail: z.string(),
  signer: z.string().optional(),
  signers: z.array(z.string()).optional(),
  trusted: z.array(z.object({ subject: z.string(), keyring: z.string() })).optional(),
  keyring: z.string().optional(),
  digest: z.string().optional().meta({ description: 'what was signed: algorithm, colon, digits' }),
  notes: z.array(z.string()).optional(),
  signatures: z.array(z.string()),
  within: z.array(z.string()).optional().meta({ description: 'the files around the verified one' }),
  trail: z.array(trailEntry).optional(),
});

const digest = z.string().meta({ description: 'the digest algorithm: sha256' });

/** What was signed, and by whom. */
const signed = z.object({
  file: z.string(),
  output: z.string(),
  form: z.enum(['embedded', 'detached', 'ima-appended', 'ima-xattr']),
  parts: z
    .array(z.string())
    .optional()
    .meta({ description: 'with --inner: the signed parts, innermost first' }),
  signer: z.string().meta({ description: "the subject of the signer's certificate" }),
  algorithm: z.string().meta({ description: 'of the key: rsa, ecdsa' }),
  digest,
  fileDigest: hexBytes.optional().meta({ description: 'the digest of the file that was signed' }),
  signingTime: z.string().optional(),
});

/** With `--digest-only`. */
const digested = z.object({
  file: z.string(),
  digest,
  fileDigest: hexBytes,
  attributes: hexBytes,
  attributesDigest: hexBytes,
});

export const sign = z.union([signed, digested]);

const signer = z.object({
  subject: z.string().optional(),
  issuer: z.string().optional(),
  serial: hexBytes.optional(),
  algorithm: z.string(),
  digest: z.string(),
  signingTime: z.string().optional(),
});

export const listedSignature = z.object({
  index: count,
  offset: hexNumber,
  length: hexNumber,
  revision: hexNumber,
  type: count,
  digest: z.object({ algorithm: z.string(), value: hexBytes }).optional(),
  signers: z.array(signer),
  problem: refusal.optional(),
  warning: z.string().optional(),
});

export const signatureList = z.object({
  file: z.string(),
  within: z.array(z.string()).optional(),
  signatures: z.array(listedSignature),
});

export const signatureDetach = z.object({
  file: z.string(),
  output: z.string(),
  index: count,
  size: count.meta({ description: 'of the detached signature, in bytes' }),
});

/** The signatures of the file that was written. */
const written = { file: z.string(), output: z.string(), signatures: count } as const;

export const signatureAttach = z.object({ ...written, signature: z.string(), index: count });

export const signatureRemove = z.object({ ...written, removed: z.array(count) });
