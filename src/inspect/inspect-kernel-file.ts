import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';
import { parseFit } from '../formats/fit.js';
import { parsePe } from '../formats/pe/parse.js';
import { parseUimage } from '../formats/uimage.js';
import { parseUki } from '../formats/uki.js';
import { parseZboot } from '../formats/zboot.js';
import type { Budget } from '../kernel-file/expand.js';
import type { Contents, Opening, Wrapping } from '../kernel-file/open-wrapping.js';
import { MAX_LAYERS } from '../kernel-file/unwrap.js';
import type { Facts, Inspected } from './facts.js';
import { inspectPe } from './inspect-pe.js';

/** How deep in a file something is, and what opening more of it may cost. */
export interface Within {
  readonly opening: Opening;
  readonly budget: Budget;
  readonly depth: number;
}

/**
 * What a kernel comes in: its own facts, then what is in it, as a tree.
 *
 * @param inspect - inspects what is within
 */
export async function inspectWrapping(
  bytes: Uint8Array,
  wrapping: Wrapping,
  within: Within,
  inspect: (bytes: Uint8Array, within: Within) => Promise<Inspected>,
): Promise<Facts> {
  if (within.depth === MAX_LAYERS) {
    refuse('kernel-file', 'ENOEXEC', `${wrapping.name} within ${MAX_LAYERS} other wrappings`);
  }
  const contents = await wrapping.open(within.opening, within.budget);
  const inner = { ...within, depth: within.depth + 1 };
  const kernel = await inspect(contents.kernel, inner);
  return {
    size: hex(bytes.length),
    ...describeWrapping(bytes, wrapping, within.opening),
    ...(contents.notes?.length ? { notes: contents.notes } : {}),
    ...(wrapping.isEnvelope ? { pe: inspectPe(bytes) } : {}),
    ...describeCompanions(contents),
    kernel: { kind: kernel.kind, size: hex(contents.kernel.length), ...kernel.facts },
  };
}

function describeWrapping(bytes: Uint8Array, { check }: Wrapping, { fitConfiguration }: Opening): Facts {
  switch (check) {
    case 'zboot': {
      const { compression, payload, payloadOffset } = parseZboot(bytes);
      return { compression, payloadOffset: hex(payloadOffset), payloadSize: hex(payload.length) };
    }
    case 'uki': {
      const { uname, osrel, sbat } = parseUki(parsePe(bytes));
      return {
        ...(uname === undefined ? {} : { uname: uname.trim() }),
        ...(osrel === undefined ? {} : { osrel: splitLines(osrel) }),
        ...(sbat === undefined ? {} : { sbat: splitLines(sbat) }),
      };
    }
    case 'uimage': {
      const { name, compression, load, entry } = parseUimage(bytes);
      return { name, compression, load: hex(load), entry: hex(entry), crcs: 'hold' };
    }
    case 'fit': {
      const { description, configurations, images, configuration } = parseFit(bytes, fitConfiguration);
      const { kernel, ramdisk, fdt, overlays } = configuration;
      return {
        ...(description === undefined ? {} : { description }),
        configurations,
        images,
        configuration: configuration.name,
        uses: [kernel, ramdisk, fdt].flatMap((image) => image?.name ?? []).concat(overlays),
        hashes: [kernel, ramdisk, fdt].flatMap(
          (image) => image?.hashes.map(({ algorithm }) => `${image.name} ${algorithm}`) ?? [],
        ),
      };
    }
    default:
      return {};
  }
}

function describeCompanions({ initrd, commandLine, deviceTrees = [] }: Contents): Facts {
  return {
    ...(commandLine === undefined ? {} : { commandLine }),
    ...(initrd === undefined ? {} : { initrd: `${hex(initrd.length)} bytes` }),
    ...(deviceTrees.length === 0
      ? {}
      : { deviceTrees: deviceTrees.map(({ length }) => `${hex(length)} bytes`) }),
  };
}

function splitLines(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
