import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Where packages describe firmware for QEMU (docs/interop/firmware.json of QEMU). */
const DESCRIPTIONS = '/usr/share/qemu/firmware';

const DescriptionSchema = z.object({
  mapping: z.object({
    executable: z.object({ filename: z.string() }),
    'nvram-template': z.object({ filename: z.string() }),
  }),
  targets: z.array(z.object({ architecture: z.string() })),
  features: z.array(z.string()),
});

/** Firmware that boots only what is signed. */
export interface SecureFirmware {
  readonly code: string;
  /** Its variables, with Microsoft's keys enrolled: PK, KEK, db. */
  readonly variables: string;
}

/**
 * Finds UEFI firmware for arm64 in which Secure Boot is on. Debian's package qemu-efi-aarch64 has it, under names that
 * depend on the release.
 *
 * @throws Error if there is none
 */
export function findSecureFirmware(): SecureFirmware {
  for (const name of readdirSync(DESCRIPTIONS).sort()) {
    const { data } = DescriptionSchema.safeParse(JSON.parse(readFileSync(join(DESCRIPTIONS, name), 'utf8')));
    if (data === undefined || !data.targets.some(({ architecture }) => architecture === 'aarch64')) continue;
    if (!['secure-boot', 'enrolled-keys'].every((feature) => data.features.includes(feature))) continue;
    const { executable, 'nvram-template': template } = data.mapping;
    return { code: executable.filename, variables: template.filename };
  }
  throw new Error(`no firmware in ${DESCRIPTIONS} has keys enrolled: install qemu-efi-aarch64`);
}
