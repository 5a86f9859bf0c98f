import { KexecError } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import { type DumpEstimate, estimateDump } from '../../crash/dump-estimate.js';
import { describeLack } from '../../crash/dump-room.js';
import {
  DECOMPRESSOR_OPTIONS,
  describeRecompression,
} from '../../kernel-file/initrd/decompressor-options.js';
import { findParameterValues } from '../../machine/command-line.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { Machine } from '../../machine/machine-value.js';
import { FILTER_ALL } from '../../vmcore/save/filter.js';
import {
  type DumpPlace,
  type DumpService,
  findDumpService,
  isSwitchedOff,
  readDumpLevel,
  usesMakedumpfile,
} from '../dump-service.js';
import type { Finding } from '../finding.js';
import type { CaptureFileFacts, IntendedLoad } from '../intended-load.js';

/** Finds what kdump-tools or kdump-utils would save of a crash, and whether there is room for it. */
export function diagnoseDumpService(machine: Machine, { live }: IntendedLoad): Finding[] {
  const { kdumpTools } = machine;
  if (kdumpTools === undefined) return [];
  if (isSwitchedOff(kdumpTools)) return [SWITCHED_OFF];
  const service = findDumpService(kdumpTools);
  if (service === undefined) return [];
  const level = readDumpLevel(service.command);
  if (usesMakedumpfile(service) && (level === undefined || level > FILTER_ALL))
    return [describeInvalidLevel(service)];
  const estimate = estimateDump(machine, live?.dump?.meminfo ?? '', level ?? 0);
  return [
    ...diagnoseFiles(service, machine, live?.dump?.captureFiles),
    ...diagnoseAppended(service),
    ...service.places.map((place) => diagnosePlace({ service, place, estimate, dump: live?.dump })),
  ];
}

const SWITCHED_OFF: Finding = {
  topic: 'dump',
  about: 'kdump',
  severity: 'warns',
  fact: 'kdump-tools is enabled, but USE_KDUMP is not 1',
  why: 'it loads no crash kernel',
  cure: 'set USE_KDUMP=1 in /etc/default/kdump-tools, then: kdump-config load',
  source: '/etc/default/kdump-tools',
};

function frame({ source }: DumpService) {
  return { topic: 'dump', about: 'kdump', source } as const;
}

function describeInvalidLevel(service: DumpService): Finding {
  return {
    ...frame(service),
    severity: 'stops',
    fact: `${service.setting} of ${service.name} has no valid dump level: ${service.command}`,
    why: 'makedumpfile refuses it ("Dump_level is invalid"), and saves nothing',
    cure: 'give -d a number from 0 to 31',
  };
}

/** The files that the service loads: whether they are there, and whether the kernel can unpack the initrd. */
function diagnoseFiles(
  service: DumpService,
  { kernel }: Machine,
  { missing = [], release, compression }: Partial<CaptureFileFacts> = {},
): Finding[] {
  const finding = { ...frame(service), severity: 'stops' } as const;
  const lost = missing.map((path) => describeMissing(path, service));
  const option = compression === undefined ? undefined : DECOMPRESSOR_OPTIONS[compression];
  const isRunning = release !== undefined && release === kernel?.release;
  if (option === undefined || !isRunning || isBuiltIn(kernel?.config, option) !== false) return lost;
  return [
    ...lost,
    {
      ...finding,
      fact: `${service.initrd} is compressed with ${compression}; the capture kernel, ${release}, has no CONFIG_${option}`,
      why: 'it cannot unpack it ("compression method not configured"), and finds no /init',
      cure: describeRecompression(kernel?.config),
    },
  ];
}

/** kdump-tools makes its own files when it is started. */
const OWN_FOLDER = '/var/lib/kdump/';

function describeMissing(path: string, service: DumpService): Finding {
  const isOwn = path.startsWith(OWN_FOLDER);
  return {
    ...frame(service),
    severity: isOwn ? 'warns' : 'stops',
    fact: `${path} does not exist, which ${service.name} loads`,
    why: isOwn
      ? `until ${service.name} is started again, which makes it, no crash kernel can be loaded`
      : 'no crash kernel is loaded',
    cure: isOwn
      ? 'systemctl restart kdump-tools'
      : 'correct KDUMP_KERNEL and KDUMP_INITRD in /etc/default/kdump-tools',
  };
}

/** Parameters that replace the usual ones, and lack one that the capture kernel needs. */
function diagnoseAppended(service: DumpService): Finding[] {
  const { name, append } = service;
  if (append === undefined) return [];
  const has = (parameter: string): boolean => findParameterValues(append.parameters, parameter).length > 0;
  const finding = { ...frame(service), severity: 'warns' } as const;
  const lacks = (parameter: string, why: string): Finding => ({
    ...finding,
    fact: `${append.setting} has no ${parameter}`,
    why,
    cure: `add ${parameter} to ${append.setting}`,
  });
  return [
    ...(has('nr_cpus') || has('maxcpus')
      ? []
      : [
          lacks(
            'nr_cpus=1',
            'the capture kernel starts all CPUs, each of which takes memory of the crash region',
          ),
        ]),
    ...(name !== 'kdump-tools' || has('systemd.unit')
      ? []
      : [
          lacks(
            'systemd.unit=kdump-tools-dump.service',
            'the capture kernel starts all services, in the memory of the crash region',
          ),
        ]),
  ];
}

/** A place, and what is known of it. */
interface PlaceFacts {
  readonly service: DumpService;
  readonly place: DumpPlace;
  readonly estimate: DumpEstimate;
  readonly dump: NonNullable<IntendedLoad['live']>['dump'];
}

function diagnosePlace({ service, place, estimate, dump }: PlaceFacts): Finding {
  const finding = frame(service);
  const { name, command, atFailure } = service;
  const size = describeSize(estimate, dump?.meminfo !== undefined);
  const failure =
    atFailure === undefined ? '' : `; if it cannot save, it does what failure_action says: ${atFailure}`;
  if (place.kind === 'remote') {
    return {
      ...finding,
      severity: 'unknown',
      fact: `${name} sends the dump by ${place.protocol} to ${place.where}; ${size}`,
      why: `only after a crash does the capture kernel set up its network, so that it is not known whether it gets there${failure}`,
      cure: 'cause a crash once the machine can be spared (echo c >/proc/sysrq-trigger), and look for the dump',
    };
  }
  if (place.kind === 'device') {
    return {
      ...finding,
      severity: 'unknown',
      fact: `${name} saves to ${place.device} (${place.type}); ${size}`,
      why: `the room there was not examined${failure}`,
      cure: `compare it with the room there: df, or lsblk ${place.device}`,
    };
  }
  const folder = dump?.folder;
  if (folder instanceof KexecError) return describeFolderFault(service, folder);
  const lack = folder && describeLack(folder, estimate.atMost);
  if (lack !== undefined) {
    return {
      ...finding,
      severity: 'warns',
      fact: `${name} saves by ${command}: ${lack}`,
      why: `a disk that fills up leaves no dump${failure}`,
      cure: `make room, name a larger disk, or leave out more pages (-d 31 in ${service.setting})`,
    };
  }
  const room = folder === undefined ? '' : `, where ${formatSize(folder.free)} are free`;
  return {
    ...finding,
    severity: 'fine',
    fact: `${name} saves by ${command} in ${place.path}${room}; ${size}`,
    why: `that is its size before pages are compressed${failure}`,
  };
}

function describeSize({ atMost, memory }: DumpEstimate, isLive: boolean): string {
  if (!isLive) return `a dump takes at most all memory, ${formatSize(memory)}`;
  return `a dump would now take at most ${formatSize(atMost)} of ${formatSize(memory)}`;
}

/** Without root, a folder of root's cannot be written to. */
function describeFolderFault(service: DumpService, { errno, seen }: KexecError): Finding {
  const isDenied = errno === 'EACCES';
  return {
    ...frame(service),
    severity: isDenied ? 'unknown' : 'stops',
    fact: `${service.name} saves by ${service.command}: ${seen}`,
    why: isDenied ? 'the room there was not examined' : 'no dump can be saved there',
    cure: isDenied
      ? 'run this as root'
      : `name a folder on a disk that can be written to (${service.name === 'kdump-tools' ? 'KDUMP_COREDIR' : 'path'})`,
  };
}
