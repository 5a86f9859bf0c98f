/** Fleet files of any number of machines that have a limited number of shapes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatMachine } from '../../src/machine/schema.js';
import { writeFile } from '../../src/node/files/write-file.js';
import { compressFrames, packFleet } from '../../src/node/fleet/pack-fleet.js';
import { buildFleetMachine } from './fleet.js';

/** Lines are written in pieces of about this many characters. */
const PIECE = 1 << 20;
/** How many firmware versions there are: what differs between machines of a shape, beside names. */
const VERSIONS = 13;

/**
 * Writes a fleet file. Packing a machine takes a millisecond, so each shape is packed once; its line is repeated with
 * other files, names and firmware.
 */
export async function writeShapeFleet(path: string, machines: number, shapes: number): Promise<void> {
  await writeFile(path, compressFrames(listPieces(machines, Math.min(shapes, machines))), {
    overwrite: true,
  });
}

async function* listPieces(machines: number, shapes: number): AsyncGenerator<Buffer> {
  const packed: Buffer[] = [];
  for await (const piece of packFleet(listShapes(shapes), { machines: 0, facts: 0 })) packed.push(piece);
  const lines = Buffer.concat(packed).toString().trimEnd().split('\n');
  const isMachine = (line: string) => line.startsWith('{"file":');
  const shared = lines.slice(0, -1).filter((line) => !isMachine(line));
  for (const line of shared) yield Buffer.from(`${line}\n`);
  const templates = lines.filter(isMachine);
  let waiting: string[] = [];
  let length = 0;
  for (let index = 0; index < machines; index += 1) {
    const name = `host${String(index).padStart(7, '0')}`;
    const line = (templates[index % shapes] as string)
      .replace(
        /^\{"file":"[^"]*","name":"[^"]*"/,
        `{"file":"rack${index % 997}/${name}.json","name":"${name}"`,
      )
      .replace('"version":"0"', `"version":"${index % VERSIONS}"`);
    waiting.push(line);
    length += line.length;
    if (length < PIECE) continue;
    yield Buffer.from(`${waiting.join('\n')}\n`);
    waiting = [];
    length = 0;
  }
  yield Buffer.from([...waiting, `{"end":{"machines":${machines}}}`, ''].join('\n'));
}

async function* listShapes(shapes: number) {
  for (let index = 0; index < shapes; index += 1)
    yield {
      file: 'shape',
      machine: { ...buildFleetMachine(index), firmware: { vendor: 'EDK II', version: '0' } },
    };
}

/** Writes machine files into a folder. */
export function writeShapeFiles(folder: string, machines: number, shapes: number): void {
  const texts = Array.from({ length: shapes }, (_, index) => formatMachine(buildFleetMachine(index)));
  for (let index = 0; index < machines; index += 1) {
    const name = `host${String(index).padStart(7, '0')}`;
    const text = (texts[index % shapes] as string).replace(/"name": "[^"]*"/, `"name": "${name}"`);
    writeFileSync(join(folder, `${name}.json`), text);
  }
}
