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
  /** A file with its variables, which the firmware writes to. */
  readonly variables: string;
}

/** The firmware of a CPU: QEMU's name of the CPU, and the keys among the firmware's variables. */
interface Wanted {
  readonly architecture: 'aarch64' | 'x86_64';
  /** Microsoft's: PK, KEK, db; Secure Boot is on. None: the firmware waits for keys. */
  readonly keys: "Microsoft's" | 'none';
}

/**
 * Finds UEFI firmware that knows Secure Boot. Debian's packages qemu-efi-aarch64 and ovmf have it, under names that depend
 * on the release.
 *
 * @throws Error if there is none
 */
export function findSecureFirmware({ architecture, keys }: Wanted): SecureFirmware {
  for (const name of readdirSync(DESCRIPTIONS).sort()) {
    const { data } = DescriptionSchema.safeParse(JSON.parse(readFileSync(join(DESCRIPTIONS, name), 'utf8')));
    if (data === undefined || !data.targets.some((target) => target.architecture === architecture)) continue;
    const hasKeys = data.features.includes('enrolled-keys');
    if (!data.features.includes('secure-boot') || hasKeys !== (keys !== 'none')) continue;
    const { executable, 'nvram-template': template } = data.mapping;
    return { code: executable.filename, variables: template.filename };
  }
  const wanted = `Secure Boot and ${keys === 'none' ? 'no keys' : `${keys} keys`}`;
  throw new Error(
    `no firmware for ${architecture} in ${DESCRIPTIONS} has ${wanted}: install qemu-efi-aarch64 and ovmf`,
  );
}
