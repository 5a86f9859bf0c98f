import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const IMAGE_FILE = fileURLToPath(new URL('../../build/debian-system.json', import.meta.url));

const ImageSchema = z.object({
  disk: z.string(),
  kernel: z.string(),
  initrd: z.string(),
  packages: z.string(),
  rootUuid: z.string(),
  shim: z.string(),
  grub: z.string(),
});

/**
 * The files of the Debian system: paths of the disk image, the kernel, its initrd, and the list of packages; and the
 * signed boot loaders that start it under Secure Boot.
 */
export type SystemImage = z.infer<typeof ImageSchema>;

/** @throws Error if the image has not been built */
export function findSystemImage(): SystemImage {
  const hint = 'run `npm run setup -- --for system`';
  if (!existsSync(IMAGE_FILE)) throw new Error(`the Debian system has not been built: ${hint}`);
  const { data: image } = ImageSchema.safeParse(JSON.parse(readFileSync(IMAGE_FILE, 'utf8')));
  if (image === undefined) throw new Error(`${IMAGE_FILE} is of another version: ${hint}`);
  if (!existsSync(image.disk)) throw new Error(`${image.disk} has been removed: ${hint}`);
  return image;
}
