import { attempt, KexecError } from '../../base/error.js';
import { forgetCrashRecord } from './forget-crash-record.js';
import { confirmHotplug } from './hotplug.js';
import { loadFiles } from './load-files.js';
import { LoadRefusedError } from './load-refused-error.js';
import type { LiveLoad, LiveLoaded } from './load-request.js';
import { loadSegments } from './load-segments.js';
import { removeMark } from './loaded-mark.js';
import { prepareLoad } from './prepare-load.js';

/**
 * Loads a kernel on this machine. Each file is opened once, and the verified bytes are loaded.
 *
 * Nothing changes before the one system call at the end, so a load that is interrupted or refused leaves the old kernel
 * loaded. Only a crash kernel may be lost if the kernel itself refuses its successor: it frees the old one first.
 *
 * @throws KexecError if the load is refused; LoadRefusedError, with the trail, once there is a trail.
 */
export async function loadLive(load: LiveLoad): Promise<LiveLoaded> {
  const { syscall, request, machine, notes } = await prepareLoad(load);
  const loaded =
    syscall === 'file'
      ? await loadFiles(load, request, machine)
      : await loadSegments(load, request, { machine, notes });
  if (load.options.type === 'crash') forgetCrashRecord();
  else removeMark();
  return load.options.hotplug === true ? addHotplugEntry(loaded) : loaded;
}

/** @throws LoadRefusedError if the kernel does not update what it has loaded. */
function addHotplugEntry(loaded: LiveLoaded): LiveLoaded {
  const entry = attempt(confirmHotplug);
  if (entry instanceof KexecError) throw new LoadRefusedError(entry, loaded.trail);
  return { ...loaded, trail: [...loaded.trail, entry] };
}
