import { hex } from '../../base/u64.js';
import { findAcpiConsole, type SerialPort } from '../../machine/console.js';
import { parseConsoles } from '../../machine/console-devices.js';
import type { X86Machine } from '../../machine/x86-64/x86-machine.js';
import { portableHashes } from '../../trust/portable-hashes.js';
import type { OnMismatch, PurgatoryOptions } from '../hand-over-options.js';
import type { PlacementInProgress } from '../load-in-progress.js';
import { listVerified, setRegions } from '../purgatory/regions.js';
import type { FilledPurgatory } from './fill-purgatory.js';
import type { PlacedBzimage } from './placed-bzimage.js';
import { ENTRY_OFFSET } from './purgatory/link-purgatory.js';
import { loadOwnPurgatory } from './purgatory/load-purgatory.js';
import { setParameters } from './purgatory/purgatory-parameters.js';
import { digestRegion } from './purgatory/region-digest.js';

/** The ports of a PC's serial ports by their devices: `SERIAL_PORT_DFNS`, Linux's `arch/x86/include/asm/serial.h`. */
const COM_PORTS: Readonly<Record<string, bigint>> = {
  ttyS0: 0x3f8n,
  ttyS1: 0x2f8n,
  ttyS2: 0x3e8n,
  ttyS3: 0x2e8n,
};

const TEXTS: Readonly<Record<OnMismatch, string>> = {
  halt: 'purgatory halts',
  reset: 'purgatory resets the machine',
  continue: 'purgatory says so and enters the kernel all the same, as asked',
};

/**
 * Links our purgatory for its place, which kexec_load(2) enters: sets what it verifies, prints to, and does on a mismatch.
 * docs/purgatory.md describes it.
 *
 * @throws KexecError `EINVAL`, checks `purgatory-regions` and `purgatory-serial`.
 */
export function fillOwnPurgatory(
  { purgatory: segment, kernel, bootParams }: PlacedBzimage,
  placement: PlacementInProgress<X86Machine>,
): FilledPurgatory {
  const { request, type, trail, segments } = placement;
  const options = request.options.purgatory || {};
  const { hashes = portableHashes } = request;
  const onMismatch = options.onMismatch ?? (type === 'default' ? 'reset' : 'halt');
  const serial = findSerialPort(options, placement);
  const purgatory = loadOwnPurgatory();
  setParameters(purgatory, {
    kernelEntry: kernel.mem + ENTRY_OFFSET,
    bootParams: bootParams.mem,
    serial,
    onMismatch,
    sha2: options.sha2,
  });
  const verified = listVerified(segments.segments, request.options);
  setRegions(purgatory, verified, (verifiedSegment) => digestRegion(verifiedSegment, hashes));
  const { bytes, entry } = purgatory.link(segment.mem);
  trail.ok(
    'elf-relocation',
    `purgatory linked at ${hex(segment.mem)}: rsi = ${hex(bootParams.mem)}, enters ${hex(kernel.mem + ENTRY_OFFSET)}`,
  );
  if (options.checks === false) {
    trail.note(
      'purgatory-regions',
      'no checks, as requested: purgatory enters the kernel without verifying it',
    );
    return { segment: { ...segment, bytes }, entry };
  }
  trail.ok(
    'purgatory-regions',
    `purgatory verifies ${verified.map(({ name }) => name).join(', ')} by SHA-256`,
  );
  noteSerial(serial, options, placement);
  trail.ok('purgatory-mismatch', `if a segment is not what was loaded, ${TEXTS[onMismatch]}`);
  return { segment: { ...segment, bytes }, entry };
}

/** The requested UART, that of ACPI's SPCR, or the last serial port of the next kernel's `console=`. */
function findSerialPort(
  { serial }: PurgatoryOptions,
  { machine, request }: PlacementInProgress<X86Machine>,
): SerialPort | undefined {
  if (serial !== undefined) return serial === 'none' ? undefined : serial;
  const firmware = findAcpiConsole(machine);
  if (firmware?.kind === '8250') return firmware;
  const ports = parseConsoles(request.options.commandLine ?? '').map((device) => COM_PORTS[device]);
  const base = ports.findLast((port) => port !== undefined);
  return base === undefined ? undefined : { kind: '8250-port', base, shift: 0, width: 1 };
}

function noteSerial(
  serial: SerialPort | undefined,
  options: PurgatoryOptions,
  { trail }: PlacementInProgress<X86Machine>,
): void {
  if (serial !== undefined) {
    const place = `${serial.kind === '8250-port' ? 'port' : 'address'} ${hex(serial.base)}`;
    trail.ok('purgatory-serial', `purgatory prints to the 8250 at ${place}`);
    return;
  }
  trail.note(
    'purgatory-serial',
    options.serial === 'none'
      ? 'purgatory is silent, as asked'
      : "neither ACPI's SPCR nor console= names an 8250: purgatory is silent",
  );
}
