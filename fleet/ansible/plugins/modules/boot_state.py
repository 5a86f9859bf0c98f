#!/usr/bin/python
# -*- coding: utf-8 -*-
#
# Copyright: kexec-file maintainers
# SPDX-License-Identifier: Apache-2.0

"""Reads how a machine was started and how it fares, and compares it with what a reboot was for."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r"""
module: boot_state
short_description: How a machine was started, and what has changed since
version_added: 0.1.0
description:
  - Reads the state of the running kernel, of systemd and of the kernel's log. It never changes anything.
  - With I(before) and I(expect), it also lists each difference from what a reboot was for.
author:
  - kexec-file maintainers (!UNKNOWN)
options:
  before:
    description:
      - The result of this module before the reboot.
      - Failed units, taint and log lines that it has are no problems.
    type: dict
  expect:
    description: What the reboot was for.
    type: dict
    suboptions:
      way:
        description: How the machine was to be started.
        type: str
        choices: [kexec, firmware]
        default: kexec
      release:
        description: The release of the kernel (C(uname -r)).
        type: str
      command_line:
        description: The kernel's whole command line.
        type: str
  plan:
    description:
      - Before a reboot, report as changed what I(expect) will change, with the difference.
      - No problems are listed then.
    type: bool
    default: false
  wait:
    description: How long to wait until systemd has started everything, in seconds.
    type: int
    default: 0
  log_patterns:
    description: Regular expressions of Python; a line of the kernel's log that has one is trouble.
    type: list
    elements: str
    default:
      - 'BUG: '
      - '\bOops\b'
      - 'WARNING: CPU'
      - '[Cc]all [Tt]race:'
      - 'Unable to handle kernel'
      - 'Kernel panic'
      - 'soft lockup|hard LOCKUP'
      - 'rcu: .*stall'
      - 'blocked for more than \d+ seconds'
      - 'Hardware Error'
      - 'I/O error'
      - '[Rr]emounting filesystem read-only'
      - 'DMAR: .*fault|SMMU.*fault|IO_PAGE_FAULT'
  log_ignore:
    description: Regular expressions of lines that are no trouble all the same.
    type: list
    elements: str
    default: []
  root:
    description: Where the machine's files are; for tests.
    type: path
    default: /
attributes:
  check_mode:
    description: The module only reads.
    support: full
notes:
  - Some facts need root. What cannot be read is C(null), or an empty list.
"""

EXAMPLES = r"""
- name: Read how this machine was started
  kexec_file.fleet.boot_state:
  register: state

- name: Print whether kexec started it
  ansible.builtin.debug:
    msg: "{{ inventory_hostname }} was started by {{ state.started_by }} ({{ state.started_by_source }})"
"""

RETURN = r"""
boot_id:
  description: The number of this boot (random(4)).
  returned: always
  type: str
machine_id:
  description: The number of this installation (machine-id(5)).
  returned: always
  type: str
machine:
  description: What C(uname -m) prints.
  returned: always
  type: str
release:
  description: The release of the running kernel.
  returned: always
  type: str
command_line:
  description: The running kernel's command line.
  returned: always
  type: str
loaded:
  description: Whether a kernel is loaded for kexec.
  returned: always
  type: bool
load_disabled:
  description: Whether the sysctl C(kernel.kexec_load_disabled) forbids loads until the next boot.
  returned: always
  type: bool
crash_loaded:
  description: Whether a crash kernel is loaded.
  returned: always
  type: bool
crash_size:
  description: The size of the crash region, in bytes.
  returned: always
  type: int
started_by:
  description: C(kexec), C(firmware), or C(unknown) if the machine does not show it.
  returned: always
  type: str
started_by_source:
  description: The file that shows it.
  returned: always
  type: str
reset_cause:
  description: >-
    Why firmware started the machine, if I(before) is given: C(panic) if pstore has a new record, C(watchdog) if a watchdog says
    that it reset the machine, else C(unknown).
  returned: if firmware started it, and I(before) is given
  type: str
system_state:
  description: What C(systemctl is-system-running) prints.
  returned: always
  type: str
failed_units:
  description: The units of systemd that have failed.
  returned: always
  type: list
  elements: str
taint:
  description: The kernel's taint, as a number (Documentation/admin-guide/tainted-kernels.rst).
  returned: always
  type: int
log_trouble:
  description: Lines of the kernel's log that match I(log_patterns); at most 200.
  returned: always
  type: list
  elements: str
pstore:
  description: Logs that kernels left in pstore when they crashed, with their last lines.
  returned: always
  type: list
  elements: dict
watchdogs:
  description: The hardware watchdogs; software ones are left out, because they end with the kernel.
  returned: always
  type: list
  elements: dict
boot_loader:
  description: What can set the next boot by firmware, C(grub), V(systemd-boot), C(efibootmgr) or C(none).
  returned: always
  type: str
facts_digest:
  description: A digest of what a recorded machine depends on within a boot.
  returned: always
  type: str
problems:
  description: Each difference from I(expect), and each trouble that I(before) does not have.
  returned: always
  type: list
  elements: dict
"""

import hashlib
import itertools
import os
import re
import time

from ansible.module_utils.basic import AnsibleModule

MAX_FILE = 4 * 1024 * 1024
PIECE = 64 * 1024
MAX_TROUBLE = 200
MAX_RECORDS = 16
PSTORE_LINES = 30

# type_of_loader of a kernel that kexec loaded, 0xd, is in the high bits (Documentation/arch/x86/boot.rst).
KEXEC_LOADER = 0xD

# WDIOF_CARDRESET of include/uapi/linux/watchdog.h: the watchdog reset the machine.
CARD_RESET = 0x20

# What systemd prints while it still starts units.
STARTING = ("initializing", "starting")

TAINTS = {
    0: "P (proprietary module)",
    1: "F (module loaded by force)",
    2: "S (CPU out of specification)",
    3: "R (module unloaded by force)",
    4: "M (machine check)",
    5: "B (bad page)",
    7: "D (the kernel died: oops or BUG)",
    9: "W (the kernel warned)",
    11: "I (workaround for firmware)",
    12: "O (out-of-tree module)",
    13: "E (unsigned module)",
    14: "L (soft lockup)",
    15: "K (live patch)",
}

# Taint that says that this boot went wrong. The others say what is installed.
TROUBLE_TAINTS = (4, 5, 7, 9, 14)

# What can differ between two recordings of the same boot.
RECORDED = [
    "proc/iomem",
    "proc/cmdline",
    "proc/sys/kernel/osrelease",
    "proc/sys/kernel/kexec_load_disabled",
    "proc/sys/kernel/kexec_load_limit_reboot",
    "proc/sys/kernel/kexec_load_limit_panic",
    "sys/kernel/security/lockdown",
    "sys/kernel/kexec_crash_size",
    "sys/devices/system/cpu/possible",
    "etc/default/kdump-tools",
    "etc/kdump.conf",
    "etc/sysconfig/kdump",
]


class Machine(object):
    """The files of a machine, and the programs that run on it."""

    def __init__(self, module):
        self.module = module
        self.root = module.params["root"]

    def path(self, name):
        return os.path.join(self.root, name)

    def read_bytes(self, name):
        """Returns the file's bytes, at most MAX_FILE; None if it cannot be read."""
        try:
            # In pieces: the kernel refuses to read a sysctl into a large buffer (ENOMEM).
            with open(self.path(name), "rb", buffering=0) as file:
                return b"".join(itertools.islice(iter(lambda: file.read(PIECE), b""), MAX_FILE // PIECE))
        except (IOError, OSError):
            return None

    def read(self, name):
        content = self.read_bytes(name)
        return None if content is None else content.decode("utf-8", "replace").rstrip("\n\0")

    def read_number(self, name):
        try:
            return int(self.read(name) or "")
        except ValueError:
            return None

    def list(self, name):
        try:
            return sorted(os.listdir(self.path(name)))
        except OSError:
            return []

    def exists(self, name):
        return os.path.exists(self.path(name))

    def run(self, *args):
        """Returns what a program printed, whatever its status; an empty text if there is none."""
        if self.module.get_bin_path(args[0]) is None:
            return ""
        return self.module.run_command(list(args), environ_update={"LC_ALL": "C"})[1]


def find_start(machine):
    """Returns who started the running kernel, and the file that shows it."""
    # kexec_file_load() of arm64 and riscv, and kexec-file, leave this property to the next kernel. A kernel that uses
    # ACPI unpacks no device tree, but shows the one that it was given.
    if machine.exists("proc/device-tree/chosen/linux,booted-from-kexec"):
        return "kexec", "/proc/device-tree/chosen/linux,booted-from-kexec"
    tree = machine.read_bytes("sys/firmware/fdt")
    if tree is not None:
        started_by = "kexec" if b"linux,booted-from-kexec\0" in tree else "firmware"
        return started_by, "/sys/firmware/fdt"
    loader = machine.read_number("proc/sys/kernel/bootloader_type")
    if loader is not None:
        return "kexec" if loader >> 4 == KEXEC_LOADER else "firmware", "/proc/sys/kernel/bootloader_type"
    if machine.exists("proc/device-tree/chosen"):
        return "firmware", "/proc/device-tree/chosen"
    return "unknown", "none: neither a device tree nor a boot loader's type can be read"


def find_boot_loader(machine):
    """Returns what can set the next boot by firmware."""
    loader = machine.read_bytes("sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f")
    if loader is not None and b"systemd-boot" in loader.replace(b"\0", b""):
        return "systemd-boot"
    for folder in ("boot/grub", "boot/grub2"):
        if machine.exists(folder + "/grub.cfg") and machine.exists(folder + "/grubenv"):
            return "grub"
    if machine.list("sys/firmware/efi/efivars") and machine.module.get_bin_path("efibootmgr") is not None:
        return "efibootmgr"
    return "none"


def list_watchdogs(machine):
    watchdogs = []
    for name in machine.list("sys/class/watchdog"):
        folder = "sys/class/watchdog/" + name
        identity = machine.read(folder + "/identity") or ""
        if "software" in identity.lower():
            continue
        status = machine.read(folder + "/bootstatus")
        watchdogs.append(
            dict(
                name=name,
                identity=identity,
                timeout=machine.read_number(folder + "/timeout"),
                was_reset=bool(int(status, 0) & CARD_RESET) if status and status.isdigit() else False,
            )
        )
    return watchdogs


def list_pstore(machine):
    """Returns the logs that kernels left when they crashed. systemd-pstore.service moves them from sys/fs/pstore."""
    records = []
    for folder in ("sys/fs/pstore", "var/lib/systemd/pstore"):
        for parent, folders, files in os.walk(machine.path(folder)):
            folders.sort()
            for file in sorted(files):
                if "dmesg" not in file or len(records) >= MAX_RECORDS:
                    continue
                path = os.path.relpath(os.path.join(parent, file), machine.root)
                lines = (machine.read(path) or "").splitlines()
                records.append(dict(path="/" + path, tail=lines[-PSTORE_LINES:]))
    return records


def list_failed_units(machine):
    printed = machine.run("systemctl", "list-units", "--state=failed", "--plain", "--no-legend", "--full")
    return sorted(line.split()[0] for line in printed.splitlines() if line.strip())


def list_trouble(machine, patterns, ignored):
    log = machine.run("journalctl", "-q", "-k", "-b", "--no-pager", "-o", "cat") or machine.run("dmesg", "-t")
    wanted = [re.compile(pattern) for pattern in patterns]
    unwanted = [re.compile(pattern) for pattern in ignored]
    lines = [
        line.strip()
        for line in log.splitlines()
        if any(pattern.search(line) for pattern in wanted) and not any(pattern.search(line) for pattern in unwanted)
    ]
    return lines[:MAX_TROUBLE]


def digest_facts(machine):
    digest = hashlib.sha256()
    efivars = "sys/firmware/efi/efivars"
    keys = [
        efivars + "/" + name
        for name in machine.list(efivars)
        if name.split("-")[0] in ("db", "dbx", "SecureBoot", "SetupMode", "MokListRT", "MokListXRT", "MokListTrustedRT")
    ]
    for name in RECORDED + keys:
        content = machine.read_bytes(name)
        digest.update(name.encode("utf-8") + (b"\0-\0" if content is None else b"\0+" + content + b"\0"))
    return digest.hexdigest()


def wait_until_started(machine, seconds):
    """Returns the state of systemd, as soon as it has started everything."""
    end = time.time() + seconds
    while True:
        state = machine.run("systemctl", "is-system-running").strip() or "unknown"
        if state not in STARTING or time.time() >= end:
            return state
        time.sleep(2)


def read_state(machine):
    params = machine.module.params
    system_state = wait_until_started(machine, params["wait"])
    started_by, source = find_start(machine)
    return dict(
        boot_id=machine.read("proc/sys/kernel/random/boot_id") or "",
        machine_id=machine.read("etc/machine-id") or "",
        machine=os.uname()[4],
        release=machine.read("proc/sys/kernel/osrelease") or os.uname()[2],
        command_line=machine.read("proc/cmdline") or "",
        loaded=machine.read("sys/kernel/kexec_loaded") == "1" or machine.read("sys/kernel/kexec/loaded") == "1",
        load_disabled=machine.read_number("proc/sys/kernel/kexec_load_disabled") == 1,
        crash_loaded=machine.read("sys/kernel/kexec_crash_loaded") == "1"
        or machine.read("sys/kernel/kexec/crash_loaded") == "1",
        crash_size=machine.read_number("sys/kernel/kexec_crash_size")
        or machine.read_number("sys/kernel/kexec/crash_size")
        or 0,
        started_by=started_by,
        started_by_source=source,
        system_state=system_state,
        failed_units=list_failed_units(machine),
        taint=machine.read_number("proc/sys/kernel/tainted") or 0,
        log_trouble=list_trouble(machine, params["log_patterns"], params["log_ignore"]),
        pstore=list_pstore(machine),
        watchdogs=list_watchdogs(machine),
        boot_loader=find_boot_loader(machine),
        facts_digest=digest_facts(machine),
    )


def find_reset_cause(state, before):
    """Returns why firmware started the machine."""
    known = [record["path"] for record in before.get("pstore", [])]
    if any(record["path"] not in known for record in state["pstore"]):
        return "panic"
    if any(watchdog["was_reset"] for watchdog in state["watchdogs"]):
        return "watchdog"
    return "unknown"


def normalize(line):
    """Returns a line without its numbers, which differ from boot to boot."""
    return re.sub(r"0x[0-9a-fA-F]+|\d+", "#", line)


def list_problems(state, before, expect):
    """Returns each difference from what was expected, and each new trouble: check, seen, wanted."""
    problems = []

    def note(check, seen, wanted):
        problems.append(dict(check=check, seen=seen, wanted=wanted))

    way = expect.get("way")
    if before and state["boot_id"] == before["boot_id"]:
        note("boot-id", "the same boot as before, " + state["boot_id"], "another boot")
    if before and state["machine_id"] != before["machine_id"]:
        note("machine-id", state["machine_id"], "the same machine, " + before["machine_id"])
    if way == "kexec" and state["started_by"] == "firmware":
        note("way", "firmware started it, cause: " + state.get("reset_cause", "unknown"), "started by kexec")
    for check in ("release", "command_line"):
        wanted = expect.get(check)
        # A boot loader may add blanks.
        if wanted and state[check].split() != wanted.split():
            note(check.replace("_", "-"), state[check], wanted)
    if expect and state["loaded"]:
        note("loaded", "a kernel is loaded", "nothing loaded after the reboot")
    if state["system_state"] not in ("running", "degraded", "unknown"):
        note("system-state", state["system_state"], "running")
    for unit in state["failed_units"]:
        if unit not in before.get("failed_units", []):
            note("units", unit + " has failed", "the units that failed before, or none")
    taint = state["taint"] & ~before.get("taint", 0)
    for bit in TROUBLE_TAINTS:
        if taint & (1 << bit):
            note("taint", TAINTS[bit], "not tainted by it")
    known = [normalize(line) for line in before.get("log_trouble", [])]
    for line in state["log_trouble"]:
        if normalize(line) not in known:
            note("log", line, "no such line")
            known.append(normalize(line))
    return problems


def describe(way, release, command_line):
    return "started by: %s\nrelease: %s\ncommand line: %s\n" % (way, release, command_line)


def main():
    expect = dict(
        type="dict",
        options=dict(
            way=dict(type="str", choices=["kexec", "firmware"], default="kexec"),
            release=dict(type="str"),
            command_line=dict(type="str"),
        ),
    )
    module = AnsibleModule(
        argument_spec=dict(
            before=dict(type="dict"),
            expect=expect,
            plan=dict(type="bool", default=False),
            wait=dict(type="int", default=0),
            log_patterns=dict(
                type="list",
                elements="str",
                default=[
                    r"BUG: ",
                    r"\bOops\b",
                    r"WARNING: CPU",
                    r"[Cc]all [Tt]race:",
                    r"Unable to handle kernel",
                    r"Kernel panic",
                    r"soft lockup|hard LOCKUP",
                    r"rcu: .*stall",
                    r"blocked for more than \d+ seconds",
                    r"Hardware Error",
                    r"I/O error",
                    r"[Rr]emounting filesystem read-only",
                    r"DMAR: .*fault|SMMU.*fault|IO_PAGE_FAULT",
                ],
            ),
            log_ignore=dict(type="list", elements="str", default=[]),
            root=dict(type="path", default="/"),
        ),
        supports_check_mode=True,
    )
    state = read_state(Machine(module))
    before = module.params["before"] or {}
    wanted = module.params["expect"] or {}
    if module.params["plan"]:
        diff = dict(
            before=describe(state["started_by"], state["release"], state["command_line"]),
            after=describe(
                wanted.get("way"),
                wanted.get("release") or "that of the boot loader's default entry",
                wanted.get("command_line") or "that of the boot loader's default entry",
            ),
        )
        module.exit_json(changed=True, diff=diff, problems=[], **state)
    if before and state["started_by"] == "firmware":
        state["reset_cause"] = find_reset_cause(state, before)
    module.exit_json(changed=False, problems=list_problems(state, before, wanted) if before or wanted else [], **state)


if __name__ == "__main__":
    main()
