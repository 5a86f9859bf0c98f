import { z } from 'zod';

const Verdict = z
  .string()
  .describe('"ok", or the name of the errno with which kexec_file_load(2) refuses the file');

const Vector = z.strictObject({
  file: z.string().describe('Its path beside vectors.json.'),
  sha256: z.string().describe('SHA-256 of the file, in hexadecimal digits.'),
  kind: z.string().describe('The subject of the vector: what was changed, in a word or two.'),
  name: z.string().describe('What was changed, and where.'),
  keyrings: z.enum(['builtin', 'extended']).describe('The name of the trusted certificates, in `keyrings`.'),
  verdicts: z
    .record(z.string(), Verdict)
    .describe('What Linux answered, by release; a release that was not asked about this file is left out.'),
  reason: z
    .string()
    .optional()
    .describe(
      'Why, in the words of kexec-file: the check, and what was seen. Left out if the file is accepted.',
    ),
});

/** The file vectors.json. */
export const VectorsFile = z
  .strictObject({
    schema: z.literal('kexec-limbo'),
    version: z.literal(1),
    keyrings: z
      .record(z.string(), z.array(z.string()))
      .describe('The trusted certificates of each name: paths of DER files beside vectors.json.'),
    vectors: z.array(Vector),
  })
  .describe('Signed arm64 kernels, and what Linux answers when it verifies them.');

export type Vectors = z.infer<typeof VectorsFile>;

/** The JSON Schema of vectors.json. */
export function buildVectorsSchema(): string {
  return `${JSON.stringify({ $id: 'urn:kexec-limbo:1', ...z.toJSONSchema(VectorsFile) }, null, 2)}\n`;
}
