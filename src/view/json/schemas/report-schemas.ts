/**
 * Every report that `--json` prints, as a schema. Only types of it are imported: the checked-in files in `schemas/` are
 * generated from it, and the compiler holds what commands print against it.
 */
import * as z from 'zod';
import { machineEntries } from './boot-entry-schemas.js';
import {
  crashEstimate,
  crashLint,
  crashRehearse,
  vmcoreDmesg,
  vmcoreInfo,
  vmcoreSave,
} from './dump-schemas.js';
import { kdumpReload, kdumpSave, kdumpShow, kdumpStatus, kdumpTest } from './kdump-schemas.js';
import { boot, doctor, exec, explain, load, plan, preflight, status, unload } from './load-schemas.js';
import { explainedRefusal, hexNumber, refusal } from './shared-schemas.js';
import {
  sign,
  signatureAttach,
  signatureDetach,
  signatureList,
  signatureRemove,
  verify,
} from './signature-schemas.js';

/** The facts of a file depend on its kind. */
const inspect = z.union([
  z.object({ file: z.string(), kind: z.string() }).catchall(z.unknown()),
  z.object({ file: z.string(), refusal }),
]);

const machineRecord = z.object({
  output: z.string(),
  name: z.string(),
  architecture: z.string(),
  ram: hexNumber,
  cpus: z.int().min(1).optional(),
  unknown: z.array(z.object({ fact: z.string(), reason: z.string() })),
});

/** The reports by name, without the header. */
export const REPORTS = {
  boot,
  'crash-estimate': crashEstimate,
  'crash-lint': crashLint,
  'crash-rehearse': crashRehearse,
  doctor,
  exec,
  explain,
  inspect,
  'kdump-reload': kdumpReload,
  'kdump-save': kdumpSave,
  'kdump-show': kdumpShow,
  'kdump-status': kdumpStatus,
  'kdump-test': kdumpTest,
  load,
  'machine-entries': machineEntries,
  'machine-record': machineRecord,
  plan,
  preflight,
  sign,
  'signature-attach': signatureAttach,
  'signature-detach': signatureDetach,
  'signature-list': signatureList,
  'signature-remove': signatureRemove,
  status,
  unload,
  verify,
  'vmcore-dmesg': vmcoreDmesg,
  'vmcore-info': vmcoreInfo,
  'vmcore-save': vmcoreSave,
} as const;

export type ReportName = keyof typeof REPORTS;

/** A value that nobody changes, with all that is in it. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** What the commands print, by the name of the report, without the header. */
export type Reports = { [Name in ReportName]: z.infer<(typeof REPORTS)[Name]> };

/** What a command prints, without the header. */
export type Report<Name extends ReportName> = DeepReadonly<Reports[Name]>;

/** What a command prints that was ended before it had a report. */
export const FAILURES = [
  z.object({ refusal: explainedRefusal }),
  z.object({ internalError: z.object({ name: z.string(), message: z.string() }) }),
] as const;
