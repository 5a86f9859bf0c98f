/**
 * kexec_file_load(2) for arm64, as far as it runs anywhere, a browser included: the decision, the machine value, the
 * formats, and the views. `kexec-file/node` adds what needs Node.
 *
 * @packageDocumentation
 */

export { type ByteSource, createByteSource } from './base/byte-source.js';
export { decodeBase64, encodeBase64 } from './base/bytes.js';
export { CHECKS, type Check, type CheckGroup, type CheckRule, findGroup } from './base/checks.js';
export { ERRNO_TEXT, parseErrno } from './base/errno.js';
export { ERRNO, type Errno, KexecError, type RefusalArguments, type RefusalContext } from './base/error.js';
export type { RandomSource } from './base/random.js';
export type { Range } from './base/range.js';
export type { TrailEntry, TriedHole, Verdict } from './base/trail.js';
export { Trail } from './base/trail.js';
export {
  buildCaptureInitrd,
  type CaptureInitrd,
  type CaptureModule,
} from './crash/capture/capture-initrd.js';
export { type CaptureTarget, parseCaptureTarget } from './crash/capture/capture-target.js';
export { buildElfcorehdr, type Elfcorehdr, findDumpedRanges, parseElfcorehdr } from './crash/elfcorehdr.js';
export { type CrashEstimate, type CrashKernelFiles, estimateCrashRegion } from './crash/estimate.js';
export { type LintReport, lintCore } from './crash/lint.js';
export type { Finding } from './crash/lint-finding.js';
export { type Candidate, findCandidates, type KnownFacts, type Standing } from './explain/candidates.js';
export { type ExplainedEntry, type Explanation, explainTrail } from './explain/explanation.js';
export { KernelLog, type LogMatch } from './explain/kernel-log.js';
export { type ImageHeader, parseImageHeader } from './formats/arm64-image.js';
export type { Compression } from './formats/compression/compression-names.js';
export { type Decompress, type Decompressor, portableDecompress } from './formats/compression/decompress.js';
export { buildCpio, type CpioEntry, type CpioSource, parseCpio } from './formats/cpio.js';
export type { ProgramHeader } from './formats/elf/program-headers.js';
export * from './formats/fdt/edit.js';
export { parseFdt } from './formats/fdt/parse.js';
export type { Fdt, FdtNode, FdtProperty, FdtReservation } from './formats/fdt/tree.js';
export * from './formats/fdt/values.js';
export { writeFdt } from './formats/fdt/write.js';
export { parseIomem, type Resource } from './formats/iomem.js';
export { type MemblockRegion, parseMemblock } from './formats/memblock.js';
export { type PeFile, parsePe } from './formats/pe/parse.js';
export { inspect } from './inspect/inspect-file.js';
export type { Opening } from './kernel-file/open-wrapping.js';
export { type Layer, type UnwrapOptions, type UnwrappedKernel, unwrapKernel } from './kernel-file/unwrap.js';
export type { OtherContents } from './kexec/arm64/place-others.js';
export { PLACEMENT_RULES, type PlacementRules } from './kexec/arm64/placement-rules.js';
export { kexecFileLoad, type LoadRequest, type LoadResult } from './kexec/file-load.js';
export type { Kimage, KimageType, Segment, SegmentName } from './kexec/kimage.js';
export { NoHoleError } from './kexec/kimage.js';
export { elfFile } from './kexec/kimage-elf.js';
export { loadKernelFile, openKernelFile } from './kexec/load-kernel-file.js';
export type {
  CpuFacts,
  CrashFacts,
  CrashRegion,
  Granule,
  Machine,
  MemorySource,
  QemuOptions,
} from './machine/machine-value.js';
export { PRESETS } from './machine/presets/presets.js';
export { type Collected, recordMachine } from './machine/record.js';
export { formatMachine, parseMachine } from './machine/schema.js';
export {
  type MachinePreflight,
  type Outcome,
  type PreflightRow,
  preflightMachine,
} from './preflight/preflight-machine.js';
export { type Cause, type PreflightSummary, PreflightTally } from './preflight/tally.js';
export type { Envelope } from './trust/envelope.js';
export type { Hash, Hashes, HashName } from './trust/hashes.js';
export { type Blacklist, EMPTY_BLACKLIST, type Keyring, type TrustStore } from './trust/keyrings/keyring.js';
export { type KeyringFile, parseKeyringFile } from './trust/keyrings/keyring-file.js';
export { buildTrustStore, type LoadedTrustStore, type TrustSource } from './trust/keyrings/trust-store.js';
export { type PeSignature, verifyPeSignature } from './trust/pe/verify-pe.js';
export {
  checkSignature,
  type Policy,
  type TrustRequest,
  type Verification,
  verifyOnce,
} from './trust/policy.js';
export { portableHashes } from './trust/portable-hashes.js';
export { type Certificate, parseCertificate } from './trust/x509/certificate.js';
export { buildExplanationJson, buildPlanJson } from './view/json/plan-json.js';
export { formatCandidates } from './view/text/candidates-text.js';
export { formatExplanation } from './view/text/explanation-text.js';
export { formatLogMatches } from './view/text/kernel-log-text.js';
export { formatPlan } from './view/text/plan-text.js';
export { formatRefusal, formatTrail } from './view/text/trail-text.js';
export { formatDmesgLine } from './vmcore/log/dmesg.js';
export type { LogReader, LogRecord } from './vmcore/log/log-record.js';
export { readLog } from './vmcore/log/read-log.js';
export { openVmcore, type Vmcore } from './vmcore/open/open-vmcore.js';
export type { DumpTarget, Saved, SaveProgress } from './vmcore/save/dump-target.js';
export { type SaveOptions, saveVmcore } from './vmcore/save/save-dump.js';
export { buildGdbArguments } from './vmcore/summary/gdb-arguments.js';
export { summarizeVmcore, type VmcoreSummary } from './vmcore/summary/vmcore-summary.js';
