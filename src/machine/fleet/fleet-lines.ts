/**
 * The lines of a fleet file, docs/fleet-file.md: large facts once, by digest, and machines that name them. A machine that is a
 * whole machine file in one line is a line of such a file, too.
 */
import * as z from 'zod';

/** The version of the format, in its header. */
export const FLEET_VERSION = 1;

/** The most bytes of a line, without its line feed: a machine has at most 4 MiB of bytes, which are base64 there. */
export const MAX_LINE_BYTES = 8 << 20;

/** A machine names only facts that are among the last of this many bytes, so that a reader need not keep others. */
export const FACT_WINDOW_BYTES = 64 << 20;

/** A fact whose text has more bytes than this is written once, by its digest. */
export const MIN_FACT_BYTES = 128;

/** The most characters in the path of a machine's file. */
export const MAX_FILE_CHARACTERS = 4096;

/** SHA-256, in hex. */
export const DIGEST_PATTERN = /^[0-9a-f]{64}$/;

const digest = z.string().regex(DIGEST_PATTERN, 'must be a SHA-256 in hex');

/** The lines by what they are. Fields come in this order, without spaces between them. */
export const FLEET_LINES = {
  header: z
    .strictObject({ kexecFileFleet: z.literal(FLEET_VERSION).describe('The version of the format.') })
    .describe('The first line of each part.'),
  fact: z
    .strictObject({
      fact: digest.describe("SHA-256 of the value's bytes, as they stand in this line."),
      value: z.json().describe('The value of a field of machine files.'),
    })
    .describe('A fact, before the first machine that names it.'),
  machine: z
    .strictObject({
      file: z.string().min(1).max(MAX_FILE_CHARACTERS).describe('The path of the file that was packed.'),
      name: z.string().describe('The field `name` of the machine file.'),
      facts: z.record(z.string(), digest).describe('The fields of the machine file that are facts.'),
      machine: z.record(z.string(), z.json()).describe('The other fields of the machine file.'),
    })
    .describe('A machine.'),
  end: z
    .strictObject({
      end: z.strictObject({
        machines: z.int().min(0).describe('The number of machines since the header.'),
      }),
    })
    .describe('The last line of each part.'),
} as const;
