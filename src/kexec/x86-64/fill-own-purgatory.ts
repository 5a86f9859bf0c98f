import { hex } from '../../base/u64.js';
import { describeResetRegister } from '../../machine/x86-64/reset-register.js';
import type { X86Machine, X86ResetRegister } from '../../machine/x86-64/x86-machine.js';
import { portableHashes } from '../../trust/portable-hashes.js';
import type { OnMismatch, PurgatoryOptions } from '../hand-over-options.js';
import type { PlacementInProgress } from '../load-in-progress.js';
import { listVerified, setRegions } from '../purgatory/regions.js';
import type { FilledPurgatory } from './fill-purgatory.js';
import { findSerialPort, type NamedSerialPort } from './find-serial-port.js';
import type { PlacedBzimage } from './placed-bzimage.js';
import { encodeResetRegister } from './purgatory/encode-reset-register.js';
import { ENTRY_OFFSET } from './purgatory/link-purgatory.js';
import { loadOwnPurgatory } from './purgatory/load-purgatory.js';
import { setParameters } from './purgatory/purgatory-parameters.js';
import { digestRegion } from './purgatory/region-digest.js';

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
  const { request, type, trail, segments, machine } = placement;
  const options = request.options.purgatory || {};
  const { hashes = portableHashes } = request;
  const onMismatch = options.onMismatch ?? (type === 'default' ? 'reset' : 'halt');
  const { resetRegister } = machine.x86;
  const serial = chooseSerialPort(options, placement);
  const purgatory = loadOwnPurgatory();
  setParameters(purgatory, {
    kernelEntry: kernel.mem + ENTRY_OFFSET,
    bootParams: bootParams.mem,
    serial: serial?.port,
    onMismatch,
    resetRegister,
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
  const how = onMismatch === 'reset' ? describeReset(resetRegister) : '';
  trail.ok('purgatory-mismatch', `if a segment is not what was loaded, ${TEXTS[onMismatch]}${how}`);
  return { segment: { ...segment, bytes }, entry };
}

/** The requested UART, or the one that is found by {@link findSerialPort}. */
function chooseSerialPort(
  { serial }: PurgatoryOptions,
  { machine, request }: PlacementInProgress<X86Machine>,
): (Partial<Pick<NamedSerialPort, 'by'>> & Pick<NamedSerialPort, 'port'>) | undefined {
  if (serial === undefined) return findSerialPort(machine, request.options.commandLine ?? '');
  return serial === 'none' ? undefined : { port: serial };
}

function noteSerial(
  serial: ReturnType<typeof chooseSerialPort>,
  options: PurgatoryOptions,
  { trail }: PlacementInProgress<X86Machine>,
): void {
  if (serial !== undefined) {
    const { port, by } = serial;
    const place = `${port.kind === '8250-port' ? 'port' : 'address'} ${hex(port.base)}`;
    const why = by === undefined ? '' : `, which ${by} names`;
    trail.ok('purgatory-serial', `purgatory prints to the 8250 at ${place}${why}`);
    return;
  }
  trail.note(
    'purgatory-serial',
    options.serial === 'none'
      ? 'purgatory is silent, as asked'
      : "neither console=, nor earlycon=, nor ACPI's SPCR names an 8250: purgatory is silent",
  );
}

function describeReset(register: X86ResetRegister | undefined): string {
  if (register === undefined)
    return ': by the keyboard controller, else by port 0xcf9; no reset register is known';
  const text = describeResetRegister(register);
  return encodeResetRegister(register) === undefined
    ? `: by the keyboard controller, else by port 0xcf9; not by the FADT's reset register (${text}), which it cannot reach`
    : `: by the FADT's reset register (${text}), else by the keyboard controller, else by port 0xcf9`;
}
