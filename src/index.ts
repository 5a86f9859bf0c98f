/**
 * kexec_file_load(2) for arm64, as far as it runs anywhere, a browser included: the decision, the machine value, the
 * formats, and the views. `kexec-file/node` adds what needs Node.
 *
 * @packageDocumentation
 */
export { PLACEMENT_RULES, type PlacementRules } from './arch/arm64/rules.js';
export type { OtherContents } from './arch/arm64/segments.js';
export { elfFile } from './backends/elf-image.js';
export { type ByteSource, sourceOfBytes } from './base/byte-source.js';
export { decodeBase64, encodeBase64 } from './base/bytes.js';
export { CHECKS, type Check, type CheckGroup, type CheckRule, groupOf } from './base/checks.js';
export { ERRNO, type Errno, KexecError, type KexecErrorFacts } from './base/error.js';
export type { RandomSource } from './base/random.js';
export { buildCaptureInitrd, type CaptureInitrd, type CaptureModule } from './crash/capture/initrd.js';
export { type CaptureTarget, parseTarget } from './crash/capture/target.js';
export { buildElfcorehdr, dumpedRanges, type Elfcorehdr, parseElfcorehdr } from './crash/elfcorehdr.js';
export { type CrashEstimate, type CrashKernelFiles, estimateCrashRegion } from './crash/estimate.js';
export type { Finding } from './crash/finding.js';
export { type LintReport, lintCore } from './crash/lint.js';
export { dmesgLine } from './crash/vmcore/dmesg.js';
export type { DumpTarget, Saved, SaveProgress } from './crash/vmcore/dump-target.js';
export { gdbArguments } from './crash/vmcore/gdb.js';
export { type VmcoreInfo, vmcoreInfo } from './crash/vmcore/info.js';
export type { LogReader, LogRecord } from './crash/vmcore/log-record.js';
export { type SaveOptions, saveVmcore } from './crash/vmcore/save.js';
export { openVmcore, readLog, type Vmcore } from './crash/vmcore/vmcore.js';
export { type Candidate, candidates, type Facts, type Standing } from './explain/candidates.js';
export { ERRNO_TEXT, parseErrno } from './explain/errno-text.js';
export { type ExplainedEntry, type Explanation, explainTrail } from './explain/explanation.js';
export { KernelLog, type LogMatch } from './explain/kernel-log.js';
export { type ImageHeader, parseImageHeader } from './formats/arm64-image.js';
export { type Decompress, type Decompressor, portableDecompress } from './formats/compression/decompress.js';
export type { Compression } from './formats/compression/names.js';
export { buildCpio, type CpioEntry, type CpioSource, parseCpio } from './formats/cpio.js';
export type { ProgramHeader } from './formats/elf/program-headers.js';
export * from './formats/fdt/edit.js';
export { parseFdt } from './formats/fdt/parse.js';
export type { Fdt, FdtNode, FdtProperty, FdtReservation } from './formats/fdt/tree.js';
export * from './formats/fdt/values.js';
export { writeFdt } from './formats/fdt/write.js';
export { type PeFile, parsePe } from './formats/pe.js';
export type { Opening } from './kernel-file/open.js';
export { type Layer, type UnwrapOptions, type UnwrappedKernel, unwrapKernel } from './kernel-file/unwrap.js';
export { kexecFileLoad, type LoadRequest, type LoadResult } from './kexec/file-load.js';
export { loadKernelFile, openKernelFile } from './kexec/load-kernel-file.js';
export {
  type MachinePreflight,
  type Outcome,
  type PreflightRow,
  preflight,
} from './kexec/preflight.js';
export { type Cause, type PreflightSummary, PreflightTally } from './kexec/preflight-tally.js';
export type { Kimage, KimageType, Segment, SegmentName } from './kimage/kimage.js';
export { NoHoleError } from './kimage/kimage.js';
export type { TriedHole } from './kimage/placement.js';
export type { TrailEntry, Verdict } from './kimage/trail.js';
export { Trail } from './kimage/trail.js';
export type {
  CpuFacts,
  CrashFacts,
  CrashRegion,
  Granule,
  Machine,
  MemorySource,
  QemuOptions,
} from './machine/machine.js';
export { PRESETS } from './machine/presets/presets.js';
export { type Collected, recordMachine } from './machine/record.js';
export { formatMachine, parseMachine } from './machine/schema.js';
export { parseIomem, type Resource } from './memory/iomem.js';
export { type MemblockRegion, parseMemblock } from './memory/memblock.js';
export type { Range } from './memory/range.js';
export { type Certificate, parseCertificate } from './trust/certificate.js';
export type { Envelope } from './trust/envelope.js';
export type { Hash, Hashes, HashName } from './trust/hashes.js';
export { type Blacklist, EMPTY_BLACKLIST, type Keyring, type TrustStore } from './trust/keyring.js';
export { type KeyringFile, parseKeyringFile } from './trust/keyring-file.js';
export {
  checkSignature,
  type Policy,
  type TrustRequest,
  type Verification,
  verifyOnce,
} from './trust/policy.js';
export { portableHashes } from './trust/portable-hashes.js';
export { buildTrustStore, type LoadedTrustStore, type TrustSource } from './trust/trust-store.js';
export { type PeSignature, verifyPeSignature } from './trust/verify-pe.js';
export { candidatesText, explanationText, logText } from './view/explain-text.js';
export { inspect } from './view/inspect/kinds.js';
export { explanationJson, planJson } from './view/json.js';
export { planText } from './view/plan-text.js';
export { refusalText, trailText } from './view/trail-text.js';
