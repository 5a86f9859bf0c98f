/**
 * Runs in a guest, with a command line as its argument: loads /boot/vmlinuz and /boot/initrd for the machine of /tmp/machine.json by kexec_load, with a bit of
 * the initrd changed after its digest was computed.
 */
import { readFileSync } from 'node:fs';
import { systemRandom } from '../../src/base/random.js';
import { loadKernelFile } from '../../src/kexec/load-kernel-file.js';
import { tamper } from '../../src/kexec/tamper.js';
import { parseMachine } from '../../src/machine/schema.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { callKexecLoad } from '../../src/node/live/system-calls/kexec-load.js';

const result = await loadKernelFile(
  {
    kernel: readFileSync('/boot/vmlinuz'),
    initrd: readFileSync('/boot/initrd'),
    options: { call: 'segments', commandLine: process.argv[2] },
    hashes: nodeHashes,
    random: systemRandom,
  },
  parseMachine(readFileSync('/tmp/machine.json', 'utf8')),
  { decompress: nodeDecompress, hashes: nodeHashes },
);
if ('refusal' in result) throw result.refusal;
const { entry, segments, type } = tamper(result.kimage, { segment: 'initrd', offset: 5 });
await callKexecLoad(entry, segments, type);
