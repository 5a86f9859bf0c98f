/**
 * Every view, with values for it in which each text can be replaced: what a file, a machine or an argument may contain.
 */
import { KexecError } from '../../src/base/error.js';
import type { TrailEntry } from '../../src/base/trail.js';
import { MIB } from '../../src/base/u64.js';
import type { BootMenu, ListedEntry } from '../../src/boot-entry/boot-entry.js';
import { formatError } from '../../src/cli/terminal/format-error.js';
import { explainCheck } from '../../src/explain/explain-check.js';
import { describeCheck, explainTrail } from '../../src/explain/explanation.js';
import { PRESETS } from '../../src/machine/presets/presets.js';
import { formatChangeRow, formatChangeSummary } from '../../src/preflight/compare/change-text.js';
import { ChangeTally, compareRows } from '../../src/preflight/compare/compare-rows.js';
import type { FleetDocument } from '../../src/preflight/formats/fleet-document.js';
import { buildPreflightJunit } from '../../src/preflight/formats/preflight-junit.js';
import { buildPreflightSarif } from '../../src/preflight/formats/preflight-sarif.js';
import type { PreflightKernel } from '../../src/preflight/kernel-facts.js';
import { formatPageRow, formatPageStart } from '../../src/preflight/page/page-html.js';
import { formatPreflightRow, formatPreflightSummary } from '../../src/preflight/preflight-text.js';
import { PreflightTally } from '../../src/preflight/tally.js';
import type { KdumpSettings } from '../../src/settings/kdump-settings.js';
import { parseSettings } from '../../src/settings/settings.js';
import { formatCsvRow } from '../../src/view/csv/csv-row.js';
import { formatJson } from '../../src/view/json/format-json.js';
import { formatMachineMemory } from '../../src/view/memory-map/machine-memory-text.js';
import { buildMemoryRows } from '../../src/view/memory-map/map-rows.js';
import { drawMemoryMap } from '../../src/view/memory-map/map-svg.js';
import { formatMemoryMap } from '../../src/view/memory-map/map-text.js';
import { formatPlanPage } from '../../src/view/plan-page/plan-page.js';
import { formatBootEntries } from '../../src/view/text/boot-entries-text.js';
import { formatCandidates } from '../../src/view/text/candidates-text.js';
import { formatEstimate, formatLintReport } from '../../src/view/text/crash-text.js';
import { formatFindings } from '../../src/view/text/doctor-text.js';
import { formatExplainedCheck } from '../../src/view/text/explained-check-text.js';
import { formatExplanation } from '../../src/view/text/explanation-text.js';
import { formatFacts } from '../../src/view/text/facts-text.js';
import { formatInspected } from '../../src/view/text/inspected-text.js';
import { formatKdumpShow, formatKdumpStatus, formatKdumpTest } from '../../src/view/text/kdump-text.js';
import { formatLogMatches } from '../../src/view/text/kernel-log-text.js';
import { formatMachineText } from '../../src/view/text/machine-text.js';
import { formatDone, formatOutcome, formatWarnings } from '../../src/view/text/outcome-text.js';
import { formatPlan } from '../../src/view/text/plan-text.js';
import { formatLines, line } from '../../src/view/text/printable.js';
import { formatRehearsal } from '../../src/view/text/rehearsal-text.js';
import { formatSavedDump } from '../../src/view/text/saved-dump-text.js';
import { formatSignatures } from '../../src/view/text/signature-text.js';
import { formatRefusal, formatTrail } from '../../src/view/text/trail-text.js';
import { formatVerdict, formatVerdictNotes } from '../../src/view/text/verdict-text.js';
import { formatVmcoreInfo } from '../../src/view/text/vmcore-text.js';
import { formatDocument } from '../preflight/formats/samples.js';
import { buildRow, LOADS, REFUSED, UNREADABLE } from '../preflight/samples.js';
import { server } from './memory-map/samples.js';

type View = (text: string) => string;

const COLOR = { color: true };

const TABLE = { nameWidth: 10, addresses: ['kernel', 'dtb'] } as const;

function describeKernel(text: string): PreflightKernel {
  return { file: text, sha256: text, release: text, signer: text, type: 'default' };
}

function formatFleet(document: FleetDocument, text: string): string {
  const rows = [buildRow(text, LOADS, refuse(text)), buildRow(text, refuse(text)), buildUnreadable(text)];
  return formatDocument(
    document,
    rows.map((row) => ({ row })),
  ).replaceAll(/ time="[^"]*"/g, '');
}

/** A view whose result is printed for a text in every place where a text can be. */
export const VIEWS: Readonly<Record<string, View>> = {
  formatBootEntries: (text) => formatBootEntries(buildBootMenu(text), COLOR),
  formatCandidates: (text) =>
    formatCandidates('EINVAL', listCandidates(text), { meanings: { kexec_load: text }, color: true }),
  buildPreflightJunit: (text) =>
    formatFleet(buildPreflightJunit(describeKernel(text), '1', new Date(0)), text),
  buildPreflightSarif: (text) => formatFleet(buildPreflightSarif(describeKernel(text), '1'), text),
  formatCsvRow: (text) => formatCsvRow([text, text]).slice(0, -2),
  formatExplainedCheck: (text) =>
    formatExplainedCheck({
      ...explainCheck('running-cpus'),
      why: text,
      how: text,
      rule: text,
      source: text,
      cure: text,
    }),
  formatEstimate: (text) =>
    formatEstimate({
      parts: [{ what: text, bytes: MIB, why: text }],
      sum: MIB,
      reserve: 16n * MIB,
      parameter: text,
      form: text,
      place: text,
    }),
  formatError: (text) => formatError(buildRefusal(text), COLOR) + formatError(buildAccessError(text), COLOR),
  formatDone: (text) =>
    formatDone(
      {
        kernel: { ...nameKernel(text), bytes: 1 },
        initrd: { name: text, bytes: 2 },
        call: text,
        isCrash: false,
        hasSystemd: true,
      },
      COLOR,
    ),
  formatExplanation: (text) =>
    formatExplanation(explainTrail(buildTrail(text)), {
      title: text,
      asItIs: buildRefusal(text),
      color: true,
    }),
  formatFacts: (text) => formatFacts(buildFacts(text)),
  formatFindings: (text) =>
    formatFindings(
      (['stops', 'warns', 'unknown', 'fine'] as const).map((severity) => ({
        topic: 'kernel-options',
        severity,
        about: 'both',
        fact: text,
        why: text,
        causes: [{ cause: text, cure: text }],
        cure: text,
        source: text,
      })),
      COLOR,
    ),
  formatInspected: (text) => formatInspected(text, { kind: text, facts: buildFacts(text) }),
  formatJson: (text) => formatJson(buildFacts(text), 'lines') + formatJson(buildTrail(text), 'line'),
  formatLines: (text) => formatLines([text, text]),
  formatLintReport: (text) =>
    formatLintReport(
      { kind: 'vmcore', notes: 1, loads: 1, findings: [{ severity: 'error', what: text }] },
      COLOR,
    ),
  formatLogMatches: (text) =>
    formatLogMatches(
      [
        {
          text,
          line: 1,
          cause: text,
          severity: 'stops',
          times: 2,
          last: { text, line: 3 },
          errno: 'EINVAL',
          meaning: text,
          checks: [{ ...describeCheck('dtb-size'), cure: text }],
        },
      ],
      { name: text, lines: 1, color: true },
    ),
  formatMachineMemory: (text) =>
    formatMachineMemory({ ...server.machine, name: text }, server.kimage, { color: true }),
  formatMachineText: (text) =>
    formatMachineText(
      { ...PRESETS['qemu-virt'](), name: text, commandLine: text, unknown: [{ fact: text, reason: text }] },
      COLOR,
    ),
  formatMemoryMap: (text) =>
    formatMemoryMap(
      buildMemoryRows(server.machine, server.kimage).map((row) =>
        row.note === undefined ? row : { ...row, note: text },
      ),
      COLOR,
    ),
  formatChangeRow: (text) =>
    [buildUnreadable(text), buildRow(text, refuse(text), refuse(text)), undefined]
      .map((row) => {
        const before = buildRow(text, LOADS, LOADS);
        return formatChangeRow({ row, before, change: compareRows(row, before) }, text, {
          nameWidth: 10,
          ...COLOR,
        });
      })
      .join(''),
  formatChangeSummary: (text) => formatChangeSummary(new ChangeTally().counts(), text, COLOR),
  formatOutcome: (text) =>
    [{ kimage: server.kimage }, { refusal: buildRefusal(text) }]
      .map((end) =>
        formatOutcome({ ...end, kernel: nameKernel(text), place: text, trail: buildTrail(text) }, COLOR),
      )
      .join(''),
  formatPageRow: (text) =>
    [buildRow(text, LOADS, LOADS), buildRow(text, refuse(text), refuse(text)), buildUnreadable(text)]
      .flatMap((row) => [
        formatPageRow({ row }, buildPage(text)),
        formatPageRow(
          { row, before: buildRow(text, LOADS), change: compareRows(row, buildRow(text, LOADS)) },
          { ...buildPage(text), isCompared: true },
        ),
      ])
      .join(''),
  formatPageStart: (text) => formatPageStart(buildTally(text), buildPage(text)),
  formatPlan: (text) =>
    formatPlan(
      { kimage: server.kimage, trail: buildTrail(text) },
      { ...server.machine, name: text },
      { color: true },
    ),
  formatPlanPage: (text) =>
    formatPlanPage(
      { kimage: server.kimage, trail: buildTrail(text) },
      { ...server.machine, name: text },
      {
        kernel: { name: text, identity: { release: text, signature: 'holds', signer: text } },
        facts: [[text, text]],
      },
    ) +
    formatPlanPage({ refusal: buildRefusal(text), trail: buildTrail(text) }, server.machine, {
      kernel: { name: text, identity: { release: text, signature: 'holds', signer: text } },
    }),
  formatPreflightRow: (text) =>
    [buildRow(text, LOADS, LOADS), buildRow(text, refuse(text)), buildUnreadable(text)]
      .map((row) => formatPreflightRow(row, text, { ...buildPage(text), ...TABLE, ...COLOR }))
      .join(''),
  formatPreflightSummary: (text) => formatPreflightSummary(buildTally(text), COLOR),
  formatKdumpShow: (text) =>
    formatKdumpShow({
      settingsPath: text,
      settings: buildKdumpSettings(text),
      kernel: text,
      initrd: text,
      commandLine: text,
      load: ['load', text],
    }),
  formatKdumpStatus: (text) =>
    formatKdumpStatus(
      {
        captures: true,
        reserved: 1n,
        isLoaded: true,
        record: {
          time: text,
          release: text,
          kernel: { path: text, size: 1, sha256: text },
          initrd: { path: text, size: 1, sha256: text },
          commandLine: text,
          policy: text,
          syscall: 'file',
          layout: text,
        },
        settings: buildKdumpSettings(text),
        elsewhere: [text],
        free: 1n,
        problems: [{ severity: 'stops', what: text, cure: text }],
      },
      COLOR,
    ),
  formatKdumpTest: (text) =>
    formatKdumpTest([{ part: 'load', verdict: 'warns', detail: text, cure: text }], COLOR),
  formatRefusal: (text) => formatRefusal(buildRefusal(text), COLOR),
  formatRehearsal: (text) =>
    formatRehearsal({
      stage: 'vmcore',
      seen: [text],
      machine: text,
      standIn: {
        qemu: { cpu: text, memory: text, cpus: 1, machine: text },
        firmware: 'uefi',
        commandLine: text,
        captureCommandLine: text,
        crashkernel: [text],
        notes: [text],
      },
      dump: { size: 1n, release: text, panic: text },
      seconds: { boot: 1 },
      console: text,
    }),
  formatSavedDump: (text) =>
    formatSavedDump({
      path: text,
      sha256: text,
      problems: [text],
      size: 1n,
      pages: 1,
      leftOut: { zero: 1, cache: 0, 'cache-private': 0, user: 0, free: 0, poisoned: 0, offline: 0 },
      unknown: 1,
      resumedAt: 1n,
    }),
  formatSignatures: (text) => formatSignatures([buildSignature(text)], COLOR),
  formatTrail: (text) => formatTrail(buildTrail(text), COLOR),
  formatVerdictNotes: (text) => formatVerdictNotes({ notes: [text], warnings: [text] }, COLOR),
  formatVerdict: (text) =>
    formatVerdict({ file: text, verdict: 'ok', detail: text, digest: text }, COLOR) +
    formatVerdict({ file: text, verdict: 'refused', errno: 'ENOKEY', check: 'trust', detail: text }, COLOR),
  formatWarnings: (text) => formatWarnings(buildTrail(text), COLOR),
  formatVmcoreInfo: (text) =>
    formatVmcoreInfo({
      format: 'ELF',
      isFlattened: false,
      release: text,
      buildId: text,
      uts: { sysname: text, nodename: text, release: text, version: text, machine: text, domainname: text },
      panic: text,
      context: text,
      cpus: [],
      memory: [],
      vmcoreinfo: { PAGESIZE: text, KERNELOFFSET: text },
      problems: [text],
      remarks: [text],
    }),
  drawMemoryMap: (text) =>
    drawMemoryMap(buildMemoryRows(server.machine, server.kimage), { title: text.slice(0, 10) }),
  line: (text) => line`${text}: ${text}`,
};

/** A kernel whose name, release and signer are a text. */
function nameKernel(text: string) {
  return { name: text, identity: { release: text, signature: 'holds', signer: text } } as const;
}

function buildTrail(text: string): TrailEntry[] {
  return [
    { check: 'uki', verdict: 'ok', detail: text },
    { check: 'kernel-file', verdict: 'note', detail: text, cure: text },
    { check: 'console', verdict: 'note', detail: text, cure: text },
    { check: 'trust', verdict: 'refused', errno: 'ENOKEY', detail: text, cure: text },
  ];
}

function buildRefusal(text: string): KexecError {
  return new KexecError('zboot', 'ENOEXEC', text, { cure: text });
}

function buildAccessError(text: string): KexecError {
  return new KexecError('file-access', 'ENOENT', text);
}

function buildFacts(text: string) {
  return { uname: text, [text]: { osrel: [text, text], sections: [{ name: text, [text]: text }] } };
}

function listCandidates(text: string) {
  return (['found', 'possible', 'ruled out'] as const).map((standing) => ({
    ...describeCheck('zboot'),
    standing,
    why: text,
    causes: [{ cause: text, cure: text }],
  }));
}

function buildSignature(text: string) {
  return {
    index: 0,
    isFirst: true,
    certificate: {
      range: { start: 0n, end: 8n },
      length: 8n,
      revision: 2n,
      type: 2,
      content: new Uint8Array(),
    },
    content: undefined,
    signers: [
      {
        hash: 'sha256',
        algorithm: text,
        signingTime: 0n,
        certificate: { subject: text, issuer: text, serial: new Uint8Array(1) },
      },
    ],
    problem: buildRefusal(text),
  } as unknown as Parameters<typeof formatSignatures>[0][number];
}

function refuse(text: string) {
  return { ...REFUSED, refusal: { errno: 'ENOEXEC', check: 'zboot', detail: text } } as const;
}

function buildUnreadable(text: string) {
  return { ...UNREADABLE, file: text, unreadable: refuse(text).refusal };
}

function buildPage(text: string) {
  return { kernel: text, facts: [['Kernel', text]], hasInitrd: true, isCrash: false } as const;
}

function buildTally(text: string) {
  const tally = new PreflightTally();
  tally.add(buildRow(text, refuse(text), refuse(text)));
  return tally.summary();
}

function buildBootMenu(text: string): BootMenu {
  const listed = { id: text, aliases: [text], title: text, version: text, source: text };
  const starts = { kernel: text, initrds: [text], commandLine: text, deviceTree: text, notes: [text] };
  const entry: ListedEntry = { ...listed, starts };
  const entries = [entry, { ...listed, id: `${text}-2`, starts: buildRefusal(text) }];
  return { loader: 'GRUB', entries, default: { entry, reason: text } };
}

function buildKdumpSettings(text: string): KdumpSettings {
  return { ...parseSettings('').kdump, path: text, filter: text };
}
